//! The path of a request, decoded and made canonical before anything looks at it.

use std::borrow::Cow;
use std::fmt;

use percent_encoding::percent_decode_str;

use crate::path_error::PathError;

/// The longest path that is read, in bytes. No client sends more than a few hundred; a proxy in front often stops here too.
pub const MAX_PATH_BYTES: usize = 2048;
/// The most segments that are read. The deepest real id (an extension of a nested resource) has sixteen.
pub const MAX_PATH_SEGMENTS: usize = 39;

/// A decoded path: starts with `/`, has no empty, `.` or `..` segment, no trailing `/`, and ASCII names only.
/// What authorization sees is what routing sees: nothing downstream decodes again.
#[derive(Clone, PartialEq, Eq)]
pub struct RequestPath {
    text: String,
    key: String,
}

impl RequestPath {
    /// Reads the path of a request target (without its query).
    pub fn normalise(raw: &str) -> Result<RequestPath, PathError> {
        if raw.len() > MAX_PATH_BYTES {
            return Err(PathError::TooLong { bytes: raw.len(), limit: MAX_PATH_BYTES });
        }
        if !raw.starts_with('/') {
            return Err(PathError::Malformed { path: String::new(), reason: "a path starts with `/`" });
        }
        if is_canonical(raw) {
            check_segment_count(raw)?;
            return Ok(RequestPath { text: raw.to_owned(), key: raw.to_ascii_lowercase() });
        }
        let mut text = String::with_capacity(raw.len());
        for segment in raw.split('/').filter(|segment| !segment.is_empty()) {
            text.push('/');
            text.push_str(&decode(segment)?);
        }
        check_segment_count(&text)?;
        if text.is_empty() {
            text.push('/');
        }
        let key = text.to_ascii_lowercase();
        Ok(RequestPath { text, key })
    }

    /// The decoded path, letters as they came.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The decoded path in lower case, for comparing.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The segments, letters as they came.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.text.split('/').filter(|segment| !segment.is_empty())
    }
}

impl fmt::Debug for RequestPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestPath({})", self.text)
    }
}

impl fmt::Display for RequestPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Whether a path is as it would be written here, which nearly every client's is: nothing encoded, nothing that is refused, no empty
/// segment, and none that begins with a dot.
fn is_canonical(raw: &str) -> bool {
    let is_plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':' | b'~' | b'@' | b'$');
    let mut is_after_slash = false;
    let is_fine = raw.bytes().all(|byte| match (is_after_slash, byte) {
        (true, b'/' | b'.') => false,
        (_, b'/') => {
            is_after_slash = true;
            true
        }
        (_, other) => {
            is_after_slash = false;
            is_plain(other)
        }
    });
    is_fine && !is_after_slash
}

/// Decodes one segment once and refuses what may not stand in a name.
fn decode(segment: &str) -> Result<Cow<'_, str>, PathError> {
    if has_broken_escape(segment) {
        return Err(PathError::Encoded);
    }
    let decoded = percent_decode_str(segment).decode_utf8().map_err(|_| PathError::NotAscii)?;
    check_segment(&decoded)?;
    Ok(decoded)
}

fn has_broken_escape(segment: &str) -> bool {
    let mut rest = segment.split('%');
    rest.next();
    rest.any(|after| after.bytes().take(2).filter(u8::is_ascii_hexdigit).count() < 2)
}

/// Refuses a segment that could name something else to another reader of the same path.
pub(crate) fn check_segment(segment: &str) -> Result<(), PathError> {
    if segment == "." || segment == ".." {
        return Err(PathError::DotSegment);
    }
    for character in segment.chars() {
        let what = match character {
            c if !c.is_ascii() => return Err(PathError::NotAscii),
            c if c.is_ascii_control() => "a control character".to_owned(),
            ' ' => "a space".to_owned(),
            '/' | '\\' | ';' | '?' | '#' | '%' => format!("`{character}`"),
            _ => continue,
        };
        return Err(PathError::Character { what });
    }
    Ok(())
}

/// Of a path without empty segments: as many as it has slashes.
pub(crate) fn check_segment_count(text: &str) -> Result<(), PathError> {
    let segments = text.bytes().filter(|byte| *byte == b'/').count();
    if segments > MAX_PATH_SEGMENTS {
        return Err(PathError::TooManySegments { segments, limit: MAX_PATH_SEGMENTS });
    }
    Ok(())
}
