//! Names that differ from a known one in case or punctuation alone: they would be kept, and never read.

use arm::ArmError;
use serde_json::{Map, Value};

use crate::fields::{invalid, quoted};

/// Refuses such a name, with the right spelling; other unknown names are the reader's business.
pub(super) fn check(path: &str, map: &Map<String, Value>, known: &[&str]) -> Result<(), ArmError> {
    misspelled(path, map, known).map_or(Ok(()), |(path, message)| Err(invalid(&path, message)))
}

/// The first such name: where it is, and what to write instead.
pub fn misspelled(path: &str, map: &Map<String, Value>, known: &[&str]) -> Option<(String, String)> {
    let meant_by = |name: &String| known.iter().find(|known| folded(known) == folded(name) && *known != name);
    let (name, meant) = map.keys().find_map(|name| Some((name, meant_by(name)?)))?;
    let path = format!("{path}.{}", quoted(name));
    let message = format!("`{path}` would never be read; it is spelled `{meant}`");
    Some((path, message))
}

/// A name without case and punctuation.
pub(super) fn folded(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
