use super::*;

fn check(path: &str, text: &str) -> Vec<String> {
    findings(&[Source { path: path.to_owned(), text: text.to_owned() }])
}

#[test]
fn an_arrow_upwards_is_found() {
    let found =
        check("crates/rbac/Cargo.toml", "[package]\n\n[dependencies]\narm.workspace = true\nstore.workspace = true\n");
    assert_eq!(found, ["crates/rbac/Cargo.toml: `rbac` must not use `store`"]);
}

#[test]
fn a_pure_crate_with_a_runtime_is_found() {
    let found = check("crates/arm/Cargo.toml", "[package]\n\n[dependencies]\ntokio = { workspace = true }\n");
    assert_eq!(found, ["crates/arm/Cargo.toml: `arm` is pure and must not use `tokio`"]);
}

#[test]
fn dev_dependencies_are_free() {
    assert!(
        check("crates/arm/Cargo.toml", "[package]\n\n[dependencies]\n\n[dev-dependencies]\ntokio = \"1\"\n").is_empty()
    );
}

#[test]
fn a_second_test_binary_is_found() {
    assert_eq!(check("crates/arm/tests/other.rs", "").len(), 1);
    assert!(check("crates/arm/tests/it/main.rs", "").is_empty());
}

#[test]
fn an_unplaced_crate_is_found() {
    assert_eq!(check("crates/extra/Cargo.toml", "").len(), 1);
}

#[test]
fn every_crate_uses_only_what_stands_before_it() {
    for (at, (name, may)) in ORDER.iter().enumerate() {
        for used in *may {
            assert!(ORDER[..at].iter().any(|(before, _)| before == used), "{name} uses {used}");
        }
    }
}

#[test]
fn bans_are_read_from_the_one_list() {
    assert_eq!(banned_in("deny = [\n    { crate = \"ring\", reason = \"x\" },\n]\n"), ["ring"]);
}
