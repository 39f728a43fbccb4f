//! An OpenAPI document: its version, its servers, its references, its operations.

use std::cell::Cell;
use std::collections::HashSet;

use http::Method;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::auth::KeyPlace;
use super::operation::{Operation, Reader};
use super::{DOCUMENT_LIMIT_BYTES, Fields, ToolError, quoted};

/// References that lead to references; more go round in circles.
const REFERENCES_LIMIT: usize = 16;
/// Operations of one document: as many as a definition may have tools.
const OPERATIONS_LIMIT: usize = 128;
/// What all schemas, names and descriptions of one document come to once its references are filled in. Each use of a reference counts:
/// a small document could else fill the memory, and no model reads as much.
const INLINED_LIMIT_BYTES: usize = 16 * 1024 * 1024;
/// The longest address of a server, also with its variables filled in.
const SERVER_LIMIT_BYTES: usize = 4096;
/// The members of a path that are operations.
const METHODS: [(&str, Method); 7] = [
    ("get", Method::GET),
    ("put", Method::PUT),
    ("post", Method::POST),
    ("delete", Method::DELETE),
    ("patch", Method::PATCH),
    ("head", Method::HEAD),
    ("options", Method::OPTIONS),
];

/// A document, not yet looked into.
pub(super) struct Document<'a> {
    root: &'a Value,
    fields: Fields<'a>,
    /// What is left of [`INLINED_LIMIT_BYTES`].
    left: Cell<usize>,
}

impl<'a> Document<'a> {
    /// Reads `spec`, whose version and size are looked at.
    pub(super) fn read(tool: &Fields<'a>) -> Result<Document<'a>, ToolError> {
        let fields = tool.required_object("spec")?;
        let Some(root) = tool.value("spec") else { return Err(tool.wrong("spec", "it is required, and missing")) };
        let size = root.to_string().len();
        if size > DOCUMENT_LIMIT_BYTES {
            let message = format!("{size} bytes, at most {DOCUMENT_LIMIT_BYTES} may be; leave out what is not used");
            return Err(tool.wrong("spec", message));
        }
        if fields.value("swagger").is_some() {
            return Err(fields.wrong("swagger", "expected a document of OpenAPI 3.0 or 3.1; convert this one"));
        }
        let version = fields.required_text("openapi")?;
        if !version.starts_with("3.0.") && !version.starts_with("3.1.") {
            let message = format!("expected `3.0.x` or `3.1.x`, got `{}`", quoted(version));
            return Err(fields.wrong("openapi", message));
        }
        Ok(Document { root, fields, left: Cell::new(INLINED_LIMIT_BYTES) })
    }

    /// Takes something that is copied out of the document from what all of it may come to.
    pub(super) fn spend(&self, path: &str, bytes: usize) -> Result<(), ToolError> {
        let Some(left) = self.left.get().checked_sub(bytes) else {
            let message = format!(
                "the document is too large once its references are filled in: more than {INLINED_LIMIT_BYTES} bytes; leave out what is \
                 not used"
            );
            return Err(ToolError::new(path, message));
        };
        self.left.set(left);
        Ok(())
    }

    /// Follows references within the document.
    pub(super) fn resolved(&self, path: &str, value: &'a Value) -> Result<&'a Value, ToolError> {
        let mut at = value;
        for _ in 0..REFERENCES_LIMIT {
            match at.get("$ref").and_then(Value::as_str) {
                None => return Ok(at),
                Some(reference) => at = self.referred(path, reference)?,
            }
        }
        Err(ToolError::new(path, "its `$ref` goes round in circles"))
    }

    /// What a reference names.
    pub(super) fn referred(&self, path: &str, reference: &str) -> Result<&'a Value, ToolError> {
        let Some(pointer) = reference.strip_prefix('#') else {
            let message =
                format!("`$ref` to `{}` leads out of the document; only `#/…` is followed", quoted(reference));
            return Err(ToolError::new(path, message));
        };
        let pointer = percent_decode_str(pointer).decode_utf8_lossy();
        self.root.pointer(&pointer).ok_or_else(|| {
            ToolError::new(path, format!("`$ref` to `{}`, which is not in the document", quoted(reference)))
        })
    }

    /// All operations; parameters of the names in `fixed` are not left to the model.
    pub(super) fn operations(&self, fixed: &[String]) -> Result<Vec<Operation>, ToolError> {
        let paths = self.fields.required_object("paths")?;
        let mut operations: Vec<Operation> = Vec::new();
        let mut ids = HashSet::new();
        for (template, item) in paths.members().filter(|(template, _)| template.starts_with('/')) {
            let at = paths.path_of(&quoted(template));
            let item = Fields::of(&at, self.resolved(&at, item)?)?;
            for (name, method) in METHODS {
                let Some(operation) = item.object(name)? else { continue };
                if operations.len() >= OPERATIONS_LIMIT {
                    let message = format!("more than {OPERATIONS_LIMIT} operations; leave out what is not used");
                    return Err(self.fields.wrong("paths", message));
                }
                let server = self.server(&[&operation, &item])?;
                let reader = Reader { document: self, item: &item, operation: &operation, fixed };
                let operation = reader.read(template, method, server)?;
                if !ids.insert(operation.id.clone()) {
                    let message = format!("the `operationId` `{}` is there twice", operation.id);
                    return Err(ToolError::new(at, message));
                }
                operations.push(operation);
            }
        }
        if operations.is_empty() {
            return Err(self.fields.wrong("paths", "there is no operation"));
        }
        Ok(operations)
    }

    /// The first server of the innermost of these places that has some, else of the document, with its variables filled in.
    fn server(&self, places: &[&Fields<'a>]) -> Result<String, ToolError> {
        let inner = places.iter().copied().chain([&self.fields]);
        let Some((place, servers)) = inner.filter_map(|place| Some((place, place.value("servers")?))).next() else {
            return Err(self.fields.wrong("servers", "it is required, and missing: `[{\"url\": \"https://…\"}]`"));
        };
        let Some(first) = servers.as_array().and_then(|servers| servers.first()) else {
            return Err(place.wrong("servers", "expected a list of servers with one at least"));
        };
        let fields = Fields::of(place.path_of("servers[0]"), first)?;
        let short = |url: &str| match url.len() {
            0..=SERVER_LIMIT_BYTES => Ok(()),
            _ => Err(fields.wrong("url", format!("it is longer than {SERVER_LIMIT_BYTES} bytes"))),
        };
        let mut url = fields.required_text("url")?.to_owned();
        short(&url)?;
        if let Some(variables) = fields.object("variables")? {
            for (name, _) in variables.members() {
                let variable = variables.required_object(name)?;
                let default = variable.required_text("default")?;
                // Before it is filled in, too: it may stand there often.
                short(default)?;
                url = url.replace(&format!("{{{name}}}"), default);
                short(&url)?;
            }
        }
        let is_absolute = url.contains("://");
        if is_absolute { Ok(url) } else { Err(fields.wrong("url", "expected a whole URL, `https://…`")) }
    }

    /// Where the API takes a key: by the schemes that the document asks for first, then by all others.
    pub(super) fn key_places(&self) -> Vec<KeyPlace> {
        let Some(Value::Object(schemes)) = self.root.pointer("/components/securitySchemes") else { return Vec::new() };
        let wanted: Vec<&str> = self
            .fields
            .value("security")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_object)
            .flat_map(|one| one.keys().map(String::as_str))
            .collect();
        let mut places: Vec<(bool, KeyPlace)> = schemes
            .iter()
            .filter_map(|(name, scheme)| {
                let scheme = self.resolved("spec.components.securitySchemes", scheme).ok()?;
                Some((!wanted.contains(&name.as_str()), KeyPlace::of(scheme)?))
            })
            .collect();
        places.sort_by_key(|(is_other, _)| *is_other);
        places.into_iter().map(|(_, place)| place).collect()
    }
}
