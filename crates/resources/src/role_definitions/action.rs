//! The form of an action string in a custom role.

/// The words that an action may end in, besides `*`.
const LAST_WORDS: [&str; 4] = ["read", "write", "delete", "action"];

/// Why a text is no action string. Printed behind the text itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongAction {
    /// Nothing, which would match nothing.
    #[error("is empty; expected an action such as `Microsoft.CognitiveServices/accounts/read`, or `*`")]
    Empty,
    /// A character that no action has.
    #[error("has `{0}`; expected letters, digits, `.`, `-`, `_`, `/` and one `*`")]
    Character(char),
    /// More than one `*`.
    #[error("contains multiple wildcards. Only one is allowed.")]
    Wildcards,
    /// `/` first or last, or two of them.
    #[error("has an empty segment; expected no `/` at the start or the end, and never two in a row")]
    EmptySegment,
    /// A `*` that is a part of a segment.
    #[error(
        "has a `*` inside a segment; expected `*` to be a whole segment, as in `Microsoft.CognitiveServices/*/read`"
    )]
    PartialWildcard,
    /// Not `{namespace}/…`.
    #[error("does not begin with a namespace; expected `{{Company}}.{{Provider}}/{{type}}/{{action}}`")]
    Namespace,
    /// Ends in something else.
    #[error("ends in something else than `read`, `write`, `delete`, `action` or `*`, so it names no operation")]
    LastWord,
}

/// Checks the form; whether a provider has the operation is not known here. Source: the custom roles page, and what every
/// string of the built-in roles has in common.
pub(super) fn check(text: &str) -> Result<(), WrongAction> {
    if text.is_empty() {
        return Err(WrongAction::Empty);
    }
    let is_known = |c: char| c.is_ascii_alphanumeric() || ".-_/*".contains(c);
    if let Some(strange) = text.chars().find(|c| !is_known(*c)) {
        return Err(WrongAction::Character(if strange.is_control() { ' ' } else { strange }));
    }
    if text.matches('*').count() > 1 {
        return Err(WrongAction::Wildcards);
    }
    let segments: Vec<&str> = text.split('/').collect();
    if segments.contains(&"") {
        return Err(WrongAction::EmptySegment);
    }
    if segments.iter().any(|segment| segment.contains('*') && *segment != "*") {
        return Err(WrongAction::PartialWildcard);
    }
    let (first, last) = (segments.first().copied().unwrap_or_default(), segments.last().copied().unwrap_or_default());
    if last == "*" {
        return if segments.len() == 1 || first.contains('.') { Ok(()) } else { Err(WrongAction::Namespace) };
    }
    if first != "*" && !first.contains('.') {
        return Err(WrongAction::Namespace);
    }
    match LAST_WORDS.iter().any(|word| word.eq_ignore_ascii_case(last)) {
        true if segments.len() > 1 => Ok(()),
        _ => Err(WrongAction::LastWord),
    }
}
