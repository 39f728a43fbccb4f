#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use http::{HeaderMap, HeaderName, HeaderValue};

use super::is_own;

const URL: &str = "https://localhost:8443";

fn with(pairs: &[(&'static str, &'static str)]) -> bool {
    let pairs = pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
    is_own(&HeaderMap::from_iter(pairs), URL)
}

#[test]
fn a_form_of_this_server_and_a_client_that_is_no_browser_are_taken() {
    assert!(with(&[]));
    assert!(with(&[("origin", URL)]));
    assert!(with(&[("sec-fetch-site", "same-origin"), ("origin", "https://127.0.0.1:8443")]));
}

#[test]
fn a_form_of_another_site_is_not() {
    for site in ["cross-site", "same-site", ""] {
        assert!(!with(&[("sec-fetch-site", site)]), "{site}");
        assert!(!with(&[("sec-fetch-site", site), ("origin", URL)]), "{site}");
    }
    for origin in ["null", "", "https://evil.example", "http://localhost:8443", "https://localhost:8443.evil.example"] {
        assert!(!with(&[("origin", origin)]), "{origin}");
    }
}
