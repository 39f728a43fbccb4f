//! Schemas without references: a model is told each whole.

use serde_json::{Map, Value};

use super::ToolError;
use super::document::Document;

/// Values in one schema once its references are filled in. A reference that is used often grows a document, and what a model cannot read
/// at once is no schema for it.
const VALUES_LIMIT: usize = 20_000;
/// What a value takes of the document's budget beyond its letters: about what it takes in memory.
const VALUE_BYTES: usize = 64;
/// Levels of one schema.
const DEPTH_LIMIT: usize = 64;

/// The schema at `path` with all references filled in. Where one leads back to itself, anything may stand.
pub(super) fn inlined<'a>(document: &Document<'a>, path: &str, schema: &'a Value) -> Result<Value, ToolError> {
    let mut inliner = Inliner { document, path, left: VALUES_LIMIT, open: Vec::new() };
    inliner.value(schema, 0)
}

struct Inliner<'d, 'a> {
    document: &'d Document<'a>,
    path: &'d str,
    left: usize,
    open: Vec<&'a str>,
}

impl<'a> Inliner<'_, 'a> {
    fn value(&mut self, value: &'a Value, depth: usize) -> Result<Value, ToolError> {
        self.document.spend(self.path, VALUE_BYTES + value.as_str().map_or(0, str::len))?;
        self.left = match self.left.checked_sub(1) {
            Some(left) if depth < DEPTH_LIMIT => left,
            _ => return Err(ToolError::new(self.path, "the schema is too large once its references are filled in")),
        };
        match value {
            Value::Object(map) => match map.get("$ref").and_then(Value::as_str) {
                Some(reference) => self.reference(reference, map, depth),
                None => self.members(map, depth).map(Value::Object),
            },
            Value::Array(list) => list.iter().map(|value| self.value(value, depth + 1)).collect(),
            plain => Ok(plain.clone()),
        }
    }

    fn members(&mut self, map: &'a Map<String, Value>, depth: usize) -> Result<Map<String, Value>, ToolError> {
        let inner = |(name, value): (&String, &'a Value)| {
            self.document.spend(self.path, name.len())?;
            Ok((name.clone(), self.value(value, depth + 1)?))
        };
        map.iter().filter(|(name, _)| *name != "$ref").map(inner).collect()
    }

    fn reference(
        &mut self,
        reference: &'a str,
        beside: &'a Map<String, Value>,
        depth: usize,
    ) -> Result<Value, ToolError> {
        if self.open.contains(&reference) {
            return Ok(Value::Object(Map::new()));
        }
        let referred = self.document.referred(self.path, reference)?;
        self.open.push(reference);
        let filled = self.value(referred, depth + 1)?;
        self.open.pop();
        // OpenAPI 3.1 lets a description stand beside a reference.
        match filled {
            Value::Object(mut map) => {
                map.extend(self.members(beside, depth)?);
                Ok(Value::Object(map))
            }
            other => Ok(other),
        }
    }
}
