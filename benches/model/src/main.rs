//! How fast do the embedded models read and write?
//!
//! `chat` and `llama.py` beside this folder print lines of one table: the same file, the same prompt, one thread each. `embeddings`
//! prints a table of its own.

use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use local_model::{
    ChatMessage, EmbedRequest, EmbeddedModel, EmbeddingInput, EmbeddingModel, GenerateRequest, LocalModel,
};

const HELP: &str = "\
bench-model <command>

  chat FILE PROMPT      reads PROMPT's text, writes an answer; tokens per second of both
  embeddings FILE       milliseconds for texts of several lengths

CANDLE_NUM_THREADS and RAYON_NUM_THREADS are to be 1, as in the server.";

/// Tokens written in one go; `llama.py` has the same number.
const WRITTEN: usize = 128;
/// How often everything is measured; the median counts, the first is not counted.
const ROUNDS: usize = 5;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["chat", file, prompt] => chat(Path::new(file), Path::new(prompt)),
        ["embeddings", file] => embeddings(Path::new(file)),
        _ => Err(anyhow::anyhow!("{HELP}")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench-model: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What one answer took.
struct Answer {
    prompt_tokens: usize,
    until_first: Duration,
    tokens_after: usize,
    after_first: Duration,
}

fn chat(file: &Path, prompt: &Path) -> Result<()> {
    let prompt = std::fs::read_to_string(prompt).with_context(|| format!("`{}` cannot be read", prompt.display()))?;
    let started = Instant::now();
    let model = EmbeddedModel::new(file.to_owned()).get()?;
    let loaded = started.elapsed();
    let request = GenerateRequest {
        messages: vec![ChatMessage { role: "user".to_owned(), content: prompt.trim().to_owned() }],
        max_tokens: WRITTEN,
        temperature: 0.0,
        top_p: 1.0,
        seed: 1,
        presence_penalty: 0.0,
        frequency_penalty: 0.0,
        stop: Vec::new(),
    };
    answer(&model, &request)?;
    let answers = (0..ROUNDS).map(|_| answer(&model, &request)).collect::<Result<Vec<Answer>>>()?;
    let read = median(answers.iter().map(|answer| rate(answer.prompt_tokens, answer.until_first)));
    let written = median(answers.iter().map(|answer| rate(answer.tokens_after, answer.after_first)));
    let prompt_tokens = answers.first().map_or(0, |answer| answer.prompt_tokens);
    println!("| cupola | {prompt_tokens} | {read:.0} | {written:.1} | {} |", loaded.as_millis());
    Ok(())
}

fn answer(model: &LocalModel, request: &GenerateRequest) -> Result<Answer> {
    let started = Instant::now();
    let mut first = None;
    let outcome = model.generate(request, &AtomicBool::new(false), &mut |_| {
        first.get_or_insert_with(Instant::now);
        ControlFlow::Continue(())
    })?;
    let first = first.context("the model wrote nothing")?;
    if outcome.completion_tokens < WRITTEN / 2 {
        bail!("the answer has {} tokens: take a prompt with a longer one", outcome.completion_tokens);
    }
    Ok(Answer {
        prompt_tokens: outcome.prompt_tokens,
        until_first: first - started,
        tokens_after: outcome.completion_tokens - 1,
        after_first: first.elapsed(),
    })
}

fn embeddings(file: &Path) -> Result<()> {
    let model = EmbeddingModel::new(file.to_owned()).get()?;
    println!("| texts of a request | tokens | ms |\n|---|---|---|");
    for (texts, words) in [(1, 7), (1, 252), (16, 7), (16, 62)] {
        let text = EmbeddingInput::Text("word ".repeat(words));
        let request = EmbedRequest { inputs: vec![text; texts], dimensions: None };
        let mut tokens = 0;
        let mut once = || -> Result<f64> {
            let started = Instant::now();
            tokens = model.embed(&request, &AtomicBool::new(false))?.prompt_tokens;
            Ok(started.elapsed().as_secs_f64() * 1e3)
        };
        once()?;
        let took = (0..ROUNDS).map(|_| once()).collect::<Result<Vec<f64>>>()?;
        println!("| {texts} | {tokens} | {:.1} |", median(took));
    }
    Ok(())
}

fn rate(tokens: usize, took: Duration) -> f64 {
    tokens as f64 / took.as_secs_f64()
}

fn median(figures: impl IntoIterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.into_iter().collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}
