#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::net::{IpAddr, Ipv4Addr};

use jiff::Timestamp;
use uuid::Uuid;

use super::*;

const CLIENT: Uuid = Uuid::from_u128(1);
const USER: Uuid = Uuid::from_u128(2);

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_000 + second).unwrap()
}

fn asked(address: u8) -> Asked {
    Asked {
        client: CLIENT,
        client_name: "client".to_owned(),
        scope: DelegatedScope::again("https://ai.azure.com"),
        address: IpAddr::V4(Ipv4Addr::new(10, 0, 0, address)),
    }
}

#[test]
fn a_code_is_pending_then_approved_and_good_once() {
    let codes = DeviceCodes::default();
    let pair = codes.issue(asked(1), at(0)).unwrap();
    assert_eq!(codes.poll(&pair.device_code, CLIENT, at(0)), Poll::Pending);
    assert_eq!(codes.poll(&pair.device_code, CLIENT, at(1)), Poll::TooOften);
    assert_eq!(codes.poll(&pair.device_code, CLIENT, at(6)), Poll::Pending);
    let typed = format!(" {}-{} ", pair.user_code[..4].to_lowercase(), &pair.user_code[4..]);
    assert_eq!(codes.client_name(&typed, at(6)).as_deref(), Some("client"));
    assert!(codes.approve(&typed, USER, at(6)));
    assert!(!codes.approve(&pair.user_code, Uuid::from_u128(3), at(7)), "a user code is good once");
    assert!(matches!(codes.poll(&pair.device_code, CLIENT, at(7)), Poll::Approved(USER, _)));
    assert_eq!(codes.poll(&pair.device_code, CLIENT, at(8)), Poll::Unknown);
}

#[test]
fn a_code_is_of_its_client_and_ends() {
    let codes = DeviceCodes::default();
    let pair = codes.issue(asked(1), at(0)).unwrap();
    assert_eq!(codes.poll(&pair.device_code, Uuid::from_u128(9), at(0)), Poll::Unknown);
    assert_eq!(codes.poll(&pair.user_code, CLIENT, at(0)), Poll::Unknown, "what the page shows is no device code");
    assert_eq!(codes.poll(&pair.device_code, CLIENT, at(LIFETIME_S)), Poll::Expired);
    assert!(!codes.approve(&pair.user_code, USER, at(LIFETIME_S)));
}

#[test]
fn a_declined_code_stays_declined() {
    let codes = DeviceCodes::default();
    let pair = codes.issue(asked(1), at(0)).unwrap();
    assert!(codes.decline(&pair.user_code, at(0)));
    assert!(!codes.approve(&pair.user_code, USER, at(0)));
    assert_eq!(codes.poll(&pair.device_code, CLIENT, at(0)), Poll::Declined);
}

#[test]
fn one_address_cannot_take_all_codes() {
    let codes = DeviceCodes::default();
    for _ in 0..CODES_PER_ADDRESS {
        codes.issue(asked(1), at(0)).unwrap();
    }
    assert_eq!(codes.issue(asked(1), at(0)).err(), Some(NoCode::TooMany));
    assert!(codes.issue(asked(2), at(0)).is_ok());
    assert!(codes.issue(asked(1), at(2 * LIFETIME_S)).is_ok(), "codes that ended give way");
}
