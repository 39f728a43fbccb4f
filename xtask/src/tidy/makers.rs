//! Makers of a permit: clippy bans them everywhere, and only these files may lift the ban.

use super::Source;

/// The files that may lift the ban, each for its makers.
const ALLOWED: [(&str, &str); 5] = [
    ("crates/access/src/admit.rs", "decide, decide_visible, any_token, for_key, for_task"),
    ("crates/access/src/stand_in.rs", "known_again"),
    ("crates/directory/src/token.rs", "for_protocol"),
    ("crates/identity/src/verify.rs", "VerifiedPrincipal::verified"),
    ("crates/server/src/first_start.rs", "for_task"),
];

/// In two halves, so that this file does not find itself.
const LINT: (&str, &str) = ("clippy::disallowed", "_methods");

pub(super) fn findings(source: &Source) -> Vec<String> {
    let lint = format!("{}{}", LINT.0, LINT.1);
    let is_named = ALLOWED.iter().any(|(path, _)| *path == source.path);
    if !source.is_rust() || source.is_test() || is_named {
        return Vec::new();
    }
    let lines = source.text.lines().enumerate().filter(|(_, line)| line.contains(&lint));
    lines
        .map(|(number, _)| {
            let files = ALLOWED.map(|(path, makers)| format!("{path} ({makers})")).join(", ");
            format!(
                "{}:{}: lifts the ban on makers of a permit; only these files may: {files}",
                source.path,
                number + 1
            )
        })
        .collect()
}

#[cfg(test)]
mod tests;
