//! `cupola access evaluate`: decides cases from a file, without a server or a data folder.

use std::io::{self, BufWriter, Read, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use rbac::Case;
use serde_json::json;

/// A case differs from what it expects.
const DIFFERS: u8 = 1;
/// The file cannot be read, or a case in it cannot be decided.
const UNREADABLE: u8 = 2;

/// One line of JSON for each case on stdout; on stderr, which differ from what they expect.
pub(super) fn evaluate(file: &Path) -> Result<ExitCode> {
    let cases = match read(file) {
        Ok(cases) => cases,
        Err(error) => return Ok(refuse(&error)),
    };
    match decide_all(&cases, &mut BufWriter::new(io::stdout().lock())) {
        Ok(0) => Ok(ExitCode::SUCCESS),
        Ok(differing) => {
            writeln!(io::stderr(), "cupola: {differing} of {} cases differ from what they expect", cases.len())?;
            Ok(ExitCode::from(DIFFERS))
        }
        Err(error) if error.downcast_ref::<rbac::CaseError>().is_some() => Ok(refuse(&error)),
        Err(error) => Err(error),
    }
}

fn refuse(error: &anyhow::Error) -> ExitCode {
    let _ = writeln!(io::stderr(), "cupola: {}", format!("{error:#}").replace('\n', " "));
    ExitCode::from(UNREADABLE)
}

fn read(file: &Path) -> Result<Vec<Case>> {
    let mut text = String::new();
    if file == Path::new("-") {
        io::stdin().lock().read_to_string(&mut text).context("stdin cannot be read")?;
    } else {
        text = std::fs::read_to_string(file).with_context(|| format!("`{}` cannot be read", file.display()))?;
    }
    rbac::read_cases(&text).with_context(|| format!("`{}` holds no decision cases", file.display()))
}

/// Decides and prints; the number of cases that differ from what they expect.
fn decide_all(cases: &[Case], out: &mut impl Write) -> Result<usize> {
    let mut differing = 0;
    for case in cases {
        let decided = case.decide()?;
        let line = json!({ "id": case.id(), "decision": decided.decision, "reason": decided.reason });
        match writeln!(out, "{line}") {
            // `| head` has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(differing),
            written => written.context("stdout cannot be written")?,
        }
        if let Some(expected) = case.expected().filter(|expected| *expected != decided.decision) {
            differing += 1;
            let (id, decision) = (case.id(), &decided.decision);
            writeln!(io::stderr(), "cupola: case {id}: expected {expected}, decided {decision}: {}", decided.reason)?;
        }
    }
    match out.flush() {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        flushed => flushed.context("stdout cannot be written")?,
    }
    Ok(differing)
}
