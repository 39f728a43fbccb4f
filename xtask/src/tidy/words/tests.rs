use super::*;

fn found(text: &str) -> usize {
    findings(&Source { path: "README.md".to_owned(), text: text.to_owned() }).len()
}

#[test]
fn a_path_of_one_machine_is_found() {
    assert_eq!(found(&format!("see {}{}main", "/wo", "rk/")), 1);
}

#[test]
fn a_word_inside_another_is_not() {
    assert_eq!(found(&format!("net{}{}a", "/wo", "rk/")), 0);
    assert_eq!(found("unshared, work, root"), 0);
}
