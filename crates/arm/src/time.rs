//! How times print: RFC 3339 in UTC with seven digits, as ARM does.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serializer, de};

/// `2026-11-22T07:42:00.0000000Z`
pub fn wire_time(time: Timestamp) -> String {
    format!("{time:.7}")
}

pub(crate) fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&wire_time(*time))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(de::Error::custom)
}
