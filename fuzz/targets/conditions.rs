#![no_main]

#[path = "../properties/conditions.rs"]
mod conditions;

libfuzzer_sys::fuzz_target!(|data: &[u8]| conditions::check(data));
