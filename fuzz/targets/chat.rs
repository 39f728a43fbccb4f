#![no_main]

#[path = "../properties/chat.rs"]
mod chat;
#[path = "../properties/exchange.rs"]
mod exchange;

libfuzzer_sys::fuzz_target!(|data: &[u8]| chat::check(data));
