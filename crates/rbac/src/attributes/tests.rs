#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use super::*;

fn environment<'a>(attributes: &'a Attributes, name: &str) -> Option<&'a [String]> {
    attributes.of_environment(|known| known.eq_ignore_ascii_case(name))
}

#[test]
fn the_time_of_a_request_reads_as_rfc_3339_and_no_request_comes_by_a_private_link() {
    let attributes = Attributes::none().with_now(Timestamp::from_second(1_800_000_000).unwrap());
    assert_eq!(environment(&attributes, "utcnow").unwrap(), ["2027-01-15T08:00:00Z"]);
    assert_eq!(environment(&attributes, "isPrivateLink").unwrap(), ["false"]);
    assert_eq!(environment(&attributes, "Microsoft.Network/privateEndpoints"), None);
    assert_eq!(environment(&Attributes::none(), "UtcNow"), None, "without a request there is no time");
}

#[test]
fn what_was_said_of_the_environment_by_hand_goes_before_what_is_known() {
    let given = Values::from([("UtcNow".to_owned(), vec!["2020-01-01T00:00:00Z".to_owned()])]);
    let attributes = Attributes { environment: given.into(), ..Attributes::none() }.with_now(Timestamp::UNIX_EPOCH);
    assert_eq!(environment(&attributes, "UtcNow").unwrap(), ["2020-01-01T00:00:00Z"]);
    assert_eq!(environment(&attributes, "isPrivateLink").unwrap(), ["false"]);
}

#[test]
fn reading_the_time_changes_nothing() {
    let read = Attributes::none().with_now(Timestamp::UNIX_EPOCH);
    let unread = read.clone();
    environment(&read, "UtcNow").unwrap();
    assert_eq!(read, unread);
}
