//! Python packages at pinned versions, in virtual environments of their own in the cache folder.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::digest::sha256;
use crate::place;
use crate::step::{output, step};

/// A set of pinned packages. The paths are below the repository's root.
pub(crate) struct Pins {
    /// What they are, for whoever waits for them.
    pub(crate) what: &'static str,
    /// What is wanted.
    pub(crate) requirements: &'static str,
    /// All that it pulls in.
    pub(crate) constraints: &'static str,
}

/// Makes one environment unless a whole one is there; returns its folder.
///
/// It is named by a digest of what it must hold, so a changed pin makes a new one and an old one is never patched.
pub(crate) fn venv(pins: &Pins) -> Result<PathBuf> {
    let name = digest(pins)?;
    let venv = place::cache()?.join(format!("venv-{name}"));
    // Written last: its absence means that a run was cut short.
    let whole = venv.join("whole");
    if whole.exists() {
        println!("==> venv: `{}` is there", venv.display());
        return Ok(venv);
    }
    if output(Command::new("python3").args(["-c", "import venv, ensurepip"])).is_err() {
        bail!("python3 lacks `venv`; install it (Debian: apt-get install python3-venv)");
    }
    if venv.exists() {
        fs::remove_dir_all(&venv).with_context(|| format!("`{}` cannot be removed", venv.display()))?;
    }
    step("venv: make", Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
    let pip =
        ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off", "-q", "-r"];
    step(
        &format!("venv: install {} (a few minutes)", pins.what),
        Command::new(venv.join("bin/python")).args(pip).arg(place::root().join(pins.requirements)),
    )?;
    fs::write(&whole, "")?;
    Ok(venv)
}

/// A short digest of the pins and the Python: what an environment must be made anew for.
fn digest(pins: &Pins) -> Result<String> {
    let python = output(Command::new("python3").arg("--version"))?;
    let [requirements, constraints] = [pins.requirements, pins.constraints].map(|path| place::root().join(path));
    let whole = sha256(&[&requirements, &constraints], &python)?;
    Ok(whole.chars().take(12).collect())
}
