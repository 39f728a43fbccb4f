//! Action strings with wildcards, §1.4 of the facts: `*` is any text, slashes too; `/*/` is also a single slash; all else
//! is itself, without case; the empty pattern is nothing.

pub(crate) fn pattern_matches(pattern: &str, action: &str) -> bool {
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
