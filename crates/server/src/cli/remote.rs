//! A running server, asked over HTTPS with a caller's own token. Nothing else can be reached from here.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail, ensure};
use arm::Scope;
use egress::{Egress, Outgoing, SecretHeader, SecretSource, Settings, Target, Timeouts};
use http::StatusCode;
use serde_json::Value;

use crate::tls::system_bundle;

/// The variable that holds the token, so that it stands in no list of processes.
const TOKEN_VARIABLE: &str = "CUPOLA_ACCESS_TOKEN";
/// The namespace of the questions about access, and the version that they are asked in.
const NAMESPACE: &str = "Cupola.Access";
const API_VERSION: &str = "2026-11-01";
/// The version that resources are asked in.
const RESOURCES_API_VERSION: &str = "2025-09-01";
/// A search through a long journal takes a while; longer than this is a server that does not answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(120);
/// Who may do something in a tenant of a million assignments fits; what does not is no answer to read.
const ANSWER_BYTES_MAX: usize = 256 * 1024 * 1024;

/// A server, and the token to ask it with.
pub(super) struct Remote {
    egress: Egress,
    target: Target,
    credential: SecretHeader,
}

impl Remote {
    /// Opens the way to one server and to nothing else.
    pub(super) fn open(url: &str, token_file: Option<&Path>, ca: Option<&Path>) -> Result<Remote> {
        let url = url.trim_end_matches('/');
        ensure!(url.starts_with("https://"), "`{url}` is not the address of a server; give `https://host[:port]`");
        let ca_files: Vec<PathBuf> = ca.map(Path::to_owned).or_else(system_bundle).into_iter().collect();
        let settings = Settings {
            allowed_targets: vec![url.to_owned()],
            allowed_domains: Some(Vec::new()),
            ca_files,
            timeouts: Timeouts { first_byte: ANSWER_TIMEOUT, ..Timeouts::default() },
            ..Settings::default()
        };
        let egress = Egress::new(settings).with_context(|| format!("`{url}` cannot be asked"))?;
        let target = egress.target(url).with_context(|| format!("`{url}` cannot be asked"))?;
        let source = match token_file {
            Some(path) => SecretSource::File(path.to_owned()),
            None => SecretSource::Env(TOKEN_VARIABLE.to_owned()),
        };
        let token = egress.credential(&source).with_context(|| {
            format!("no token: set `{TOKEN_VARIABLE}` or name `--token-file`; `az account get-access-token` prints one")
        })?;
        Ok(Remote { egress, target, credential: SecretHeader::bearer(&token.current())? })
    }

    /// `GET {scope}/providers/Cupola.Access/{names}?{query}`
    pub(super) async fn get(&self, scope: &Scope, names: &[&str], query: &[(&str, &str)]) -> Result<Value> {
        let place = scope.as_str().split('/').filter(|segment| !segment.is_empty());
        let segments: Vec<&str> = place.chain(["providers", NAMESPACE]).chain(names.iter().copied()).collect();
        let target = self.target.join(&segments).with_query("api-version", API_VERSION);
        let target = query.iter().fold(target, |target, (name, value)| target.with_query(name, value));
        let (status, body) = self.ask(Outgoing::get(target)).await?;
        said(status, body)
    }

    /// Whether the token may see something of the control plane, and it is there.
    pub(super) async fn exists(&self, place: &Scope) -> Result<bool> {
        let (status, body) = self.ask(Outgoing::get(self.at(place.as_str()))).await?;
        if status == StatusCode::NOT_FOUND { Ok(false) } else { said(status, body).map(|_| true) }
    }

    /// Everything in a list of the control plane, page by page.
    pub(super) async fn list(&self, place: &str, query: &[(&str, &str)]) -> Result<Vec<Value>> {
        let mut target = query.iter().fold(self.at(place), |target, (name, value)| target.with_query(name, value));
        let mut all = Vec::new();
        loop {
            let (status, mut body) = self.ask(Outgoing::get(target)).await?;
            if status != StatusCode::OK {
                said(status, body)?;
                return Ok(all);
            }
            if let Some(Value::Array(page)) = body.get_mut("value").map(Value::take) {
                all.extend(page);
            }
            match body.get("nextLink").and_then(Value::as_str).filter(|next| !next.is_empty()) {
                Some(next) => target = self.egress.exact_target(next)?,
                None => return Ok(all),
            }
        }
    }

    /// `POST` of an action behind a resource.
    pub(super) async fn act(&self, resource: &Scope, action: &str, body: &Value) -> Result<Value> {
        let target = self.at(&format!("{}/{action}", resource.as_str()));
        let (status, body) = self.ask(Outgoing::post(target, "application/json", body.to_string().into())).await?;
        said(status, body)
    }

    fn at(&self, place: &str) -> Target {
        let segments: Vec<&str> = place.split('/').filter(|segment| !segment.is_empty()).collect();
        self.target.join(&segments).with_query("api-version", RESOURCES_API_VERSION)
    }

    async fn ask(&self, outgoing: Outgoing) -> Result<(StatusCode, Value)> {
        let outgoing = outgoing.accept("application/json").authorized_by(Some(self.credential.clone()));
        let answer = self.egress.send(outgoing).await?;
        let status = answer.status();
        let body = answer.collect(ANSWER_BYTES_MAX).await?;
        let body = serde_json::from_slice(&body).map_err(|_| {
            anyhow!("`{}` answered {status} with something that is no JSON: is it a Cupola?", self.target)
        })?;
        Ok((status, body))
    }
}

/// The body of an answer, or why there is none.
fn said(status: StatusCode, body: Value) -> Result<Value> {
    if status == StatusCode::OK {
        return Ok(body);
    }
    let said = body.pointer("/error/message").and_then(Value::as_str).unwrap_or("no reason was given");
    if status == StatusCode::UNAUTHORIZED {
        bail!("{said} Get a token for the control plane: `az account get-access-token`");
    }
    bail!("{said}")
}
