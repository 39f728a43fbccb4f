use super::*;

fn found(path: &str) -> usize {
    let text = format!("#[expect({}{}, reason = \"\")]", LINT.0, LINT.1);
    findings(&Source { path: path.to_owned(), text }).len()
}

#[test]
fn a_permit_made_elsewhere_is_found() {
    assert_eq!(found("crates/control/src/put.rs"), 1);
}

#[test]
fn the_named_files_and_tests_may() {
    assert_eq!(found("crates/access/src/admit.rs"), 0);
    assert_eq!(found("crates/store/src/write/tests.rs"), 0);
    assert_eq!(found("crates/store/tests/it/main.rs"), 0);
}
