use super::*;

#[test]
fn every_command_has_help_that_starts_with_its_name_and_shows_an_example() {
    for (name, help, _) in COMMANDS {
        assert!(help.starts_with(&format!("cargo xtask {name}")), "{name}");
        assert!(help.contains("Example"), "{name}");
    }
}

#[test]
fn an_unknown_command_is_refused_by_name() {
    let error = dispatch(&["tset".to_owned()]).unwrap_err().to_string();
    assert!(error.contains("`tset`"), "{error}");
}
