//! `demo.env`: what a shell needs to act as the demo's administrator, as `export` lines.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use uuid::Uuid;

use crate::files::{PRIVATE, write_whole};
use crate::tls::Trust;

/// The file's name in the data folder.
pub const FILE_NAME: &str = "demo.env";

/// The part that is made once and kept: ids and secrets. The rest follows from the address.
#[derive(Clone)]
pub struct Kept {
    /// The tenant.
    pub tenant_id: Uuid,
    /// The subscription of the account below.
    pub subscription_id: String,
    /// The administrator's application id.
    pub admin_client_id: Uuid,
    /// The administrator's secret.
    pub admin_client_secret: String,
    /// A user's sign-in name.
    pub user: String,
    /// That user's password.
    pub user_password: String,
    /// The account's custom subdomain name.
    pub account: String,
    /// A project of that account.
    pub project: String,
}

impl Kept {
    /// Reads what an earlier start wrote; `None` where the file is missing or not whole.
    pub fn read(data_dir: &Path) -> Option<Kept> {
        let text = std::fs::read_to_string(data_dir.join(FILE_NAME)).ok()?;
        let values = parse(&text);
        let get = |name: &str| values.get(name).map(|value| (*value).to_owned());
        let endpoint = get("CUPOLA_PROJECT_ENDPOINT")?;
        let (head, project) = endpoint.split_once("/api/projects/")?;
        Some(Kept {
            tenant_id: get("CUPOLA_TENANT_ID")?.parse().ok()?,
            subscription_id: get("CUPOLA_SUBSCRIPTION_ID")?,
            admin_client_id: get("CUPOLA_ADMIN_CLIENT_ID")?.parse().ok()?,
            admin_client_secret: get("CUPOLA_ADMIN_CLIENT_SECRET")?,
            user: get("CUPOLA_USER")?,
            user_password: get("CUPOLA_USER_PASSWORD")?,
            account: head.rsplit('/').next()?.to_owned(),
            project: project.to_owned(),
        })
    }

    /// Writes the file for a server at `url` whose certificate `trust` verifies. A reader sees all of it or none.
    pub fn write(&self, data_dir: &Path, url: &str, trust: &Trust) -> Result<()> {
        write_whole(&data_dir.join(FILE_NAME), &self.text(url, trust), PRIVATE)
    }

    fn text(&self, url: &str, trust: &Trust) -> String {
        let account = format!("{url}/accounts/{}", self.account);
        let bundle = trust.bundle.display().to_string();
        let lines = [
            ("CUPOLA_URL", url.to_owned()),
            ("CUPOLA_TENANT_ID", self.tenant_id.to_string()),
            ("CUPOLA_SUBSCRIPTION_ID", self.subscription_id.clone()),
            ("CUPOLA_ADMIN_CLIENT_ID", self.admin_client_id.to_string()),
            ("CUPOLA_ADMIN_CLIENT_SECRET", self.admin_client_secret.clone()),
            ("CUPOLA_USER", self.user.clone()),
            ("CUPOLA_USER_PASSWORD", self.user_password.clone()),
            ("CUPOLA_OPENAI_ENDPOINT", format!("{account}/openai/v1")),
            ("CUPOLA_PROJECT_ENDPOINT", format!("{account}/api/projects/{}", self.project)),
            ("REQUESTS_CA_BUNDLE", bundle.clone()),
            ("SSL_CERT_FILE", bundle),
            ("AZURE_CORE_INSTANCE_DISCOVERY", "false".to_owned()),
            ("AZURE_AUTHORITY_HOST", url.to_owned()),
            ("NO_PROXY", "localhost,127.0.0.1".to_owned()),
        ];
        lines.iter().map(|(name, value)| format!("export {name}={}\n", quoted(value))).collect()
    }
}

/// A word of a POSIX shell that means exactly `text`.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Names and values of `export` lines. What is kept never holds a quote, so one pair is all there is to strip.
fn parse(text: &str) -> BTreeMap<&str, &str> {
    text.lines()
        .filter_map(|line| {
            let (name, value) = line.strip_prefix("export ")?.split_once('=')?;
            Some((name, value.strip_prefix('\'')?.strip_suffix('\'')?))
        })
        .collect()
}

#[cfg(test)]
mod tests;
