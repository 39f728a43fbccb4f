//! Embeddings of the model in this process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use access::{HandlerResult, Reply};
use bytes::Bytes;
use dialect::Usage;
use dialect::openai::embeddings::{EmbeddingsReply, EmbeddingsRequest, Input};
use http::StatusCode;
use local_model::{EmbedRequest, EmbeddingInput, EmbeddingModel, Embeddings, ModelError};

use crate::slots::Slots;
use crate::surface::Surface;
use crate::upstream::{Job, account as note_account};
use crate::{admission, failure, observed};

/// The media type of the answer.
const JSON: &str = "application/json";

/// Stops the model when the client goes away: this future is dropped then.
struct CancelOnDrop(Arc<AtomicBool>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Answers; the reply is closed by the door, as that of any handler.
pub(crate) async fn answer(mut job: Box<Job>, engine: Arc<EmbeddingModel>, slots: &Slots) -> HandlerResult {
    let request = EmbeddingsRequest::parse(job.body.value()).map_err(|error| failure::not_supported(&error))?;
    let encoding = request.encoding;
    let inputs = match request.input {
        Input::Texts(texts) => texts.into_iter().map(EmbeddingInput::Text).collect(),
        Input::Tokens(lists) => lists.into_iter().map(EmbeddingInput::Tokens).collect(),
    };
    let dimensions = request.dimensions.map(|dimensions| usize::try_from(dimensions).unwrap_or(usize::MAX));
    let slot = slots.admit().await?;
    job.spending.sent();
    let cancel = CancelOnDrop(Arc::default());
    let cancelled = Arc::clone(&cancel.0);
    let made = tokio::task::spawn_blocking(move || {
        let asked = EmbedRequest { inputs, dimensions };
        let made = engine.get().and_then(|model| model.embed(&asked, &cancelled));
        drop(slot);
        made
    });
    let broken = |_| Err(ModelError::Failed("the model's thread broke down".to_owned()));
    let Embeddings { vectors, prompt_tokens, .. } = made.await.unwrap_or_else(broken).map_err(|error| {
        job.spending.nothing();
        failure::model(&error)
    })?;
    drop(cancel);
    let prompt_tokens = prompt_tokens as u64;
    let usage = Usage { prompt_tokens, ..Usage::default() };
    note_account(&job.record, &observed::Account { usage, ..observed::Account::default() });
    job.spending.settle(prompt_tokens);
    let id = matches!(job.surface, Surface::Models(_)).then(|| format!("emb-{}", job.id.simple()));
    let reply = EmbeddingsReply { id, model: job.plan.model.name.clone(), vectors, prompt_tokens };
    let body = reply.to_json(encoding).map_err(|_| failure::broken())?;
    let elapsed = job.record.elapsed_us();
    job.record.note(|record| record.first_byte_us = Some(elapsed));
    Ok(admission::on(job.plan.head.on(Reply::bytes(StatusCode::OK, JSON, Bytes::from(body))), job.standing.as_ref()))
}
