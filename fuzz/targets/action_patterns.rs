#![no_main]

#[path = "../properties/action_patterns.rs"]
mod action_patterns;
#[path = "../../crates/rbac/tests/it/naive/pattern.rs"]
mod pattern;

libfuzzer_sys::fuzz_target!(|data: &[u8]| action_patterns::check(data));
