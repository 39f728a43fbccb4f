//! The `api-version` of a control-plane request.

use crate::error::{ArmError, ErrorCode};

/// The version that a client asked for. Any value is accepted: shapes differ little, and clients pin many dates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiVersion(String);

impl ApiVersion {
    /// Reads the query value; absent or empty is 400 `MissingApiVersionParameter`.
    pub fn from_query(value: Option<&str>) -> Result<ApiVersion, ArmError> {
        match value.map(str::trim) {
            Some(version) if !version.is_empty() => Ok(ApiVersion(version.to_owned())),
            _ => Err(ArmError::new(
                ErrorCode::MissingApiVersionParameter,
                "the api-version query parameter (?api-version=) is required for all requests",
            )),
        }
    }

    /// The value as it came.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
