use super::*;

#[test]
fn a_product_file_without_a_first_line_is_found() {
    let source = |path: &str| Source { path: path.to_owned(), text: "use a;\n".to_owned() };
    assert!(first_line(&source("crates/a/src/b.rs")).is_some());
    assert!(first_line(&source("crates/a/src/b/tests.rs")).is_none());
}
