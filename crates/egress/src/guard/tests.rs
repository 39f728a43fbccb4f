#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::net::IpAddr;

use serde::Deserialize;

use super::*;
use crate::resolver::SystemResolver;

#[derive(Deserialize)]
struct Urls {
    cases: Vec<Case>,
    listings_refused: Vec<String>,
    domains_refused: Vec<String>,
}

#[derive(Deserialize)]
struct Case {
    url: String,
    #[serde(default)]
    listed: Vec<String>,
    domains: Option<Vec<String>>,
    verdict: String,
}

#[derive(Deserialize)]
struct Addresses {
    global: Vec<IpAddr>,
    local: Vec<IpAddr>,
    never: Vec<IpAddr>,
}

fn urls() -> Urls {
    serde_json::from_str(include_str!("../../../../conformance/egress/urls.json")).unwrap()
}

fn guard(listed: &[String], domains: Option<&[String]>) -> Result<Guard, SetupError> {
    Guard::new(listed, domains, Arc::new(SystemResolver))
}

#[test]
fn every_url_of_the_table_has_its_verdict() {
    for Case { url, listed, domains, verdict } in urls().cases {
        let guard = guard(&listed, domains.as_deref()).unwrap();
        let admitted = Target::parse(&url).and_then(|target| guard.admit(&target.origin));
        let found = match &admitted {
            Ok(()) => "ok",
            Err(Refused::Form(_)) => "form",
            Err(Refused::NotListed { .. }) => "not_listed",
            Err(Refused::Domain { .. }) => "domain",
            Err(Refused::Never { .. }) => "never",
        };
        assert_eq!(found, verdict, "{url:?}: {admitted:?}");
    }
}

#[test]
fn a_listing_that_could_never_work_is_an_error() {
    let Urls { listings_refused, domains_refused, .. } = urls();
    for text in listings_refused {
        assert!(matches!(guard(std::slice::from_ref(&text), None), Err(SetupError::Target { .. })), "{text:?}");
    }
    for text in domains_refused {
        let domains = [text];
        assert!(matches!(guard(&[], Some(&domains)), Err(SetupError::Domain { .. })), "{domains:?}");
    }
}

#[test]
fn every_address_of_the_table_has_its_reach() {
    let Addresses { global, local, never } =
        serde_json::from_str(include_str!("../../../../conformance/egress/addresses.json")).unwrap();
    for (addresses, expected) in [(global, Reach::Global), (local, Reach::Local), (never, Reach::Never)] {
        for address in addresses {
            assert_eq!(reach(address), expected, "{address}");
        }
    }
}

#[test]
fn a_password_in_a_url_is_not_repeated() {
    let refused = Target::parse("https://user:hunter22@example.com").unwrap_err().to_string();
    assert!(!refused.contains("hunter22"), "{refused}");
}

#[test]
fn nothing_that_is_joined_to_a_target_leaves_it() {
    let base = Target::parse("https://a.example/v1").unwrap();
    for (segment, path) in [
        ("gpt-4o", "/v1/gpt-4o"),
        ("..", "/v1/%2E%2E"),
        ("a/../b", "/v1/a%2F..%2Fb"),
        ("x?y#z", "/v1/x%3Fy%23z"),
        ("a\r\nHost: b", "/v1/a%0D%0AHost%3A%20b"),
        ("@evil.example", "/v1/%40evil.example"),
    ] {
        let uri = base.join(&[segment]).with_query("api-version", "1&x=2").uri().unwrap();
        assert_eq!((uri.host(), uri.path(), uri.query()), (Some("a.example"), path, Some("api-version=1%26x%3D2")));
    }
}
