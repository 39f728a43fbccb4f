//! Who is measured: each way from the load to the mock, started and ready.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::child::{self, Running, free_port, wait_for};
use crate::cupola::{Cupola, Start};
use crate::load::{Seen, Target};
use crate::{certificate, mock, peers};

/// Which way it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Direct,
    Bare,
    Governed,
    BareTls,
    GovernedTls,
    LiteLlm,
    Portkey,
}

/// One way from the load to the mock.
pub(crate) struct Entrant {
    pub(crate) kind: Kind,
    pub(crate) target: Target,
    /// Whose processor time and memory count, with its descendants'; the mock's own where nothing is between.
    pub(crate) pid: u32,
    pub(crate) rounds: Vec<Round>,
}

/// The four runs of one round, and the memory held after them.
pub(crate) struct Round {
    pub(crate) single: Seen,
    pub(crate) many: Seen,
    pub(crate) stream: Seen,
    pub(crate) streams: Seen,
    pub(crate) memory_kib: u64,
}

/// Everything that runs meanwhile.
pub(crate) struct Field {
    pub(crate) entrants: Vec<Entrant>,
    pub(crate) governed: Governed,
    _others: Vec<Running>,
}

/// The server with the mock behind it.
pub(crate) struct Governed {
    pub(crate) cupola: Cupola,
    pub(crate) plain: Target,
    pub(crate) tls: Target,
    mock_port: u16,
    mock: Running,
}

impl Kind {
    /// Its name in the tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Direct => "direct to the mock",
            Kind::Bare => "pass-through",
            Kind::Governed => "cupola, governed",
            Kind::BareTls => "pass-through, TLS",
            Kind::GovernedTls => "cupola, governed, TLS",
            Kind::LiteLlm => "LiteLLM",
            Kind::Portkey => "Portkey",
        }
    }

    /// Whether it is somebody else's gateway: one that fails is left out, and the others are measured.
    pub(crate) fn is_peer(self) -> bool {
        matches!(self, Kind::LiteLlm | Kind::Portkey)
    }

    /// What it is compared with: the same wire with nothing done.
    pub(crate) fn bare(self) -> Kind {
        match self {
            Kind::BareTls | Kind::GovernedTls => Kind::BareTls,
            _ => Kind::Bare,
        }
    }
}

/// The deployment at the mock, whose model is called something else there.
const DEPLOYMENT: &str = "mock";

impl Governed {
    /// Starts both.
    pub(crate) async fn start(binary: &Path, models: &str, folder: &Path) -> Result<Governed> {
        let mock_port = free_port()?;
        let mut mock = child::own(&["mock", &mock_port.to_string()], false)?;
        let mock_origin = format!("http://{}", wait_for(&mut mock, mock_port)?);
        let catalog = folder.join("models.toml");
        fs::write(&catalog, catalog_text(&mock_origin))?;
        let port = free_port()?;
        let start = Start {
            binary,
            data_dir: &folder.join("data"),
            models,
            catalog: Some(&catalog),
            mock: Some(&mock_origin),
            plain: Some(port),
        };
        let mut cupola = start.run()?;
        let tls = cupola.furnish(DEPLOYMENT).await?;
        let plain = Target { address: wait_for(&mut cupola.running, port)?, tls: None, ..tls.clone() };
        Ok(Governed { cupola, plain, tls, mock_port, mock })
    }

    /// Where the mock is.
    pub(crate) fn mock_address(&self) -> String {
        format!("127.0.0.1:{}", self.mock_port)
    }
}

/// The pass-through without TLS before a mock, and the way to it.
pub(crate) fn pass_through(mock: &str) -> Result<(Target, Running)> {
    let port = free_port()?;
    let mut running = child::own(&["pass-through", &port.to_string(), mock], true)?;
    Ok((Target::bare(wait_for(&mut running, port)?), running))
}

impl Field {
    /// Starts everybody. A peer that cannot be started is left out, with a line that says so.
    pub(crate) async fn line_up(binary: &Path, models: &str, folder: &Path, peers: &peers::Given) -> Result<Field> {
        let governed = Governed::start(binary, models, folder).await?;
        let mock = governed.mock_address();
        certificate::make(folder)?;
        let [pem, key] = ["bench.pem", "bench.key"].map(|name| folder.join(name));
        let (bare, plain) = pass_through(&mock)?;
        let tls_port = free_port()?;
        let tls_words =
            ["pass-through", &tls_port.to_string(), &mock, &pem.display().to_string(), &key.display().to_string()];
        let mut tls = child::own(&tls_words, true)?;
        let bare_tls =
            Target { tls: Some(certificate::client(&[&pem])?), ..Target::bare(wait_for(&mut tls, tls_port)?) };

        let server = governed.cupola.running.0.id();
        let entrant = |kind, target, pid| Entrant { kind, target, pid, rounds: Vec::new() };
        let mut entrants = vec![
            entrant(Kind::Direct, Target::bare(mock.parse()?), governed.mock.0.id()),
            entrant(Kind::Bare, bare, plain.0.id()),
            entrant(Kind::Governed, governed.plain.clone(), server),
            entrant(Kind::BareTls, bare_tls, tls.0.id()),
            entrant(Kind::GovernedTls, governed.tls.clone(), server),
        ];
        let mut others = vec![plain, tls];
        for (kind, started) in peers::start(peers, folder, &mock).await {
            match started {
                Ok((running, target)) => {
                    entrants.push(entrant(kind, target, running.0.id()));
                    others.push(running);
                }
                Err(error) => println!("{} is left out: {error:#}", kind.name()),
            }
        }
        Ok(Field { entrants, governed, _others: others })
    }
}

/// The demo's embedded model, which its own deployments need, and one at the mock, with all that the gateway accounts for.
fn catalog_text(mock: &str) -> String {
    let model = mock::MODEL;
    format!(
        r#"
[[upstream]]
name = "mock"
kind = "openai"
base_url = "{mock}/v1"

[[model]]
name = "SmolLM2-135M-Instruct"
version = "1"
format = "HuggingFace"
publisher = "HuggingFaceTB"
runs = {{ embedded = {{ file = "SmolLM2-135M-Instruct-Q4_1.gguf" }} }}

[[model]]
name = "{DEPLOYMENT}"
version = "1"
format = "OpenAI"
context_tokens = 128000
max_output_tokens = 16384
price = {{ input_micro_usd_per_million = 150000, output_micro_usd_per_million = 600000 }}
runs = {{ upstream = {{ name = "mock", model = "{model}" }} }}
"#
    )
}
