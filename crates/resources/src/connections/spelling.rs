//! Names that differ from a known one in case or punctuation alone: they would be kept, and never read.

use arm::ArmError;
use serde_json::{Map, Value};

use crate::fields::{invalid, quoted};

/// Refuses such a name, with the right spelling; other unknown names are the reader's business.
pub(super) fn check(path: &str, map: &Map<String, Value>, known: &[&str]) -> Result<(), ArmError> {
    for name in map.keys() {
        let meant = known.iter().find(|known| folded(known) == folded(name) && *known != name);
        if let Some(meant) = meant {
            let path = format!("{path}.{}", quoted(name));
            return Err(invalid(&path, format!("`{path}` would never be read; it is spelled `{meant}`")));
        }
    }
    Ok(())
}

/// A name without case and punctuation.
pub(super) fn folded(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
