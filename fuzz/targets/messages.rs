#![no_main]

#[path = "../properties/messages.rs"]
mod messages;
#[path = "../properties/exchange.rs"]
mod exchange;

libfuzzer_sys::fuzz_target!(|data: &[u8]| messages::check(data));
