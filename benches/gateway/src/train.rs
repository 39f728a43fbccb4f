//! What a server is asked so that its compiler may learn where its work is: the load of the measurements, every surface on the
//! embedded models, and the control plane.

use std::path::Path;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::cupola::{ACCOUNTS_VERSION, Cupola, Start, send};
use crate::entrants::Governed;
use crate::load::{self, Target, Until};
use crate::measure::MANY;
use crate::{child, in_folder};

/// Requests of each load that is no stream, and streams. Enough that nothing of their path counts as rare.
const REQUESTS: u64 = 20_000;
const STREAMS: u64 = 400;
/// Answers of the embedded models, on each surface: slow, and each a thousand times through the same loops.
const EMBEDDED: usize = 3;
/// What the control plane is asked, each so often.
const CONTROL: usize = 200;

/// Starts the server and asks. It ends the polite way: what it has counted it writes at its end.
pub(crate) fn train(binary: &Path, models: &str) -> Result<()> {
    in_folder("train", async |folder| ask(binary, models, folder).await)
}

async fn ask(binary: &Path, models: &str, folder: &Path) -> Result<()> {
    let server = Governed::start(binary, models, folder).await?;
    for target in [&server.plain, &server.tls] {
        load::run(target, MANY, false, Until::Sent(REQUESTS), None).await?;
        load::run(target, 1, false, Until::Sent(REQUESTS / 10), None).await?;
        load::run(target, MANY, true, Until::Sent(STREAMS), None).await?;
    }
    child::terminate(server.cupola.running)?;
    // With the catalog that comes with it, which has the embedded models.
    let data_dir = folder.join("embedded");
    let server = Start { binary, data_dir: &data_dir, models, catalog: None, mock: None, plain: None }.run()?;
    control(&server).await?;
    embedded(&server).await?;
    child::terminate(server.running)
}

/// Signing in, reading and listing.
async fn control(cupola: &Cupola) -> Result<()> {
    let target = cupola.management().await?;
    let account = cupola.account(&target).await?;
    for _ in 0..CONTROL {
        cupola.management().await?;
        for path in ["", "/deployments", "/projects"] {
            send(&target, "GET", &format!("{account}{path}?{ACCOUNTS_VERSION}"), &Value::Null).await?;
        }
    }
    Ok(())
}

/// Every surface, with and without a stream.
async fn embedded(cupola: &Cupola) -> Result<()> {
    let target = cupola.furnish_embedded().await?;
    let said = json!([{"role": "user", "content": "Say hello to a colleague."}]);
    let asked = [
        ("openai/v1/chat/completions", json!({"model": "chat", "messages": said, "max_tokens": 16})),
        ("openai/v1/responses", json!({"model": "chat", "input": said, "max_output_tokens": 16})),
        ("anthropic/v1/messages", json!({"model": "chat", "messages": said, "max_tokens": 16})),
        ("openai/v1/embeddings", json!({"model": "embed", "input": ["Say hello.", "A colleague answers."]})),
    ];
    let (root, _) = target.path.split_once("openai/").unwrap_or_default();
    for _ in 0..EMBEDDED {
        for (path, body) in &asked {
            answered(&target, &format!("{root}{path}"), body.clone()).await?;
        }
    }
    Ok(())
}

/// An answer, and its stream where it has one.
async fn answered(target: &Target, path: &str, mut body: Value) -> Result<()> {
    send(target, "POST", path, &body).await?;
    if body["model"] == "chat" {
        body["stream"] = Value::Bool(true);
        let mut connection = target.connect().await?;
        let answer = connection.exchange(&target.raw("POST", path, "application/json", &body.to_string())).await?;
        ensure!(answer.status == 200, "POST {path}: {} {}", answer.status, answer.text());
    }
    Ok(())
}
