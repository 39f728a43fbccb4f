//! What a write demands of the revision that it replaces.

/// From `If-Match` and `If-None-Match`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Precondition {
    /// Nothing is demanded.
    #[default]
    None,
    /// The resource exists and has one of these etags (a comma-separated list as it came; `*` is any).
    IfMatch(String),
    /// The resource does not exist yet.
    MustNotExist,
}

impl Precondition {
    /// Reads the two headers. `If-Match` decides when both came; `If-None-Match` other than `*` demands nothing of a write.
    pub fn from_headers(if_match: Option<&str>, if_none_match: Option<&str>) -> Precondition {
        match (if_match.map(str::trim), if_none_match.map(str::trim)) {
            (Some(etag), _) if !etag.is_empty() => Precondition::IfMatch(etag.to_owned()),
            (_, Some("*")) => Precondition::MustNotExist,
            _ => Precondition::None,
        }
    }

    /// Does the stored etag (none: no such resource) meet the demand?
    pub fn holds(&self, current: Option<&str>) -> bool {
        match (self, current) {
            (Precondition::None, _) | (Precondition::MustNotExist, None) => true,
            (Precondition::MustNotExist, Some(_)) | (Precondition::IfMatch(_), None) => false,
            (Precondition::IfMatch(wanted), Some(current)) => {
                wanted.split(',').map(str::trim).any(|one| one == "*" || bare(one) == bare(current))
            }
        }
    }
}

/// Some clients strip the quotes or add `W/`; revisions are the same number either way.
fn bare(etag: &str) -> &str {
    etag.trim_start_matches("W/").trim_matches('"')
}
