//! Forms and queries in which each name stands once.

use access::{PublicRequest, Query};
use store::Secret;

/// What a sign-in page sent.
pub(super) struct SignInForm {
    fields: Query,
}

impl SignInForm {
    /// Reads the body; `None` for what no page of ours sends.
    pub(super) fn read(request: &PublicRequest) -> Option<SignInForm> {
        let text = std::str::from_utf8(&request.body).ok()?;
        let fields = Query::parse(text);
        has_no_repeats(&fields).then_some(SignInForm { fields })
    }

    /// A field that is there and not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(str::trim).filter(|value| !value.is_empty())
    }

    /// The password as it was typed, spaces included.
    pub(super) fn password(&self) -> Option<Secret> {
        self.fields.get("password").filter(|value| !value.is_empty()).map(|value| Secret::from(value.to_owned()))
    }

    /// Whether the button that gives up was pressed.
    pub(super) fn is_cancelled(&self) -> bool {
        self.get("action") == Some("cancel")
    }
}

/// Whether each name stands once: two readers could pick different ones.
pub(crate) fn has_no_repeats(query: &Query) -> bool {
    let mut seen: Vec<String> = query.pairs().map(|(name, _)| name.to_ascii_lowercase()).collect();
    let count = seen.len();
    seen.sort_unstable();
    seen.dedup();
    seen.len() == count
}
