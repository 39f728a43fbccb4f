//! What holds of every pattern of a role and every action: the fast matcher agrees with one that follows the words.

use rbac::ActionPattern;

use super::pattern::pattern_matches;

/// The longest input looked at, bytes: the plain matcher below looks at every pair of places.
const LIMIT_BYTES: usize = 512;

/// Panics where something does not hold of `data`: a pattern, a line end, an action.
pub(crate) fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if text.len() > LIMIT_BYTES {
        return;
    }
    let (pattern, action) = text.split_once('\n').unwrap_or((text, ""));
    let matcher = ActionPattern::new(pattern);
    let matched = matcher.matches(action);
    assert_eq!(matched, pattern_matches(pattern, action), "{pattern:?} on {action:?}");
    assert_eq!(
        matched,
        matcher.matches(&action.to_ascii_uppercase()),
        "letters change nothing: {pattern:?} on {action:?}"
    );
    assert_eq!(matched, ActionPattern::new(&pattern.to_ascii_uppercase()).matches(action), "{pattern:?} on {action:?}");
    if !pattern.is_empty() && !pattern.contains('*') {
        assert_eq!(matched, pattern.eq_ignore_ascii_case(action), "{pattern:?} on {action:?}");
    }
    // A wildcard more never takes anything away.
    assert!(!matched || ActionPattern::new(&format!("{pattern}*")).matches(action), "{pattern:?} on {action:?}");
}
