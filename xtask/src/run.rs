//! `cargo xtask run`: from a fresh clone to a running demo tenant.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result, anyhow, bail};

use crate::place::{cargo, root, server};
use crate::step::step;
use crate::{clients, model};

pub(crate) const HELP: &str = "\
cargo xtask run [ARGUMENTS OF cupola serve]

Builds the release server, fetches the embedded models and the Azure CLI (into the cache folder), makes the demo tenant
Contoso in target/demo and starts the server on https://localhost:8443. When it is ready it prints the lines to copy
into a second terminal. Ctrl-C stops it; the next run finds the tenant as it was.

Examples:
  cargo xtask run
  cargo xtask run --listen 127.0.0.1:9443";

/// The walk-through of the README, which the client tests run as well.
const WALK_START: &str = "<!-- walk-through -->\n```sh\n";
const WALK_END: &str = "```\n<!-- end -->";
/// The demo's data folder as the README names it.
const DEMO: &str = "target/demo";

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    // Fetching waits for the network and building for the processor.
    let fetched = thread::spawn(|| model::fetch().and_then(|()| clients::environment()));
    step("build: release", &mut cargo(&["build", "--release", "--locked"]))?;
    let venv = fetched.join().map_err(|_| anyhow!("fetching ended early"))??;
    let data_dir = root().join(DEMO);
    let mut serve = Command::new(server("release"));
    serve.args(["serve", "--demo", "contoso", "--data-dir"]).arg(&data_dir).args(arguments);
    println!("==> start");
    let mut child = serve.stdout(Stdio::piped()).spawn().context("the server cannot be started")?;
    let said = child.stdout.take().context("the server's output is not connected")?;
    for line in BufReader::new(said).lines() {
        let line = line?;
        println!("{line}");
        if line.starts_with("cupola ready on ") {
            println!("{}", next_lines(&data_dir, &venv)?);
        }
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("the server ended with {status}");
    }
    Ok(())
}

/// What to copy next: the README's walk-through with this machine's paths.
fn next_lines(data_dir: &Path, venv: &Path) -> Result<String> {
    let readme = std::fs::read_to_string(root().join("README.md")).context("README.md cannot be read")?;
    let walk = readme.split_once(WALK_START).and_then(|(_, rest)| rest.split_once(WALK_END));
    let (walk, _) = walk.context("README.md has no walk-through")?;
    let walk = walk.replace(DEMO, &data_dir.display().to_string());
    let path = format!("export PATH=\"{}/bin:$PATH\"   # az", venv.display());
    Ok(format!("\nThe demo is up. Copy into a second terminal (Ctrl-C here stops the server):\n\n{path}\n{walk}"))
}

#[cfg(test)]
mod tests;
