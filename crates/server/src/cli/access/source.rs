//! Where the facts are: in a data folder, or with a running server.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use arm::Scope;
use clap::{ArgGroup, Args};
use control::{decision, find_principal, permission, what_can, who_can};
use serde_json::Value;
use store::{Journal, World};
use uuid::Uuid;

use crate::cli::remote::Remote;

/// Where the facts are.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("facts").required(true).args(["data_dir", "server"])))]
pub(super) struct Source {
    /// The data folder, also while its server runs.
    #[arg(long, value_name = "D")]
    data_dir: Option<PathBuf>,
    /// The address of a running server; the token for it is in `CUPOLA_ACCESS_TOKEN` or `--token-file`.
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// A file whose first line is a token for the server's control plane.
    #[arg(long, value_name = "FILE", requires = "server")]
    token_file: Option<PathBuf>,
    /// The certificate authorities (PEM) that the server's certificate is checked by; `SSL_CERT_FILE` or the system's when unset.
    #[arg(long, value_name = "FILE", requires = "server")]
    ca: Option<PathBuf>,
}

/// What can be asked of either.
pub(super) enum Answers {
    /// A data folder.
    Folder(PathBuf),
    /// A running server.
    Server(Box<Remote>),
}

impl Source {
    /// Opens what was named.
    pub(super) fn open(&self) -> Result<Answers> {
        match (&self.data_dir, &self.server) {
            (Some(dir), _) => Ok(Answers::Folder(dir.clone())),
            (None, Some(url)) => {
                Ok(Answers::Server(Box::new(Remote::open(url, self.token_file.as_deref(), self.ca.as_deref())?)))
            }
            (None, None) => bail!("name `--data-dir D` or `--server URL`"),
        }
    }
}

impl Answers {
    /// A decision that happened, and how it would come out now.
    pub(super) async fn decision(&self, id: Uuid) -> Result<Value> {
        match self {
            Answers::Folder(dir) => {
                let world = world(dir).await?;
                let Some(record) = Journal::find(dir, id)? else {
                    bail!("the journal of `{}` has no decision `{id}`; is it another server's?", dir.display());
                };
                Ok(decision(&world, &record))
            }
            Answers::Server(server) => server.get(&Scope::root(), &["decisions", &id.to_string()], &[]).await,
        }
    }

    /// Everybody who may do it at the scope.
    pub(super) async fn who_can(&self, action: &str, is_data: Option<bool>, at: &str) -> Result<Value> {
        let (wanted, scope) = (permission(action, is_data).with_context(|| format!("`{action}`"))?, scope(at)?);
        match self {
            Answers::Folder(dir) => Ok(who_can(&world(dir).await?, &wanted, &scope)),
            Answers::Server(server) => {
                let is_data = if wanted.is_data() { "true" } else { "false" };
                server.get(&scope, &["whoCan"], &[("action", wanted.text()), ("isDataAction", is_data)]).await
            }
        }
    }

    /// What the principal holds around the scope and may do at it.
    pub(super) async fn what_can(&self, principal: &str, at: &str) -> Result<Value> {
        let scope = scope(at)?;
        match self {
            Answers::Folder(dir) => {
                let world = world(dir).await?;
                Ok(what_can(&world, find_principal(&world, principal)?, &scope))
            }
            Answers::Server(server) => server.get(&scope, &["whatCan"], &[("principal", principal)]).await,
        }
    }
}

async fn world(dir: &Path) -> Result<World> {
    Ok(store::read_only(dir).await?)
}

fn scope(text: &str) -> Result<Scope> {
    Scope::parse(text).with_context(|| format!("`{text}` is no scope; give `/` or an id such as `/subscriptions/…`"))
}
