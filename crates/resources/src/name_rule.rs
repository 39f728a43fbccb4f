//! What a resource may be called.

use arm::{ArmError, ErrorCode};

use crate::fields::quoted;

/// The rule for a resource's own name: a length and an alphabet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameRule {
    /// Fewest characters.
    pub least: usize,
    /// Most characters.
    pub most: usize,
    /// Characters allowed besides ASCII letters and digits.
    pub also: &'static str,
    /// Whether the first character must be a letter or digit.
    pub starts_alphanumeric: bool,
    /// Characters that must not come last.
    pub not_last: &'static str,
}

impl NameRule {
    /// Accounts, projects and deployments: 2 to 64 letters, digits, `_`, `.`, `-`, starting with a letter or digit.
    pub const COGNITIVE: NameRule =
        NameRule { least: 2, most: 64, also: "_.-", starts_alphanumeric: true, not_last: "" };
    /// Deployments may be one character long.
    pub const DEPLOYMENT: NameRule = NameRule { least: 1, ..NameRule::COGNITIVE };
    /// Resource groups: 1 to 90 letters, digits, `_`, `.`, `-`, `(`, `)`, not ending in a dot.
    pub const RESOURCE_GROUP: NameRule =
        NameRule { least: 1, most: 90, also: "_.-()", starts_alphanumeric: false, not_last: "." };
    /// GUIDs and other names that their own type checks.
    pub const ANY: NameRule = NameRule { least: 1, most: 260, also: "_.-()", starts_alphanumeric: false, not_last: "" };

    /// Accepts `name` or says what is wrong with it; `what` names the type for people.
    pub fn check(&self, name: &str, what: &str) -> Result<(), ArmError> {
        let length = name.chars().count();
        let allowed = |c: char| c.is_ascii_alphanumeric() || self.also.contains(c);
        let starts = name.chars().next().is_some_and(|c| !self.starts_alphanumeric || c.is_ascii_alphanumeric());
        let ends = name.chars().last().is_some_and(|c| !self.not_last.contains(c));
        if (self.least..=self.most).contains(&length) && name.chars().all(allowed) && starts && ends {
            return Ok(());
        }
        let first = if self.starts_alphanumeric { ", starting with a letter or digit" } else { "" };
        let last =
            if self.not_last.is_empty() { String::new() } else { format!(", not ending in `{}`", self.not_last) };
        Err(ArmError::new(
            ErrorCode::InvalidResourceName,
            format!(
                "the name `{}` of {what} is not valid: {} to {} letters, digits or `{}`{first}{last}",
                quoted(name),
                self.least,
                self.most,
                self.also
            ),
        ))
    }
}
