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
        fs::write(&path, actual).unwrap();
        return;
    }
    let wanted = fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; `cargo xtask bless` writes it", path.display()));
    assert_eq!(actual, wanted, "{name} differs; `cargo xtask bless` if it should");
}
