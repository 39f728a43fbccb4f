//! The server itself: started as an operator starts it, its demo tenant given a deployment at the mock and a caller who may use it.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::certificate;
use crate::child::{self, Running, free_port};
use crate::load::Target;

/// What a role assignment needs to let the caller ask models on every surface: the built-in role `Cognitive Services User`.
const SERVICES_USER: &str = "a97b65f3-24c7-4388-baec-2e87135dc908";
/// What accounts and what is below them are asked in.
pub(crate) const ACCOUNTS_VERSION: &str = "api-version=2025-06-01";
const ASSIGNMENTS_VERSION: &str = "api-version=2022-04-01";
/// Where data-plane tokens are for, and management tokens.
const DATA: &str = "https://cognitiveservices.azure.com";
const MANAGEMENT: &str = "https://management.azure.com";

/// Capacity units of the deployment at the mock, the most that one may have: six million requests a minute, so that limits are
/// counted and none refuses.
const CAPACITY: u64 = 1_000_000;
/// The operator's word that lets so much be deployed.
const QUOTA_VARIABLE: &str = "CUPOLA_LIMITS_QUOTA_UNITS";

/// How it is started.
pub(crate) struct Start<'a> {
    pub(crate) binary: &'a Path,
    pub(crate) data_dir: &'a Path,
    pub(crate) models: &'a str,
    pub(crate) catalog: Option<&'a Path>,
    /// The mock's origin, which the server is then allowed to ask.
    pub(crate) mock: Option<&'a str>,
    /// A port without TLS for the data plane.
    pub(crate) plain: Option<u16>,
}

/// A running server.
pub(crate) struct Cupola {
    pub(crate) running: Running,
    pub(crate) address: SocketAddr,
    /// From the start of the process to its ready line.
    pub(crate) ready_after: Duration,
    data_dir: PathBuf,
    env: HashMap<String, String>,
}

impl Start<'_> {
    /// Starts it and waits for its ready line.
    pub(crate) fn run(&self) -> Result<Cupola> {
        let port = free_port()?;
        let mut command = child::pinned(&self.binary.display().to_string());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CUPOLA_")) {
            command.env_remove(name);
        }
        command.args(["serve", "--demo", "contoso", "--listen", &format!("127.0.0.1:{port}"), "--data-dir"]);
        command.arg(self.data_dir).env("CUPOLA_MODEL_DIR", self.models).stdout(Stdio::piped());
        command.env(QUOTA_VARIABLE, CAPACITY.to_string());
        if let Some(catalog) = self.catalog {
            command.env("CUPOLA_MODEL_CATALOG", catalog);
        }
        if let Some(mock) = self.mock {
            command.env("CUPOLA_EGRESS_ALLOWED_TARGETS", mock);
        }
        if let Some(plain) = self.plain {
            command.args(["--listen-plain", &format!("127.0.0.1:{plain}")]);
        }
        let started = Instant::now();
        let mut running = Running(command.spawn().context("the server cannot be started")?);
        let said = running.0.stdout.take().context("the server's output is not connected")?;
        let mut line = String::new();
        BufReader::new(said).read_line(&mut line)?;
        ensure!(line.starts_with("cupola ready on "), "the server did not get ready");
        let ready_after = started.elapsed();
        let env = exports(&fs::read_to_string(self.data_dir.join("demo.env"))?);
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Ok(Cupola { running, address, ready_after, data_dir: self.data_dir.to_owned(), env })
    }
}

impl Cupola {
    /// The server as a target, before anybody has signed in.
    pub(crate) fn target(&self) -> Result<Target> {
        let tls = certificate::client(&[&self.data_dir.join("ca.pem")])?;
        Ok(Target { tls: Some(tls), ..Target::bare(self.address) })
    }

    /// The chat route of the demo's account, for a caller with a role there; `deployment` is made at the mock.
    pub(crate) async fn furnish(&self, deployment: &'static str) -> Result<Target> {
        let management = self.management().await?;
        let account = self.account(&management).await?;
        let model = json!({"format": "OpenAI", "name": deployment, "version": "1"});
        let body = json!({"sku": {"name": "GlobalStandard", "capacity": CAPACITY}, "properties": {"model": model}});
        send(&management, "PUT", &format!("{account}/deployments/{deployment}?{ACCOUNTS_VERSION}"), &body).await?;
        self.chat(&management, &account, deployment).await
    }

    /// The same for the demo's own deployments, which run on the embedded model.
    pub(crate) async fn furnish_embedded(&self) -> Result<Target> {
        let management = self.management().await?;
        let account = self.account(&management).await?;
        self.chat(&management, &account, "chat").await
    }

    /// The control plane, for the demo's administrator.
    pub(crate) async fn management(&self) -> Result<Target> {
        Ok(Target { token: self.token(MANAGEMENT).await?, ..self.target()? })
    }

    async fn chat(&self, management: &Target, account: &str, model: &'static str) -> Result<Target> {
        self.allow(management, account).await?;
        let path = format!("{}/chat/completions", self.path_of("CUPOLA_OPENAI_ENDPOINT")?);
        Ok(Target { path, model, token: self.token(DATA).await?, ..self.target()? })
    }

    /// Gives the caller the role at the account.
    async fn allow(&self, management: &Target, account: &str) -> Result<()> {
        let payload = management.token.split('.').nth(1).context("an odd token")?;
        let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload)?)?;
        let subscription = self.get("CUPOLA_SUBSCRIPTION_ID")?;
        let role =
            format!("/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{SERVICES_USER}");
        let properties =
            json!({"roleDefinitionId": role, "principalId": claims["oid"], "principalType": "ServicePrincipal"});
        let name = "b5e7c000-0000-4000-8000-000000000001";
        let path = format!("{account}/providers/Microsoft.Authorization/roleAssignments/{name}?{ASSIGNMENTS_VERSION}");
        send(management, "PUT", &path, &json!({"properties": properties})).await?;
        Ok(())
    }

    /// The demo's account.
    pub(crate) async fn account(&self, management: &Target) -> Result<String> {
        let subscription = self.get("CUPOLA_SUBSCRIPTION_ID")?;
        let path =
            format!("/subscriptions/{subscription}/providers/Microsoft.CognitiveServices/accounts?{ACCOUNTS_VERSION}");
        let listed = send(management, "GET", &path, &Value::Null).await?;
        let endpoint = self.path_of("CUPOLA_OPENAI_ENDPOINT")?;
        let name = endpoint.split('/').nth(2).context("an odd endpoint")?;
        let accounts = listed["value"].as_array().context("no list of accounts")?;
        let found = accounts.iter().find(|account| account["properties"]["customSubDomainName"] == name);
        Ok(found.and_then(|account| account["id"].as_str()).context("the demo's account is not there")?.to_owned())
    }

    /// A token of the demo's administrator.
    pub(crate) async fn token(&self, audience: &str) -> Result<String> {
        let target = self.target()?;
        let body = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}&scope={audience}/.default",
            self.get("CUPOLA_ADMIN_CLIENT_ID")?,
            self.get("CUPOLA_ADMIN_CLIENT_SECRET")?
        );
        let path = format!("/{}/oauth2/v2.0/token", self.get("CUPOLA_TENANT_ID")?);
        let request = target.raw("POST", &path, "application/x-www-form-urlencoded", &body);
        let mut connection = target.connect().await?;
        let answer = connection.exchange(&request).await?;
        let said: Value = serde_json::from_slice(answer.body)?;
        Ok(said["access_token"].as_str().with_context(|| format!("no token: {said}"))?.to_owned())
    }

    fn get(&self, name: &str) -> Result<&str> {
        self.env.get(name).map(String::as_str).with_context(|| format!("demo.env has no `{name}`"))
    }

    fn path_of(&self, name: &str) -> Result<&str> {
        let url = self.get(name)?;
        Ok(url.find("/accounts/").and_then(|at| url.get(at..)).unwrap_or(url))
    }
}

/// A request whose answer is JSON and a success.
pub(crate) async fn send(target: &Target, verb: &str, path: &str, body: &Value) -> Result<Value> {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let request = target.raw(verb, path, "application/json", &body);
    let mut connection = target.connect().await?;
    let answer = connection.exchange(&request).await?;
    let text = answer.text();
    ensure!((200..300).contains(&answer.status), "{verb} {path}: {} {text}", answer.status);
    Ok(serde_json::from_str(&text)?)
}

/// Names and values of `export` lines.
fn exports(text: &str) -> HashMap<String, String> {
    let line = |line: &str| {
        let (name, value) = line.strip_prefix("export ")?.split_once('=')?;
        Some((name.to_owned(), value.trim_matches('\'').to_owned()))
    };
    text.lines().filter_map(line).collect()
}
