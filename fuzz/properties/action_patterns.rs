//! What holds of every pattern of a role and every action: the fast matcher agrees with one that follows the words.

use rbac::ActionPattern;

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
    assert_eq!(matched, plain(pattern, action), "{pattern:?} on {action:?}");
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

/// The rule, word for word: `*` is any text, `/*/` also a single slash, all else is itself; the empty pattern is nothing.
fn plain(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_ascii_lowercase(), action.to_ascii_lowercase());
    let (pattern, action) = (pattern.as_bytes(), action.as_bytes());
    if pattern.is_empty() {
        return false;
    }
    // matches[p][t]: the pattern from p on matches the action from t on.
    let mut matches = vec![vec![false; action.len() + 1]; pattern.len() + 1];
    matches[pattern.len()][action.len()] = true;
    for p in (0..pattern.len()).rev() {
        for t in (0..=action.len()).rev() {
            matches[p][t] = match pattern[p] {
                b'*' => matches[p + 1][t] || (t < action.len() && matches[p][t + 1]),
                byte => {
                    let itself = t < action.len() && action[t] == byte;
                    let as_one_slash = pattern[p..].starts_with(b"/*/") && matches[p + 2][t];
                    (itself && matches[p + 1][t + 1]) || as_one_slash
                }
            };
        }
    }
    matches[0][0]
}
