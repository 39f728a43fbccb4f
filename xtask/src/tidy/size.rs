//! Lengths: a file is read in one go, a function fits a screen.

use super::Source;

/// The end of the line for a file.
const FILE_LINES: usize = 700;
/// A screen, generously.
const FUNCTION_LINES: usize = 75;

pub(super) fn findings(source: &Source) -> Vec<String> {
    if !source.is_rust() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let lines = source.text.lines().count();
    if lines > FILE_LINES {
        findings.push(format!("{}: {lines} lines; split it (at most {FILE_LINES})", source.path));
    }
    if !source.is_test() {
        for (line, name, length) in functions(&source.text) {
            if length > FUNCTION_LINES {
                findings.push(format!(
                    "{}:{line}: `{name}` has {length} lines; split it (at most {FUNCTION_LINES})",
                    source.path
                ));
            }
        }
    }
    findings
}

/// Line, name and length of each function, as rustfmt lays them out: the end is a `}` indented like the `fn`.
fn functions(text: &str) -> Vec<(usize, String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let Some(name) = function_name(line) else {
            continue;
        };
        let indent = line.len() - line.trim_start().len();
        let end = lines[start..].iter().position(|line| {
            let is_at_indent = line.len() - line.trim_start().len() == indent;
            is_at_indent && (line.trim_start().starts_with('}') || line.trim_end().ends_with(';'))
        });
        if let Some(end) = end {
            found.push((start + 1, name.to_owned(), end + 1));
        }
    }
    found
}

/// The name of the function that starts in this line.
fn function_name(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace();
    words.by_ref().take(5).find(|word| *word == "fn")?;
    let before = line.split(" fn ").next().unwrap_or_default().trim();
    let is_declaration = line.trim_start().starts_with("fn ")
        || before
            .split_whitespace()
            .all(|word| matches!(word, "pub" | "const" | "async" | "unsafe" | "extern") || word.starts_with("pub("));
    let name = words.next()?.split(['(', '<']).next()?;
    is_declaration.then_some(name)
}

#[cfg(test)]
mod tests;
