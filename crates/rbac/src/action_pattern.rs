//! An action string with wildcards, as it stands in a role.

/// A pattern such as `Microsoft.CognitiveServices/*/read`, in lower case.
///
/// - `*` stands for any text, slashes included: `*/read` is every read.
/// - `A/*/B` matches `A/B` as well: a built-in role holds `userAssignedIdentities/*/assign/action` and ARM asks for
///   `userAssignedIdentities/assign/action`.
/// - Everything else is compared without case; `Microsoft.X/*` does not match `Microsoft.XY/…`.
/// - The empty pattern matches nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ActionPattern {
    key: String,
}

impl ActionPattern {
    /// The pattern of that text.
    pub fn new(text: &str) -> ActionPattern {
        ActionPattern { key: text.to_ascii_lowercase() }
    }

    /// The pattern in lower case.
    pub fn as_str(&self) -> &str {
        &self.key
    }

    /// The text in front of the first wildcard: every match starts with it.
    pub(crate) fn literal_prefix(&self) -> &str {
        self.key.split('*').next().unwrap_or_default()
    }

    /// Does it match this action? The action is compared without case.
    pub fn matches(&self, action: &str) -> bool {
        self.matches_key(&action.to_ascii_lowercase())
    }

    /// As `matches`, for an action that is in lower case already.
    pub(crate) fn matches_key(&self, action: &str) -> bool {
        !self.key.is_empty() && glob(self.key.as_bytes(), action.as_bytes())
    }
}

/// Where to go on after a mismatch: what follows the last wildcard is tried one place further.
#[derive(Clone, Copy)]
struct Retry {
    pattern: usize,
    tried: usize,
    /// Behind `/*/`: only places behind a slash count.
    at_segments: bool,
}

/// Linear in practice: only the last wildcard is ever tried again, since its leftmost match leaves the most text to the
/// next.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<Retry> = None;
    loop {
        match (pattern.get(p), text.get(t)) {
            (Some(b'*'), _) => {
                let at_segments = p > 0 && pattern.get(p - 1) == Some(&b'/') && pattern.get(p + 1) == Some(&b'/');
                // The slash in front has matched; read as `A/B`, it is also the slash behind.
                p += if at_segments { 2 } else { 1 };
                retry = Some(Retry { pattern: p, tried: t, at_segments });
                continue;
            }
            (Some(wanted), Some(byte)) if wanted == byte => {
                p += 1;
                t += 1;
                continue;
            }
            (None, None) => return true,
            _ => {}
        }
        let Some(next) = retry.and_then(|last| further(last, text)) else {
            return false;
        };
        (p, t) = (next.pattern, next.tried);
        retry = Some(next);
    }
}

/// The next place to try, if the text has one.
fn further(last: Retry, text: &[u8]) -> Option<Retry> {
    let mut tried = last.tried + 1;
    while last.at_segments && tried <= text.len() && text.get(tried - 1) != Some(&b'/') {
        tried += 1;
    }
    (tried <= text.len()).then_some(Retry { tried, ..last })
}
