//! `cargo xtask tidy`: the house rules that a compiler does not know.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::place::root;
use crate::step::output;

mod crates;
mod makers;
mod size;
mod words;

pub(crate) const HELP: &str = "\
cargo xtask tidy

Checks the rules of STYLE.md that no compiler knows: files of at most 700 lines and functions that fit a screen, a
first line that says what a file is for, an invariant for each crate, the order of the crates and what the pure ones may
use, the files that may make a permit, one integration-test binary per crate, and words that do not belong here.
Prints every finding.

Example:
  cargo xtask tidy";

/// A tracked text file.
struct Source {
    /// Relative to the repository, with `/`.
    path: String,
    text: String,
}

impl Source {
    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether it is only compiled for tests.
    fn is_test(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name == "tests.rs" || self.path.contains("/tests/") || self.path.starts_with("tests/")
    }
}

pub(crate) fn tidy(arguments: &[String]) -> Result<()> {
    ensure!(arguments.is_empty(), "`tidy` takes no arguments");
    let sources = sources()?;
    let mut findings = Vec::new();
    for source in &sources {
        findings.extend(size::findings(source));
        findings.extend(words::findings(source));
        findings.extend(makers::findings(source));
        findings.extend(first_line(source));
    }
    findings.extend(crates::findings(&sources));
    findings.extend(crates::banned_packages()?);
    findings.sort();
    for finding in &findings {
        println!("{finding}");
    }
    if !findings.is_empty() {
        bail!("{} findings", findings.len());
    }
    println!("==> tidy: {} files, nothing to mend", sources.len());
    Ok(())
}

/// Every text file that is, or would be, committed.
fn sources() -> Result<Vec<Source>> {
    let listed = output(Command::new("git").current_dir(root()).args([
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "-z",
    ]))?;
    let mut sources = Vec::new();
    for path in listed.split('\0').filter(|path| !path.is_empty()) {
        let full: PathBuf = root().join(path);
        if let Some(text) = read_text(&full)? {
            sources.push(Source { path: path.to_owned(), text });
        }
    }
    Ok(sources)
}

/// The file's text; `None` for what is not text or was removed.
fn read_text(path: &Path) -> Result<Option<String>> {
    if !path.is_file() {
        return Ok(None);
    }
    let bytes = fs::read(path).with_context(|| format!("`{}` cannot be read", path.display()))?;
    Ok(String::from_utf8(bytes).ok())
}

/// Product files say in their first line what they are for.
fn first_line(source: &Source) -> Option<String> {
    let applies = source.is_rust() && !source.is_test() && source.path.contains("/src/");
    (applies && !source.text.starts_with("//! "))
        .then(|| format!("{}: the first line is not a `//!` line", source.path))
}

#[cfg(test)]
mod tests;
