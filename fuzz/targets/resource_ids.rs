#![no_main]

#[path = "../properties/resource_ids.rs"]
mod resource_ids;

libfuzzer_sys::fuzz_target!(|data: &[u8]| resource_ids::check(data));
