//! The real clients (`az`, the Azure SDKs, `openai`, `anthropic`) at their pinned versions, in a virtual environment of their
//! own, and a browser, which the machine has.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::place;
use crate::step::output;
use crate::venv::{Pins, venv};

/// The clients themselves.
const CLIENTS: Pins = Pins {
    what: "az, the Azure SDKs, openai, anthropic, selenium, pytest",
    requirements: "tests/clients/requirements.txt",
    constraints: "tests/clients/constraints.txt",
};
/// A provider for the stories of upstreams; it does not install beside the clients.
const LITELLM: Pins = Pins {
    what: "LiteLLM",
    requirements: "tests/clients/requirements-litellm.txt",
    constraints: "tests/clients/constraints-litellm.txt",
};
/// It asks what the data plane's description allows; it does not install beside the clients.
const SCHEMATHESIS: Pins = Pins {
    what: "schemathesis",
    requirements: "tests/clients/requirements-schemathesis.txt",
    constraints: "tests/clients/constraints-schemathesis.txt",
};

/// The GA management clients: a second generation, which does not install beside the one that `az` pins.
const GENERAL: Pins = Pins {
    what: "the GA management SDKs",
    requirements: "tests/clients/requirements-ga.txt",
    constraints: "tests/clients/constraints-ga.txt",
};

/// The project client's second generation and an MCP server; `az` pins the first.
const FOUNDRY: Pins = Pins {
    what: "azure-ai-projects 2, mcp",
    requirements: "tests/clients/requirements-foundry.txt",
    constraints: "tests/clients/constraints-foundry.txt",
};

/// The environments of the client tests.
pub(crate) struct Environments {
    clients: PathBuf,
    litellm: PathBuf,
    schemathesis: PathBuf,
    general: PathBuf,
    foundry: PathBuf,
}

/// The environment of the clients, made unless it is there.
pub(crate) fn environment() -> Result<PathBuf> {
    venv(&CLIENTS)
}

/// LiteLLM's program; its environment is made unless it is there.
pub(crate) fn litellm() -> Result<PathBuf> {
    Ok(venv(&LITELLM)?.join("bin/litellm"))
}

/// All environments of the client tests, made unless they are there.
pub(crate) fn environments() -> Result<Environments> {
    for browser in ["chromium", "chromedriver"] {
        if output(Command::new(browser).arg("--version")).is_err() {
            bail!("there is no `{browser}`; install it (Debian: apt-get install chromium chromium-driver)");
        }
    }
    Ok(Environments {
        clients: venv(&CLIENTS)?,
        litellm: venv(&LITELLM)?,
        schemathesis: venv(&SCHEMATHESIS)?,
        general: venv(&GENERAL)?,
        foundry: venv(&FOUNDRY)?,
    })
}

/// The client tests against the server at `server`.
pub(crate) fn pytest(environments: &Environments, server: &Path, arguments: &[String]) -> Command {
    let mut command = Command::new(environments.clients.join("bin/python"));
    command.current_dir(place::root()).args(["-m", "pytest", "tests/clients", "-v"]).args(arguments);
    command.env("CUPOLA_LITELLM", environments.litellm.join("bin/litellm"));
    command.env("CUPOLA_SCHEMATHESIS", environments.schemathesis.join("bin/st"));
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

/// The stories of projects, agents and connections, by the project client's second generation.
pub(crate) fn pytest_foundry(environments: &Environments, server: &Path, arguments: &[String]) -> Command {
    let mut command = Command::new(environments.foundry.join("bin/python"));
    command.current_dir(place::root()).args(["-m", "pytest", "tests/clients/foundry", "-v"]).args(arguments);
    command.env("CUPOLA_LITELLM", environments.litellm.join("bin/litellm"));
    command.env("CUPOLA_BIN", server).env("PYTHONDONTWRITEBYTECODE", "1");
    command
}
