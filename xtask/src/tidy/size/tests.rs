use super::*;

fn source(path: &str, text: String) -> Source {
    Source { path: path.to_owned(), text }
}

#[test]
fn a_file_of_701_lines_is_found() {
    assert!(findings(&source("crates/a/src/b.rs", "\n".repeat(700))).is_empty());
    assert_eq!(findings(&source("crates/a/src/b.rs", "\n".repeat(701))).len(), 1);
}

#[test]
fn a_long_function_is_found_with_its_line_and_name() {
    let body = "        x();\n".repeat(80);
    let text = format!("//! A.\n\nimpl A {{\n    pub(crate) async fn long<T>(self) {{\n{body}    }}\n}}\n");
    let found = findings(&source("crates/a/src/b.rs", text.clone()));
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("b.rs:4: `long` has 82 lines"), "{found:?}");
    assert!(findings(&source("crates/a/src/b/tests.rs", text)).is_empty());
}

#[test]
fn a_trait_method_without_a_body_does_not_swallow_what_follows() {
    let text = "trait A {\n    fn a(&self);\n    fn b(&self) {\n        x();\n    }\n}\n";
    let lengths: Vec<usize> = functions(text).into_iter().map(|(_, _, length)| length).collect();
    assert_eq!(lengths, [1, 3]);
}
