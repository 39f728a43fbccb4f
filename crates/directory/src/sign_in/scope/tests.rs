#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use super::{DEFAULT_RESOURCE, DelegatedScope};

#[test]
fn a_scope_names_one_resource_and_which_tokens_come_with_it() {
    let all = DelegatedScope::parse("https://localhost:8443/arm/.default offline_access openid profile").unwrap();
    assert_eq!(all.resource, "https://localhost:8443/arm");
    assert!(all.with_id_token && all.with_refresh_token);
    let one = DelegatedScope::parse("https://management.core.windows.net//.default").unwrap();
    assert_eq!(one.resource, "https://management.core.windows.net/");
    assert!(!one.with_id_token && !one.with_refresh_token);
    let twice = DelegatedScope::parse("https://ai.azure.com/.default https://ai.azure.com/user_impersonation");
    assert_eq!(twice.unwrap().resource, "https://ai.azure.com");
}

#[test]
fn who_asks_only_to_know_the_person_gets_the_directory() {
    assert_eq!(DelegatedScope::parse("openid profile").unwrap().resource, DEFAULT_RESOURCE);
}

#[test]
fn two_resources_a_bare_name_or_nothing_are_refused() {
    for scope in ["", "  ", "/.default", "User.Read", "https://ai.azure.com", "a/.default b/.default"] {
        assert!(DelegatedScope::parse(scope).is_err(), "{scope}");
    }
}

#[test]
fn the_answer_repeats_the_scope_that_clients_look_for() {
    let granted = DelegatedScope::again("https://localhost:8443/arm").granted();
    assert!(granted.split(' ').any(|one| one == "https://localhost:8443/arm/.default"), "{granted}");
}
