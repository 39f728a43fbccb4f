//! The headers that a gateway wants: those that carry the key, and those added besides.

use arm::{ArmError, steers_message};
use serde_json::Value;

use super::metadata::{AUTH_CONFIG, CUSTOM_HEADERS, Metadata, path_of};
use crate::fields::{Fields, invalid, quoted};

/// What the key is put in for.
pub const API_KEY: &str = "{api_key}";
/// The header that carries the key where nothing else is said.
pub const DEFAULT_KEY_HEADER: &str = "api-key";
/// Longest header name and value, characters: as servers accept them.
const HEADER_LIMIT_CHARS: usize = 4096;

/// Headers that carry credentials: their values are no metadata, which everybody may read.
const CREDENTIALS: &[&str] =
    &["authorization", DEFAULT_KEY_HEADER, "x-api-key", "ocp-apim-subscription-key", "x-goog-api-key"];
/// Headers that this server writes itself.
const OURS: &[&str] = &["x-ms-client-request-id", "openai-project", "traceparent", "tracestate"];

/// The header that carries the key, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeyHeader {
    pub(super) name: String,
    pub(super) format: String,
}

/// What `authConfig` says; the defaults where it is not there.
pub(super) fn key_header(metadata: &Metadata<'_>) -> Result<KeyHeader, ArmError> {
    let default = KeyHeader { name: DEFAULT_KEY_HEADER.to_owned(), format: API_KEY.to_owned() };
    let Some(value) = metadata.json(AUTH_CONFIG)? else { return Ok(default) };
    let path = path_of(AUTH_CONFIG);
    let Value::Object(map) = &value else {
        return Err(invalid(&path, format!("`{path}`: expected a JSON object with `type`, `name` and `format`")));
    };
    let fields = Fields::new(&path, map);
    fields.only(&["type", "name", "format"], "`authConfig`")?;
    if let Some(other) = fields.string("type")?.filter(|given| *given != "api_key") {
        let path = fields.path_of("type");
        return Err(invalid(&path, format!("`{path}`: expected `api_key`, got `{}`", quoted(other))));
    }
    let name = fields.string("name")?.unwrap_or(DEFAULT_KEY_HEADER);
    if let Err(why) = named(name).and_then(|()| not_steering(name)) {
        let path = fields.path_of("name");
        return Err(invalid(&path, format!("`{path}`: {why}")));
    }
    let format = fields.string("format")?.unwrap_or(API_KEY);
    if format.matches(API_KEY).count() != 1 || !is_value(format) {
        let path = fields.path_of("format");
        let message = format!("`{path}` must hold `{API_KEY}` once, in visible characters, such as `Bearer {API_KEY}`");
        return Err(invalid(&path, message));
    }
    Ok(KeyHeader { name: name.to_ascii_lowercase(), format: format.to_owned() })
}

/// What `customHeaders` says, names in lower case.
pub(super) fn custom(metadata: &Metadata<'_>, key: &KeyHeader) -> Result<Vec<(String, String)>, ArmError> {
    let Some(value) = metadata.json(CUSTOM_HEADERS)? else { return Ok(Vec::new()) };
    let path = path_of(CUSTOM_HEADERS);
    let Value::Object(map) = &value else {
        return Err(invalid(&path, format!("`{path}`: expected a JSON object of header names and texts")));
    };
    let mut headers: Vec<(String, String)> = Vec::with_capacity(map.len());
    for (name, value) in map {
        let wrong = |why: String| {
            let path = format!("{path}.{}", quoted(name));
            invalid(&path, format!("`{path}`: {why}"))
        };
        named(name).and_then(|()| not_steering(name)).and_then(|()| is_free(name, key)).map_err(wrong)?;
        let text = value.as_str().filter(|text| is_value(text)).ok_or_else(|| {
            // The value may be one that nobody should read in a log.
            wrong("expected a text of visible characters".to_owned())
        })?;
        let name = name.to_ascii_lowercase();
        if headers.iter().any(|(before, _)| *before == name) {
            return Err(wrong("the header is named twice".to_owned()));
        }
        headers.push((name, text.to_owned()));
    }
    Ok(headers)
}

/// A header name: RFC 9110's token.
fn named(name: &str) -> Result<(), String> {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if !name.is_empty() && name.len() <= HEADER_LIMIT_CHARS && name.chars().all(is_token) {
        return Ok(());
    }
    Err(format!("`{}` is no header name: letters, digits and `-`", quoted(name)))
}

fn not_steering(name: &str) -> Result<(), String> {
    let lower = name.to_ascii_lowercase();
    if steers_message(&lower) {
        return Err(format!("`{lower}` steers the connection or the message, and cannot be set"));
    }
    Ok(())
}

fn is_free(name: &str, key: &KeyHeader) -> Result<(), String> {
    let lower = name.to_ascii_lowercase();
    if CREDENTIALS.contains(&lower.as_str()) || lower == key.name {
        return Err(format!(
            "`{lower}` carries a credential, and metadata can be read by all; put the value in `properties.credentials.key` \
             and the header's name in `authConfig`"
        ));
    }
    if OURS.contains(&lower.as_str()) || lower.starts_with("x-ms-foundry-") {
        return Err(format!("`{lower}` is written by the server"));
    }
    Ok(())
}

/// A header value: visible characters and blanks inside.
fn is_value(text: &str) -> bool {
    let is_visible = |c: char| c.is_ascii_graphic() || c == ' ';
    text.len() <= HEADER_LIMIT_CHARS && text.trim() == text && !text.is_empty() && text.chars().all(is_visible)
}
