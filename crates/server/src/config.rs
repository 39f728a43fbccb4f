//! What an operator may set: a TOML file, and the same names in the environment, which wins.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use arm::{AccountDomain, nearest};
use serde::Deserialize;

mod egress;
mod limits;

pub use egress::EgressConfig;
pub use limits::LimitsConfig;

/// Every key of the file, in the order of the README.
const KEYS: [&str; 9] = [
    "public_url",
    "domain",
    "model_catalog",
    "model_dir",
    "bootstrap_client_secret_file",
    "log",
    "egress",
    "limits",
    "managed_identities",
];

/// The names of the environment, each the twin of a key; the secret itself is never a key of the file.
const ENV_PREFIX: &str = "CUPOLA_";

/// Shorter bootstrap secrets are refused: it is the key to everything.
const BOOTSTRAP_SECRET_MIN_CHARS: usize = 16;

/// The operator's settings.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where clients reach this server, without a trailing slash; `https://localhost:{port}` when unset.
    pub public_url: Option<String>,
    /// The domain under which accounts have hosts of their own, `{account}.openai.{domain}` and its like; none when unset.
    pub domain: Option<String>,
    /// The model catalog (TOML); the built-in one when unset.
    pub model_catalog: Option<PathBuf>,
    /// Where model files are; `~/.cache/cupola/models` when unset.
    pub model_dir: Option<PathBuf>,
    /// A file whose first line is the first administrator's client secret.
    pub bootstrap_client_secret_file: Option<PathBuf>,
    /// The resources whose managed identities answer on `--identity-listen`, by their ids; the first where none is named.
    #[serde(default)]
    pub managed_identities: Vec<String>,
    /// What is logged on stderr: `error`, `warn`, `info`, `debug`, or a filter per module.
    pub log: Option<String>,
    /// Where the server's own requests may go.
    #[serde(default)]
    pub egress: EgressConfig,
    /// How many role assignments and roles there may be.
    #[serde(default)]
    pub limits: LimitsConfig,
    /// The authorities that clients of this data folder believe, the system's among them; known once the folder is there.
    #[serde(skip)]
    pub trust_bundle: Option<PathBuf>,
    /// The first administrator's client secret, from `CUPOLA_BOOTSTRAP_CLIENT_SECRET` or the file above.
    #[serde(skip)]
    pub bootstrap: Option<BootstrapSecret>,
}

/// A secret that prints as `***`.
#[derive(Clone)]
pub struct BootstrapSecret(String);

impl BootstrapSecret {
    /// The secret's text.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for BootstrapSecret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}

impl Config {
    /// Reads `file`, then the environment through `variable`.
    pub fn read(file: Option<&Path>, variable: impl Fn(&str) -> Option<String>) -> Result<Config> {
        let mut config = match file {
            Some(path) => parse(path)?,
            None => Config::default(),
        };
        let from_env = |key: &str| variable(&format!("{ENV_PREFIX}{}", key.to_ascii_uppercase()));
        config.public_url = from_env("public_url").or(config.public_url);
        config.domain = from_env("domain").or(config.domain);
        config.model_catalog = from_env("model_catalog").map(PathBuf::from).or(config.model_catalog);
        config.model_dir = from_env("model_dir").map(PathBuf::from).or(config.model_dir);
        if let Some(named) = from_env("managed_identities") {
            config.managed_identities = named.split(',').map(|id| id.trim().to_owned()).collect();
            config.managed_identities.retain(|id| !id.is_empty());
        }
        config.log = from_env("log").or(config.log);
        config.bootstrap_client_secret_file =
            from_env("bootstrap_client_secret_file").map(PathBuf::from).or(config.bootstrap_client_secret_file);
        config.egress = config.egress.with_env(&from_env);
        config.limits = config.limits.with_env(&from_env)?;
        config.bootstrap = config.bootstrap_secret(from_env("bootstrap_client_secret"))?;
        config.public_url = config.public_url.map(|url| checked_url(&url)).transpose()?;
        Ok(config)
    }

    fn bootstrap_secret(&self, from_env: Option<String>) -> Result<Option<BootstrapSecret>> {
        let secret = match (from_env, &self.bootstrap_client_secret_file) {
            (Some(secret), _) => secret,
            (None, Some(path)) => {
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("the bootstrap secret file `{}` cannot be read", path.display()))?;
                text.lines().next().unwrap_or_default().trim().to_owned()
            }
            (None, None) => return Ok(None),
        };
        ensure!(
            secret.chars().count() >= BOOTSTRAP_SECRET_MIN_CHARS,
            "the bootstrap client secret is too short; use at least {BOOTSTRAP_SECRET_MIN_CHARS} random characters"
        );
        Ok(Some(BootstrapSecret(secret)))
    }

    /// The hosts of accounts, if the operator set a domain; with the port of the public URL.
    pub fn account_domain(&self, public_url: &str) -> Result<Option<AccountDomain>> {
        let Some(domain) = &self.domain else { return Ok(None) };
        let authority = public_url.strip_prefix("https://").unwrap_or(public_url);
        let port = authority.parse::<http::uri::Authority>().ok().and_then(|it| it.port_u16());
        let domain = AccountDomain::new(domain, port)?;
        ensure!(
            domain.account(authority).is_none(),
            "`{public_url}` is the host of an account under the domain `{}`; give the server another name",
            domain.as_str()
        );
        Ok(Some(domain))
    }

    /// Where clients reach the server that listens on `port`.
    pub fn public_url(&self, port: u16) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("https://localhost:{port}"))
    }
}

/// Reads the file; an unknown key is named with the key that was probably meant.
fn parse(path: &Path) -> Result<Config> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("the configuration `{shown}` cannot be read"))?;
    let table: toml::Table = text.parse().map_err(|error| anyhow::anyhow!("{}", one_line(&shown, &error)))?;
    if let Some(unknown) = table.keys().find(|key| !KEYS.contains(&key.as_str())) {
        match nearest(unknown, KEYS) {
            Some(meant) => bail!("unknown key `{unknown}` in `{shown}`; did you mean `{meant}`?"),
            None => bail!("unknown key `{unknown}` in `{shown}`; the keys are {}", KEYS.join(", ")),
        }
    }
    table.try_into().map_err(|error| anyhow::anyhow!("{}", one_line(&shown, &error)))
}

fn one_line(path: &dyn fmt::Display, error: &toml::de::Error) -> String {
    format!("the configuration `{path}` is not valid: {}", error.message().replace('\n', " "))
}

/// The public URL without its trailing slash; only `https://host[:port]` is a place where clients find every path.
fn checked_url(url: &str) -> Result<String> {
    let trimmed = url.trim_end_matches('/');
    let authority = trimmed.strip_prefix("https://").unwrap_or_default();
    let parsed = authority.parse::<http::uri::Authority>().ok();
    ensure!(
        parsed.is_some_and(|it| !it.host().is_empty() && !it.as_str().contains('@')),
        "`{url}` is not a public url; give it as `https://host` or `https://host:port`"
    );
    Ok(trimmed.to_owned())
}

/// The host of a checked public URL.
pub fn host_of(public_url: &str) -> String {
    let authority = public_url.strip_prefix("https://").unwrap_or(public_url);
    let host = authority.parse::<http::uri::Authority>().map(|it| it.host().to_owned()).unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if bare.parse::<IpAddr>().is_ok() { bare.to_owned() } else { host }
}

#[cfg(test)]
mod tests;
