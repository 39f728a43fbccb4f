//! The text of a condition and its version, on an assignment or inside a role.

use arm::ArmError;

use crate::fields::{Fields, invalid, quoted};

/// Longest condition, bytes, as in Azure; also keeps parsing bounded.
const LIMIT_BYTES: usize = 8 * 1024;
/// The only public version of the language, and the one that is meant where none is named.
const VERSION: &str = "2.0";

/// Reads `condition` and `conditionVersion`; blank text is none. The text is not yet parsed.
pub(crate) fn condition_text(fields: &Fields<'_>) -> Result<Option<String>, ArmError> {
    let version = fields.string("conditionVersion")?;
    let Some(text) = fields.string("condition")?.filter(|text| !text.trim().is_empty()) else {
        return Ok(None);
    };
    if text.len() > LIMIT_BYTES {
        let path = fields.path_of("condition");
        return Err(invalid(&path, format!("`{path}` is longer than {LIMIT_BYTES} bytes")));
    }
    match version {
        None | Some(VERSION) => Ok(Some(text.to_owned())),
        Some(other) => {
            let path = fields.path_of("conditionVersion");
            Err(invalid(&path, format!("`{path}`: expected `{VERSION}`, got `{}`", quoted(other))))
        }
    }
}
