#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
use arm::Scope;

use super::{find, namespaces, present};

#[test]
fn namespaces_are_found_without_case() {
    assert_eq!(find("microsoft.cognitiveservices"), Some("Microsoft.CognitiveServices"));
    assert_eq!(find("Microsoft.Cognitive"), None);
    let names: Vec<&str> = namespaces().into_iter().filter_map(|name| name.strip_prefix("Microsoft.")).collect();
    assert_eq!(names, ["Authorization", "CognitiveServices", "Insights", "Management", "Resources"]);
}

#[test]
fn az_resource_finds_a_version_that_is_not_a_preview() {
    let provider = present(&Scope::subscription("s1"), "Microsoft.CognitiveServices");
    let accounts =
        provider["resourceTypes"].as_array().unwrap().iter().find(|one| one["resourceType"] == "accounts").unwrap();
    let versions = accounts["apiVersions"].as_array().unwrap();
    assert!(versions.iter().any(|version| !version.as_str().unwrap().ends_with("-preview")));
    assert_eq!(provider["id"], "/subscriptions/s1/providers/Microsoft.CognitiveServices");
}

#[test]
fn the_providers_on_the_wire_are_the_golden_ones() {
    let all: Vec<_> = namespaces().into_iter().map(|name| present(&Scope::subscription("s1"), name)).collect();
    crate::testing::golden("providers", &all.into());
}
