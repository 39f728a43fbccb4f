//! The real clients (`az`, the Azure SDKs, `openai`) at their pinned versions, in a virtual environment of their own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::digest::sha256;
use crate::place;
use crate::step::{output, step};

/// The folder of the client tests.
pub(crate) fn folder() -> PathBuf {
    place::root().join("tests/clients")
}

/// Makes the environment unless a whole one is there; returns its folder.
///
/// It is named by a digest of what it must hold, so a changed pin makes a new one and an old one is never patched.
pub(crate) fn environment() -> Result<PathBuf> {
    let name = digest()?;
    let venv = place::cache()?.join(format!("venv-{name}"));
    // Written last: its absence means that a run was cut short.
    let whole = venv.join("whole");
    if whole.exists() {
        println!("==> clients: `{}` is there", venv.display());
        return Ok(venv);
    }
    if output(Command::new("python3").args(["-c", "import venv, ensurepip"])).is_err() {
        bail!("python3 lacks `venv`; install it (Debian: apt-get install python3-venv)");
    }
    if venv.exists() {
        fs::remove_dir_all(&venv).with_context(|| format!("`{}` cannot be removed", venv.display()))?;
    }
    step("clients: virtual environment", Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
    let pip =
        ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off", "-q", "-r"];
    step(
        "clients: install az, the Azure SDKs, openai, pytest (a few minutes)",
        Command::new(venv.join("bin/python")).args(pip).arg(folder().join("requirements.txt")),
    )?;
    fs::write(&whole, "")?;
    Ok(venv)
}

/// A short digest of the pins and the Python: what an environment must be made anew for.
fn digest() -> Result<String> {
    let pins = ["requirements.txt", "constraints.txt"].map(|name| folder().join(name));
    let python = output(Command::new("python3").arg("--version"))?;
    let whole = sha256(&[&pins[0], &pins[1]], &python)?;
    Ok(whole.chars().take(12).collect())
}

/// The client tests against the server at `server`.
pub(crate) fn pytest(venv: &Path, server: &Path, arguments: &[String]) -> Command {
    let mut command = Command::new(venv.join("bin/python"));
    command.current_dir(place::root()).args(["-m", "pytest", "tests/clients", "-v"]).args(arguments);
    command.env("CUPOLA_BIN", server).env("PYTHONDONTWRITEBYTECODE", "1");
    command
}
