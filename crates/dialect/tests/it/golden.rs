//! Golden files: what goes over the wire, byte for byte.

use std::fs;
use std::path::PathBuf;

/// A file below `conformance/wire`.
pub(crate) fn path(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../conformance/wire")).join(name)
}

/// Compares with the file, or rewrites it under `cargo xtask bless`.
pub(crate) fn check(name: &str, actual: &str) {
    let path = path(name);
    if std::env::var_os("CUPOLA_BLESS").is_some() {
        // In one step: other tests read the same file at the same time.
        let beside = path.with_extension("blessed");
        fs::write(&beside, actual).unwrap();
        fs::rename(&beside, &path).unwrap();
        return;
    }
    let wanted = fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; `cargo xtask bless` writes it", path.display()));
    assert_eq!(actual, wanted, "{name} differs; `cargo xtask bless` if it should");
}

/// The cases of a file, and the file again with what `answer` adds to each: compared, or rewritten.
pub(crate) fn check_cases(
    name: &str,
    least: usize,
    answer: impl Fn(&serde_json::Value) -> Vec<(&'static str, serde_json::Value)>,
) {
    let text = fs::read_to_string(path(name)).unwrap();
    let mut cases: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    assert!(cases.len() >= least, "{name} lost its cases");
    for case in &mut cases {
        for (field, value) in answer(case) {
            case[field] = value;
        }
    }
    check(name, &(serde_json::to_string_pretty(&cases).unwrap() + "\n"));
}
