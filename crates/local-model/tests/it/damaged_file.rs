//! Files that cannot be used are said so in one line, and nothing breaks.

use std::fs;
use std::path::{Path, PathBuf};

use local_model::{EmbeddedModel, ModelError};

use crate::real_model::{MODEL_FILE, model_path};

fn scratch(name: &str, bytes: &[u8]) -> PathBuf {
    let path = std::env::temp_dir().join(format!("cupola-{}-{name}", std::process::id()));
    fs::write(&path, bytes).unwrap();
    path
}

fn reason(path: &Path) -> String {
    let error = EmbeddedModel::new(path.to_owned()).get().map(drop).unwrap_err();
    assert!(matches!(error, ModelError::Unreadable { .. }), "{error}");
    let text = error.to_string();
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

#[test]
fn a_missing_file_names_the_command_that_fetches_it() {
    let error = EmbeddedModel::new(PathBuf::from("/nowhere").join(MODEL_FILE)).get().map(drop).unwrap_err();
    assert!(matches!(error, ModelError::Missing { .. }));
    assert!(error.to_string().contains("cargo xtask model"), "{error}");
}

#[test]
fn a_file_of_another_kind_is_refused() {
    let path = scratch("other.gguf", b"this is a letter, not a model, whatever its name says");
    assert!(reason(&path).contains("not a GGUF file"));
    fs::remove_file(path).unwrap();
}

#[test]
fn a_file_that_stops_early_is_refused() {
    let whole = fs::read(model_path()).unwrap();
    for length in [0, 3, 20, 5_000, whole.len() / 50, whole.len() / 2] {
        let path = scratch(&format!("cut-{length}.gguf"), &whole[..length]);
        reason(&path);
        fs::remove_file(path).unwrap();
    }
}

#[test]
fn a_file_that_arrives_later_is_found_without_a_restart() {
    let path = std::env::temp_dir().join(format!("cupola-{}-later.gguf", std::process::id()));
    let model = EmbeddedModel::new(path.clone());
    assert!(model.get().is_err());
    fs::copy(model_path(), &path).unwrap();
    assert!(model.get().is_ok());
    fs::remove_file(path).unwrap();
}

#[test]
fn a_look_at_the_beginning_tells_a_missing_file_and_another_kind() {
    assert!(EmbeddedModel::new(model_path()).check().is_ok());
    let missing = EmbeddedModel::new(PathBuf::from("/nowhere").join(MODEL_FILE)).check().unwrap_err();
    assert!(matches!(missing, ModelError::Missing { .. }), "{missing}");
    for (name, bytes) in [("letter.gguf", &b"this is a letter"[..]), ("short.gguf", b"GG")] {
        let path = scratch(name, bytes);
        let error = EmbeddedModel::new(path.clone()).check().unwrap_err();
        assert!(matches!(error, ModelError::Unreadable { .. }), "{error}");
        fs::remove_file(path).unwrap();
    }
}
