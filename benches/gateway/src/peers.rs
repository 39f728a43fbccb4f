//! Other gateways, started as their manuals say, with the mock behind them: a key is checked, one model is known, nothing is kept.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result};

use crate::child::{self, Running, free_port, wait_for};
use crate::entrants::Kind;
use crate::load::{self, Target, Until};
use crate::mock;

/// Where they are, as `cargo xtask bench` has installed them.
#[derive(Default)]
pub(crate) struct Given {
    /// The program `litellm`.
    pub(crate) litellm: Option<PathBuf>,
    /// The script that starts Portkey's gateway.
    pub(crate) portkey: Option<PathBuf>,
}

/// A peer that runs, and how it is asked; or why there is none.
type Started = Result<(Running, Target)>;

/// A key of LiteLLM's own form.
const MASTER_KEY: &str = "sk-of-this-measurement-0123456789";

/// Starts both, and tries each with one request and one stream.
pub(crate) async fn start(given: &Given, folder: &Path, mock: &str) -> Vec<(Kind, Started)> {
    let mut peers = vec![
        (Kind::LiteLlm, litellm(given.litellm.as_deref(), folder, mock)),
        (Kind::Portkey, portkey(given.portkey.as_deref(), folder, mock)),
    ];
    for (kind, started) in &mut peers {
        if let Ok((_, target)) = started
            && let Err(error) = attempt(target).await
        {
            *started = Err(error.context(said(&log(folder, *kind))));
        }
    }
    peers
}

async fn attempt(target: &Target) -> Result<()> {
    for is_stream in [false, true] {
        load::run(target, 1, is_stream, Until::Sent(1), None).await?;
    }
    Ok(())
}

fn litellm(program: Option<&Path>, folder: &Path, mock: &str) -> Started {
    let program = program.context("it is not installed")?;
    let config = folder.join("litellm.yaml");
    let model = mock::MODEL;
    let text = format!(
        "model_list:\n  - model_name: mock\n    litellm_params: {{model: openai/{model}, api_base: \"http://{mock}/v1\", api_key: none}}\n\
         general_settings: {{master_key: {MASTER_KEY}}}\n"
    );
    fs::write(&config, text)?;
    let port = free_port()?;
    let mut command = child::pinned(&program.display().to_string());
    command.args(["--host", "127.0.0.1", "--num_workers", "1", "--port", &port.to_string(), "--config"]).arg(config);
    // Nothing is fetched, nothing is reported, and only errors are said.
    command.envs([("LITELLM_LOCAL_MODEL_COST_MAP", "True"), ("LITELLM_TELEMETRY", "False"), ("LITELLM_LOG", "ERROR")]);
    let (running, bare) = listening(command, port, &log(folder, Kind::LiteLlm))?;
    Ok((running, Target { model: "mock", token: MASTER_KEY.to_owned(), ..bare }))
}

fn portkey(script: Option<&Path>, folder: &Path, mock: &str) -> Started {
    let script = script.context("it is not installed")?;
    let port = free_port()?;
    let mut command = child::pinned("node");
    command.arg(script).args([&format!("--port={port}"), "--headless"]).env("NODE_ENV", "production");
    let (running, bare) = listening(command, port, &log(folder, Kind::Portkey))?;
    let more_headers = format!("x-portkey-provider: openai\r\nx-portkey-custom-host: http://{mock}/v1\r\n");
    Ok((running, Target { token: "none".to_owned(), more_headers, ..bare }))
}

/// Starts a peer, and waits until it listens.
fn listening(mut command: std::process::Command, port: u16, log: &Path) -> Started {
    let file = File::create(log)?;
    command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
    let mut running = Running(command.spawn().context("it cannot be started")?);
    let address = wait_for(&mut running, port).with_context(|| said(log))?;
    Ok((running, Target::bare(address)))
}

fn log(folder: &Path, kind: Kind) -> PathBuf {
    folder.join(format!("{}.log", kind.name()))
}

/// The end of what a peer has said.
fn said(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let last = lines.len().saturating_sub(LINES_SHOWN);
    format!("it said: {}", lines.get(last..).unwrap_or_default().join("\n"))
}

/// Enough for an error with its traceback's end.
const LINES_SHOWN: usize = 8;
