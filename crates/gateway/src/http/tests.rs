#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;

#[test]
fn a_dated_route_wants_a_date() {
    for good in ["api-version=2024-10-21", "API-Version=2025-04-01-preview"] {
        assert!(dated(&Query::parse(good)).is_ok(), "{good}");
    }
    for bad in ["", "api-version=", "api-version=v1", "api-version=2024-13-99", "api-version=banana-preview"] {
        let refused = dated(&Query::parse(bad)).unwrap_err();
        assert_eq!((refused.status.as_u16(), refused.body["error"]["code"].as_str()), (404, Some("404")), "{bad}");
        let message = refused.body["error"]["message"].as_str().unwrap();
        assert!(message.starts_with("Resource not found") && message.contains("api-version"), "{bad}: {message}");
    }
}
