//! Each entrant under the same load, in rounds that take turns, so that a slow minute slows all of them.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use crate::child::{self, Running, free_port, wait_for};
use crate::cupola::{Cupola, Start};
use crate::load::{self, Seen, Target};
use crate::process::memory_kib;
use crate::{certificate, runtime};

/// Each figure is the middle one of so many rounds.
const ROUNDS: usize = 3;
const MANY_CONNECTIONS: usize = 32;
/// Connections of the streaming run.
const STREAMS: usize = 32;

/// One way from the load to the mock.
struct Entrant {
    name: &'static str,
    target: Target,
    /// Whose processor time counts; none where nothing is between.
    pid: Option<u32>,
    rounds: Vec<Round>,
}

/// The four runs of one round.
struct Round {
    single: Seen,
    many: Seen,
    stream: Seen,
    streams: Seen,
}

/// Everything that runs meanwhile.
struct Field {
    entrants: Vec<Entrant>,
    cupola: Cupola,
    _others: Vec<Running>,
}

/// Measures and prints the table.
pub(crate) fn measure(binary: &Path, models: &str, time: Duration) -> Result<()> {
    let folder = std::env::temp_dir().join(format!("cupola-bench-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let outcome = runtime()?.block_on(compare(binary, models, &folder, time));
    fs::remove_dir_all(&folder)?;
    outcome
}

async fn compare(binary: &Path, models: &str, folder: &Path, time: Duration) -> Result<()> {
    let mut field = line_up(binary, models, folder).await?;
    for round in 1..=ROUNDS {
        for entrant in &mut field.entrants {
            eprintln!("round {round} of {ROUNDS}: {}", entrant.name);
            entrant.rounds.push(Round {
                single: load::run(&entrant.target, 1, false, time, entrant.pid).await?,
                many: load::run(&entrant.target, MANY_CONNECTIONS, false, time, entrant.pid).await?,
                stream: load::run(&entrant.target, 1, true, time, entrant.pid).await?,
                streams: load::run(&entrant.target, STREAMS, true, time, entrant.pid).await?,
            });
        }
    }
    print(&field.entrants);
    let (now, most) = memory_kib(field.cupola.running.0.id())?;
    println!("\nThe server holds {} MiB after this, {} MiB at most.", now / 1024, most / 1024);
    child::terminate(field.cupola.running)
}

/// Starts everything.
async fn line_up(binary: &Path, models: &str, folder: &Path) -> Result<Field> {
    let mock_port = free_port()?;
    let mock = child::own(&["mock", &mock_port.to_string()], false)?;
    let mock_address = wait_for(mock_port)?;
    certificate::make(folder)?;
    let [pem, key] = ["bench.pem", "bench.key"].map(|name| folder.join(name));
    let [plain_port, tls_port] = [free_port()?, free_port()?];
    let (mock_text, mock_origin) = (mock_address.to_string(), format!("http://127.0.0.1:{mock_port}"));
    let plain = child::own(&["pass-through", &plain_port.to_string(), &mock_text], true)?;
    let tls_words =
        ["pass-through", &tls_port.to_string(), &mock_text, &pem.display().to_string(), &key.display().to_string()];
    let tls = child::own(&tls_words, true)?;

    let catalog = folder.join("models.toml");
    fs::write(&catalog, catalog_text(&mock_origin))?;
    let cupola_plain = if Start::has_plain(binary)? { Some(free_port()?) } else { None };
    let start = Start {
        binary,
        data_dir: &folder.join("data"),
        models,
        catalog: Some(&catalog),
        mock: Some(&mock_origin),
        plain: cupola_plain,
    };
    let cupola = start.run()?;
    let governed = cupola.furnish("mock").await?;

    let bare = |address, tls| Target { address, tls, path: "/v1/chat/completions".to_owned(), token: String::new() };
    let entrant = |name, target, pid| Entrant { name, target, pid, rounds: Vec::new() };
    let believed = certificate::client(&[&pem])?;
    let server = Some(cupola.running.0.id());
    let mut entrants = vec![
        entrant("direct to the mock", bare(mock_address, None), None),
        entrant("bare proxy", bare(wait_for(plain_port)?, None), Some(plain.0.id())),
        entrant("bare proxy, TLS", bare(wait_for(tls_port)?, Some(believed)), Some(tls.0.id())),
        entrant("cupola, governed, TLS", governed.clone(), server),
    ];
    if let Some(port) = cupola_plain {
        let target = Target { address: wait_for(port)?, tls: None, ..governed };
        entrants.insert(2, entrant("cupola, governed", target, server));
    }
    Ok(Field { entrants, cupola, _others: vec![mock, plain, tls] })
}

/// The demo's embedded model, which its own deployments need, and one at the mock.
fn catalog_text(mock: &str) -> String {
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
name = "mock"
version = "1"
format = "OpenAI"
runs = {{ upstream = {{ name = "mock", model = "mock-model" }} }}
"#
    )
}

fn print(entrants: &[Entrant]) {
    println!(
        "| | req/s, {MANY_CONNECTIONS} conn. | CPU-µs/request | p50 / p99 µs, 1 conn. | p50 / p99 µs, {MANY_CONNECTIONS} conn. \
         | first event µs | CPU-µs/token | gap p50 / p99 µs |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for entrant in entrants {
        let middle = |of: &dyn Fn(&Round) -> f64| {
            let mut values: Vec<f64> = entrant.rounds.iter().map(of).collect();
            values.sort_by(f64::total_cmp);
            values.get(values.len() / 2).copied().unwrap_or_default()
        };
        let quantile = |of: &dyn Fn(&Round) -> &hdrhistogram::Histogram<u64>, share: f64| {
            middle(&|round| of(round).value_at_quantile(share) as f64)
        };
        let cpu = |value: f64| if entrant.pid.is_some() { format!("{value:.1}") } else { "–".to_owned() };
        println!(
            "| {} | {:.0} | {} | {:.0} / {:.0} | {:.0} / {:.0} | {:.0} | {} | {:.0} / {:.0} |",
            entrant.name,
            middle(&|round| round.many.per_second),
            cpu(middle(&|round| round.many.cpu_us(round.many.requests).unwrap_or_default())),
            quantile(&|round| &round.single.whole, 0.5),
            quantile(&|round| &round.single.whole, 0.99),
            quantile(&|round| &round.many.whole, 0.5),
            quantile(&|round| &round.many.whole, 0.99),
            quantile(&|round| &round.stream.first_piece, 0.5),
            cpu(middle(&|round| round.streams.cpu_us(round.streams.tokens).unwrap_or_default())),
            quantile(&|round| &round.stream.gap, 0.5),
            quantile(&|round| &round.stream.gap, 0.99),
        );
    }
}
