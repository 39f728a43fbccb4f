#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
use arm::{ErrorCode, Scope};
use serde_json::json;

use super::ResourceGroup;
use crate::testing::{Bench, GROUP, golden};

fn bench() -> Bench {
    Bench { id: Scope::parse(GROUP).unwrap(), ..Bench::new("accounts/unused") }
}

#[test]
fn a_group_needs_a_region_and_keeps_it() {
    assert_eq!(bench().put::<ResourceGroup>(&json!({})).unwrap_err().code, ErrorCode::LocationRequired);
    let bench = bench().with_existing::<ResourceGroup>(&json!({ "location": "Sweden Central" }));
    assert!(bench.put::<ResourceGroup>(&json!({ "tags": {} })).is_ok());
    let error = bench.put::<ResourceGroup>(&json!({ "location": "local" })).unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidResourceLocation);
}

#[test]
fn a_group_takes_no_properties_of_other_types() {
    let error = bench().put::<ResourceGroup>(&json!({ "location": "local", "properties": { "x": 1 } })).unwrap_err();
    assert_eq!(error.target.as_deref(), Some("properties.x"));
}

#[test]
fn a_group_on_the_wire_is_the_golden_one() {
    golden(
        "resource_group",
        &bench().wire::<ResourceGroup>(&json!({ "location": "local", "tags": { "team": "risk" } })),
    );
}
