#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use http::HeaderMap;
use jiff::Timestamp;
use uuid::Uuid;

use super::{Heading, add, is_local};
use crate::route::Plane;

fn has_sts(public_url: &str) -> bool {
    let mut headers = HeaderMap::new();
    let heading = Heading {
        id: Uuid::nil(),
        decision_id: Uuid::nil(),
        now: Timestamp::UNIX_EPOCH,
        plane_by_look: Plane::Protocol,
        client_request_id: None,
    };
    add(&mut headers, heading, is_local(public_url));
    headers.contains_key("strict-transport-security")
}

#[test]
fn a_browser_is_told_to_keep_to_tls_except_on_its_own_machine() {
    assert!(has_sts("https://foundry.contoso.example"));
    for local in ["https://localhost:8443", "https://127.0.0.1:8443", "https://[::1]:8443"] {
        assert!(!has_sts(local), "{local}");
    }
}
