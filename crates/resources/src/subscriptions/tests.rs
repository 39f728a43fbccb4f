#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
use arm::Scope;
use serde_json::json;

use super::Subscription;
use crate::testing::{Bench, golden};

#[test]
fn a_subscription_on_the_wire_is_the_golden_one() {
    let id = Scope::subscription("11111111-1111-1111-1111-111111111111");
    let bench = Bench { id, ..Bench::new("accounts/unused") };
    golden("subscription", &bench.wire::<Subscription>(&json!({ "properties": { "displayName": "Finance & Risk" } })));
    assert!(bench.put::<Subscription>(&json!({})).is_err());
}
