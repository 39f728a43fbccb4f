#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
use super::{ENTRIES, find, nearest};

#[test]
fn a_type_is_found_by_either_name_and_without_case() {
    let group = find("microsoft.resources/resourcegroups").unwrap();
    assert_eq!(group.resource_type, "Microsoft.Resources/subscriptions/resourceGroups");
    assert_eq!(find("Microsoft.Resources/subscriptions/resourceGroups"), Some(group));
    assert_eq!(find("Microsoft.CognitiveServices/account"), None);
}

#[test]
fn a_misspelt_type_is_answered_with_the_nearest() {
    assert_eq!(nearest("Microsoft.CognitiveServices/acounts"), Some("Microsoft.CognitiveServices/accounts"));
}

#[test]
fn no_type_is_in_the_registry_twice() {
    for (index, entry) in ENTRIES.iter().enumerate() {
        let again =
            ENTRIES.iter().skip(index + 1).any(|other| other.resource_type.eq_ignore_ascii_case(entry.resource_type));
        assert!(!again, "{}", entry.resource_type);
        assert!(!entry.api_versions.is_empty(), "{}", entry.resource_type);
    }
}
