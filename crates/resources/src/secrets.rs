//! The secrets of a resource on their way from a body to where they are sealed.

use std::collections::BTreeMap;
use std::fmt;

use zeroize::Zeroizing;

/// A secret in clear: wiped when dropped, printed as `***`, never serialised.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(Zeroizing<String>);

impl From<&str> for SecretText {
    fn from(text: &str) -> SecretText {
        SecretText(Zeroizing::new(text.to_owned()))
    }
}

impl SecretText {
    /// The text, for who seals it.
    pub fn into_text(self) -> Zeroizing<String> {
        self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The secrets that a resource has after a write, by member. What is in neither list goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Secrets {
    /// Those that came with the write.
    pub given: BTreeMap<String, SecretText>,
    /// Those that stay as they are.
    pub kept: Vec<String>,
}
