//! Why a path or an id is refused.

use crate::error::{ArmError, ErrorCode};

/// A path or resource id that names nothing here. Every case is 400, a path over its limits 414.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// More bytes than `limit`.
    #[error("the path has {bytes} bytes, more than {limit}")]
    TooLong {
        /// Length as it came, in bytes.
        bytes: usize,
        /// The longest path that is read, in bytes.
        limit: usize,
    },
    /// More segments than `limit`.
    #[error("the path has {segments} segments, more than {limit}")]
    TooManySegments {
        /// Segments after empty ones are dropped.
        segments: usize,
        /// The most segments that are read.
        limit: usize,
    },
    /// A character that may stand in no segment, plain or percent-encoded.
    #[error("the path holds {what}, which no name may contain")]
    Character {
        /// The character, described in words (control characters are not echoed).
        what: String,
    },
    /// `%` that is not followed by two hexadecimal digits.
    #[error("the path holds a percent sign that is not followed by two hexadecimal digits")]
    Encoded,
    /// A segment `.` or `..`, plain or percent-encoded.
    #[error("the path holds a `.` or `..` segment")]
    DotSegment,
    /// A byte outside ASCII: look-alike letters would name two things alike.
    #[error("the path holds a character outside ASCII")]
    NotAscii,
    /// The segments do not follow the grammar of resource ids.
    #[error("`{path}` is not a resource id: {reason}")]
    Malformed {
        /// The path as far as it was understood to be safe to echo.
        path: String,
        /// What the grammar expected.
        reason: &'static str,
    },
}

impl PathError {
    /// The HTTP status, 400 or 414.
    pub fn status(&self) -> u16 {
        self.code().status()
    }

    /// The code of the error envelope.
    pub fn code(&self) -> ErrorCode {
        match self {
            PathError::TooLong { .. } | PathError::TooManySegments { .. } => ErrorCode::RequestUriTooLong,
            _ => ErrorCode::InvalidRequestUri,
        }
    }
}

impl From<PathError> for ArmError {
    fn from(error: PathError) -> ArmError {
        ArmError::new(error.code(), error.to_string())
    }
}
