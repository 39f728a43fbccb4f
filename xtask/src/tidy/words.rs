//! Words: the project speaks of itself alone, and of no place that only one machine has.

use super::Source;

/// Each in two halves, so that this file does not find itself, with the reason.
const WORDS: [(&str, &str, &str); 9] = [
    ("/wo", "rk/", "a path of one machine"),
    ("/ho", "me/", "a path of one machine"),
    ("/ro", "ot/", "a path of one machine"),
    ("shar", "ed/", "a folder that is not in this repository"),
    ("crates", ".io", "a registry's host: clients know their own"),
    ("pypi", ".org", "a registry's host: clients know their own"),
    ("pythonhosted", ".org", "a registry's host: clients know their own"),
    ("npmjs", ".org", "a registry's host: clients know their own"),
    ("debian", ".org", "a registry's host: clients know their own"),
];

/// Written by cargo itself, in each workspace.
const EXEMPT: &str = "Cargo.lock";

pub(super) fn findings(source: &Source) -> Vec<String> {
    if source.path.rsplit('/').next() == Some(EXEMPT) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (number, line) in source.text.lines().enumerate() {
        for (head, tail, reason) in WORDS {
            if holds(line, &format!("{head}{tail}")) {
                findings.push(format!("{}:{}: `{head}{tail}` is {reason}", source.path, number + 1));
            }
        }
    }
    findings
}

/// Whether `line` holds `word` where a word can start.
fn holds(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|it| it.is_ascii_alphanumeric() || it == '_' || it == '}')
    })
}

#[cfg(test)]
mod tests;
