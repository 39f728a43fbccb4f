//! The gateways that ours is measured beside, at pinned versions in the cache folder.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::clients;
use crate::digest::sha256;
use crate::place::{cache, root};
use crate::step::{output, step};

/// What npm is told of Portkey's gateway, below the repository's root.
const PORTKEY: &str = "benches/gateway/portkey/package.json";
/// What starts it, in its folder.
const PORTKEY_SCRIPT: &str = "node_modules/@portkey-ai/gateway/build/start-server.js";

/// What the measurement is told of them. One that cannot be had is left out of it, with a line that says why.
pub(crate) fn options() -> Vec<PathBuf> {
    let peers = [("--litellm", "LiteLLM", clients::litellm()), ("--portkey", "Portkey", portkey())];
    let found = peers.into_iter().filter_map(|(option, name, path)| {
        let path = path.inspect_err(|error| println!("==> peers: {name} is left out: {error:#}")).ok()?;
        Some([option.into(), path])
    });
    found.flatten().collect()
}

/// The script that starts Portkey's gateway, installed unless it is there.
fn portkey() -> Result<PathBuf> {
    for tool in ["node", "npm"] {
        if output(Command::new(tool).arg("--version")).is_err() {
            bail!("there is no `{tool}`; install it (Debian: apt-get install nodejs npm)");
        }
    }
    let package = root().join(PORTKEY);
    let name: String = sha256(&[&package], "")?.chars().take(12).collect();
    let folder = cache()?.join(format!("portkey-{name}"));
    // Written last: its absence means that a run was cut short.
    let whole = folder.join("whole");
    if !whole.exists() {
        fs::create_dir_all(&folder)?;
        fs::copy(package, folder.join("package.json"))?;
        let mut npm = Command::new("npm");
        npm.args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"]);
        step("npm: install Portkey", npm.current_dir(&folder))?;
        fs::write(&whole, "")?;
    }
    Ok(folder.join(PORTKEY_SCRIPT))
}
