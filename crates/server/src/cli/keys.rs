//! `cupola keys`: the keys that sign tokens.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use rustix::process::{Pid, Signal, kill_process};
use store::{CredentialKind, CredentialOwner, Store, SystemClock, World};

use crate::first_start::{rotate_signing_key, signing_keys};
use crate::pid_file;

/// How long a server may take to replace its key: it makes one in well under a second, and may have much to write.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// How long is waited between two looks: short for a person, long for a processor.
const LOOK_PAUSE: Duration = Duration::from_millis(200);

/// Makes a new key sign tokens: tells the server of the data folder to, or does it where none runs.
pub(super) async fn rotate(data_dir: &Path) -> Result<()> {
    let before = newest_key(&store::read_only(data_dir).await?);
    let said = match pid_file::serving(data_dir)? {
        Some(server) => {
            ask(server, data_dir, before).await?;
            format!("a new key signs the tokens of the running server (process {server})")
        }
        None => {
            let kid = rotate_here(data_dir).await?;
            format!("the new key `{kid}` signs tokens from the next start on")
        }
    };
    let mut out = std::io::stdout().lock();
    writeln!(out, "{said}; tokens under the old one stay good until they expire").context("stdout is closed")
}

/// SIGHUP, and the wait until the key is there.
async fn ask(server: Pid, data_dir: &Path, before: Option<Timestamp>) -> Result<()> {
    kill_process(server, Signal::HUP).with_context(|| format!("process {server} cannot be told"))?;
    let asked = Instant::now();
    while newest_key(&store::read_only(data_dir).await?) == before {
        if asked.elapsed() > ANSWER_TIMEOUT {
            bail!("process {server} has not replaced its key; its log says why");
        }
        tokio::time::sleep(LOOK_PAUSE).await;
    }
    Ok(())
}

async fn rotate_here(data_dir: &Path) -> Result<String> {
    let store = Store::open(data_dir, Arc::new(SystemClock)).await?;
    let rotated = match store.world().tenant.is_some() {
        true => replace(&store).await,
        false => Err(anyhow::anyhow!("`{}` holds no tenant yet: start the server once", data_dir.display())),
    };
    store.close().await;
    rotated
}

async fn replace(store: &Store) -> Result<String> {
    let now = Timestamp::now();
    let keys = signing_keys(store, now).await?;
    rotate_signing_key(store, &keys, now).await
}

/// When the key that signs was made.
fn newest_key(world: &World) -> Option<Timestamp> {
    let keys = world.credentials.of(&CredentialOwner::Server).filter(|info| info.kind == CredentialKind::SigningKey);
    keys.map(|info| info.created_at).max()
}
