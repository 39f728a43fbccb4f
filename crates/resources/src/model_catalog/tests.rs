#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
use super::{Catalog, CatalogError};
use crate::testing::catalog;

fn entry(name: &str, version: &str, more: &str) -> String {
    format!(
        "[[model]]\nname = \"{name}\"\nversion = \"{version}\"\nformat = \"F\"\n{more}\nruns = {{ embedded = {{ file = \"f\" }} }}\n"
    )
}

#[test]
fn a_model_is_found_by_any_of_its_names_without_case() {
    assert_eq!(catalog().find("TINY", None).unwrap().name, "SmolLM2-135M-Instruct");
    assert!(catalog().find("tiny", Some("2")).is_none());
}

#[test]
fn the_first_version_is_the_default() {
    let text = entry("m", "2", "") + &entry("m", "1", "");
    assert_eq!(Catalog::from_toml(&text).unwrap().find("m", None).unwrap().version, "2");
}

#[test]
fn one_name_and_version_twice_is_refused_even_by_alias() {
    let text = entry("m", "1", "") + &entry("n", "1", "aliases = [\"M\"]");
    assert!(matches!(Catalog::from_toml(&text), Err(CatalogError::Twice { name, .. }) if name == "M"));
}

#[test]
fn an_unknown_key_is_refused() {
    let error = Catalog::from_toml(&entry("m", "1", "colour = 1")).unwrap_err();
    assert!(error.to_string().contains("colour"), "{error}");
    assert_eq!(Catalog::from_toml(&entry("", "1", "")), Err(CatalogError::Empty("name")));
}
