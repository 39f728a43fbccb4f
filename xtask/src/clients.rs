//! The real clients (`az`, the Azure SDKs, `openai`) at their pinned versions, in a virtual environment of their own, and a
//! browser, which the machine has.

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

/// A set of pinned packages.
struct Pins {
    what: &'static str,
    requirements: &'static str,
    constraints: &'static str,
}

/// The clients themselves.
const CLIENTS: Pins = Pins {
    what: "az, the Azure SDKs, openai, selenium, pytest",
    requirements: "requirements.txt",
    constraints: "constraints.txt",
};
/// A provider for the stories of upstreams; it does not install beside the clients.
const LITELLM: Pins =
    Pins { what: "LiteLLM", requirements: "requirements-litellm.txt", constraints: "constraints-litellm.txt" };

/// The GA management clients: a second generation, which does not install beside the one that `az` pins.
const GENERAL: Pins =
    Pins { what: "the GA management SDKs", requirements: "requirements-ga.txt", constraints: "constraints-ga.txt" };

/// The environments of the client tests.
pub(crate) struct Environments {
    clients: PathBuf,
    litellm: PathBuf,
    general: PathBuf,
}

/// The environment of the clients, made unless it is there.
pub(crate) fn environment() -> Result<PathBuf> {
    venv(&CLIENTS)
}

/// All environments of the client tests, made unless they are there.
pub(crate) fn environments() -> Result<Environments> {
    for browser in ["chromium", "chromedriver"] {
        if output(Command::new(browser).arg("--version")).is_err() {
            bail!("there is no `{browser}`; install it (Debian: apt-get install chromium chromium-driver)");
        }
    }
    Ok(Environments { clients: venv(&CLIENTS)?, litellm: venv(&LITELLM)?, general: venv(&GENERAL)? })
}

/// Makes one environment unless a whole one is there; returns its folder.
///
/// It is named by a digest of what it must hold, so a changed pin makes a new one and an old one is never patched.
fn venv(pins: &Pins) -> Result<PathBuf> {
    let name = digest(pins)?;
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
        &format!("clients: install {} (a few minutes)", pins.what),
        Command::new(venv.join("bin/python")).args(pip).arg(folder().join(pins.requirements)),
    )?;
    fs::write(&whole, "")?;
    Ok(venv)
}

/// A short digest of the pins and the Python: what an environment must be made anew for.
fn digest(pins: &Pins) -> Result<String> {
    let python = output(Command::new("python3").arg("--version"))?;
    let [requirements, constraints] = [pins.requirements, pins.constraints].map(|name| folder().join(name));
    let whole = sha256(&[&requirements, &constraints], &python)?;
    Ok(whole.chars().take(12).collect())
}

/// The client tests against the server at `server`.
pub(crate) fn pytest(environments: &Environments, server: &Path, arguments: &[String]) -> Command {
    let mut command = Command::new(environments.clients.join("bin/python"));
    command.current_dir(place::root()).args(["-m", "pytest", "tests/clients", "-v"]).args(arguments);
    command.env("CUPOLA_LITELLM", environments.litellm.join("bin/litellm"));
    command.env("CUPOLA_BIN", server).env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// The stories of the management SDKs once more, by their GA generation.
pub(crate) fn pytest_general(environments: &Environments, server: &Path) -> Command {
    let stories =
        ["cognitiveservices", "authorization", "edges"].map(|story| format!("tests/clients/test_mgmt_{story}.py"));
    let mut command = Command::new(environments.general.join("bin/python"));
    command.current_dir(place::root()).args(["-m", "pytest", "-v"]).args(stories);
    command.env("CUPOLA_BIN", server).env("PYTHONDONTWRITEBYTECODE", "1");
    command
}
