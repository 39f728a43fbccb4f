//! Who wrote an authorization resource and when, as its properties say it; and the names that such resources may have.

use arm::{ArmError, ErrorCode, Resource, Scope};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::actor::Author;

/// What stays as it was when a resource is written again.
const BIRTH: [&str; 2] = ["createdOn", "createdBy"];

/// The GUID that `target` is named by, in its usual form of five groups: another form would be another row.
pub(crate) fn guid_name(target: &Scope, code: ErrorCode, noun: &str) -> Result<Uuid, ArmError> {
    let name = target.name();
    let id = Uuid::try_parse(name).ok().filter(|id| id.to_string().eq_ignore_ascii_case(name));
    id.ok_or_else(|| {
        let message = format!(
            "The {noun} ID '{name}' is not valid. The {noun} ID must be a GUID, such as '{}'.",
            Uuid::from_u128(0x1a2b_3c4d_5e6f_4a7b_8c9d_0e1f_2a3b_4c5d)
        );
        ArmError::new(code, message)
    })
}

/// Adds `createdOn`, `updatedOn`, `createdBy` and `updatedBy`; the first writer stays the one of `existing`.
pub(crate) fn sign(properties: &mut Map<String, Value>, author: &Author, now: Timestamp, existing: Option<&Resource>) {
    let time = json!(arm::wire_time(now));
    properties.extend([
        ("createdOn".to_owned(), time.clone()),
        ("updatedOn".to_owned(), time),
        ("createdBy".to_owned(), json!(author.principal)),
        ("updatedBy".to_owned(), json!(author.principal)),
    ]);
    for name in BIRTH {
        if let Some(value) = existing.and_then(|existing| existing.properties.get(name)) {
            properties.insert(name.to_owned(), value.clone());
        }
    }
}
