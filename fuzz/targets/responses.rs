#![no_main]

#[path = "../../crates/dialect/tests/it/order.rs"]
mod order;
#[path = "../properties/responses.rs"]
mod responses;

libfuzzer_sys::fuzz_target!(|data: &[u8]| responses::check(data));
