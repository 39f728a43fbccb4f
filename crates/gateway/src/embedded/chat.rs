//! A conversation's answer: the model's tokens, said in the caller's protocol.

use std::sync::Arc;

use access::{CLIENT_CLOSED_REQUEST, Closing, Failure, HandlerResult, Reply};
use dialect::exchange::{Answer, Event, Finish, Part, Tokens};
use dialect::openai::chat::ChatRequest;
use dialect::sse;
use http::StatusCode;
use local_model::{EmbeddedModel, ModelError, Outcome};
use serde_json::Value;
use tokio::sync::oneshot;

use crate::events::{self, Sender};
use crate::generation::{self, Generation};
use crate::protocol::Protocol;
use crate::slots::Slots;
use crate::translate::{Told, Writer, read_request, write_request};
use crate::upstream::{Job, account as note_account};
use crate::{admission, failure, observed, wish};

/// Answers. Everything that can be refused is refused before a slot is taken; from then on a task of its own owns the answer and
/// its record, whatever becomes of the client.
pub(crate) async fn answer(mut job: Box<Job>, engine: Arc<EmbeddedModel>, slots: &Slots) -> HandlerResult {
    let wish = wish::of(&request(&job)?, job.id.as_u64_pair().1);
    let mut wish = wish.map_err(|error| failure::dialect(&error))?;
    if let Some(cap) = job.lowered_cap {
        wish.max_tokens = wish.max_tokens.min(usize::try_from(cap).unwrap_or(usize::MAX));
    }
    let slot = slots.admit().await?;
    job.spending.sent();
    let closing = job.record.take_over();
    let generation = Generation::start(engine, wish, slot);
    let (client, answered) = oneshot::channel();
    let told = job.told();
    let work = Work { job, closing, told, has_begun: false };
    if work.job.outline.stream {
        tokio::spawn(work.stream(generation, client));
    } else {
        tokio::spawn(work.whole(generation, client));
    }
    // The task always answers, except when it breaks down.
    answered.await.unwrap_or_else(|_| Err(failure::broken()))
}

/// The request as a chat, which is what the model was made for.
fn request(job: &Job) -> Result<ChatRequest, Failure> {
    let not_supported = |error| failure::not_supported(&error);
    let body = match job.surface.protocol() {
        Protocol::Chat => job.said().value().clone(),
        protocol => {
            let read = read_request(protocol, job.said().value()).map_err(not_supported)?;
            write_request(Protocol::Chat, &read, &job.target()).map_err(not_supported)?
        }
    };
    ChatRequest::parse(body).map_err(|error| failure::dialect(&error))
}

/// An answer that is being written.
struct Work {
    job: Box<Job>,
    /// The duty to record it.
    closing: Closing,
    told: Told,
    has_begun: bool,
}

/// How an answer ended.
struct Ended {
    finish: Finish,
    tokens: Tokens,
}

impl Work {
    /// Gathers the whole answer, settles, replies.
    async fn whole(mut self, mut generation: Generation, mut client: oneshot::Sender<HandlerResult>) {
        let (mut text, mut is_gone) = (String::new(), false);
        let ended = loop {
            tokio::select! {
                () = client.closed(), if !is_gone => { is_gone = true; generation.cancel(); }
                event = generation.next() => match event {
                    generation::Event::Piece(piece) => { self.begin(); text.push_str(&piece); }
                    generation::Event::End(ended) => break ended,
                },
            }
        };
        let (plan, standing) = (Arc::clone(&self.job.plan), self.job.standing);
        let reply = match ended {
            Ok(outcome) => {
                let Ended { finish, tokens } = self.account(&outcome);
                let written = self.told.answer(&Answer {
                    id: String::new(),
                    model: self.job.plan.model.name.clone(),
                    parts: vec![Part::Text(text)],
                    finish,
                    stop_sequence: None,
                    usage: Some(tokens),
                });
                let recorded = self.finish(!is_gone, Some(&written)).await;
                recorded.map(|()| admission::on(plan.head.on(Reply::json(StatusCode::OK, &written)), standing.as_ref()))
            }
            Err(error) => Err(self.fail(&error).await),
        };
        // A client that went away in the meantime was settled; there is nobody to tell.
        let _ = client.send(reply);
    }

    /// Sends one event for each token as it comes. An error before the first token still has its own status.
    async fn stream(mut self, mut generation: Generation, mut client: oneshot::Sender<HandlerResult>) {
        let mut is_gone = false;
        let first = loop {
            tokio::select! {
                () = client.closed(), if !is_gone => { is_gone = true; generation.cancel(); }
                event = generation.next() => break event,
            }
        };
        if let generation::Event::End(Err(error)) = &first {
            let _ = client.send(Err(self.fail(error).await));
            return;
        }
        let (sender, body) = events::channel();
        let reply = self.job.plan.head.on(Reply::stream(StatusCode::OK, sse::CONTENT_TYPE, body));
        let answered = client.send(Ok(admission::on(reply, self.job.standing.as_ref()))).is_ok();
        self.begin();
        let mut writer = self.told.clone().writer();
        let model = self.job.plan.model.name.clone();
        say(&mut writer, &sender, &Event::Started { id: String::new(), model, usage: None }).await;
        let ended = self.forward(&mut generation, &mut writer, &sender, first).await;
        self.close_stream(ended, writer, &sender, answered).await;
    }

    /// Forwards tokens until the answer ends; a client that goes away cancels it.
    async fn forward(
        &self,
        generation: &mut Generation,
        writer: &mut Writer,
        client: &Sender,
        first: generation::Event,
    ) -> Result<Outcome, ModelError> {
        let mut event = first;
        let mut is_gone = false;
        loop {
            match event {
                generation::Event::Piece(delta) if !is_gone => {
                    is_gone = !say(writer, client, &Event::Text { part: 0, delta }).await;
                    if is_gone {
                        generation.cancel();
                    }
                }
                generation::Event::Piece(_) => {}
                // A cancel that came too late to be seen by the model is still a cancelled answer: nobody read its end.
                generation::Event::End(Ok(outcome)) if is_gone => {
                    return Ok(Outcome { finish: local_model::Finish::Cancelled, ..outcome });
                }
                generation::Event::End(ended) => return ended,
            }
            event = loop {
                tokio::select! {
                    () = client.closed(), if !is_gone => { is_gone = true; generation.cancel(); }
                    event = generation.next() => break event,
                }
            };
        }
    }

    /// Settles, records, and only then sends the end of the stream.
    async fn close_stream(
        mut self,
        ended: Result<Outcome, ModelError>,
        mut writer: Writer,
        client: &Sender,
        answered: bool,
    ) {
        let failure = match ended {
            Ok(outcome) => {
                let Ended { finish, tokens } = self.account(&outcome);
                let events = [
                    Event::PartDone { part: 0 },
                    Event::Finished { finish, stop_sequence: None },
                    Event::Usage(tokens),
                    Event::End,
                ];
                let last: Vec<_> = events.iter().map(|event| writer.write(event).unwrap_or_default()).collect();
                match self.finish(answered, writer.response()).await {
                    Ok(()) => {
                        for bytes in last.into_iter().filter(|bytes| !bytes.is_empty()) {
                            let _ = client.send(bytes).await;
                        }
                        return;
                    }
                    Err(failure) => failure,
                }
            }
            Err(error) => self.fail(&error).await,
        };
        // The status is gone: the error is an event, which clients raise, and no end follows.
        let (code, message) = failure::words(&failure);
        say(&mut writer, client, &Event::Error { code: code.to_owned(), message: message.to_owned() }).await;
    }

    /// Notes when the first token was there.
    fn begin(&mut self) {
        if !self.has_begun {
            self.has_begun = true;
            let elapsed = self.closing.draft().elapsed_us();
            self.closing.draft().note(|record| record.first_byte_us = Some(elapsed));
        }
    }

    /// Settles what was used.
    fn account(&mut self, outcome: &Outcome) -> Ended {
        let (word, finish) = match outcome.finish {
            local_model::Finish::Stop => ("stop", Finish::Stop),
            local_model::Finish::Length => ("length", Finish::Length),
            // It ended before it was whole; who went away reads no word for it.
            local_model::Finish::Cancelled => ("cancelled", Finish::Length),
        };
        let (input, output) = (outcome.prompt_tokens as u64, outcome.completion_tokens as u64);
        let tokens = Tokens { input, output, ..Tokens::default() };
        let account = observed::Account { usage: tokens.into(), finish: Some(word.into()), ..Default::default() };
        note_account(self.closing.draft(), &account);
        self.job.spending.settle(account.usage.total_tokens());
        Ended { finish, tokens }
    }

    /// Keeps what is to be kept and writes the record: the last thing before the last byte. `answered` says whether the client got
    /// a status at all.
    async fn finish(self, answered: bool, response: Option<&Value>) -> Result<(), Failure> {
        let Work { mut job, closing, .. } = self;
        let kept = match (job.keep.take(), response, answered) {
            (Some(keep), Some(response), true) => keep.put(response).await,
            _ => Ok(()),
        };
        let status = match &kept {
            Err(failure) => {
                closing.draft().note(|record| {
                    record.step = "handler".into();
                    record.reason = Some(failure.reason.clone());
                });
                failure.status.as_u16()
            }
            Ok(()) if answered => StatusCode::OK.as_u16(),
            Ok(()) => CLIENT_CLOSED_REQUEST,
        };
        // Whatever became of keeping it, it was answered, and has its record.
        close(closing, status).await?;
        kept
    }

    /// Records that the model could not answer; what the client is to be told.
    async fn fail(mut self, error: &ModelError) -> Failure {
        let failure = failure::model(error);
        self.job.spending.nothing();
        self.closing.draft().note(|record| {
            record.reason = Some(failure.reason.clone());
            record.step = "handler".into();
            record.finish = Some("error".into());
        });
        match close(self.closing, failure.status.as_u16()).await {
            Ok(()) => failure,
            Err(unrecorded) => unrecorded,
        }
    }
}

async fn close(closing: Closing, status: u16) -> Result<(), Failure> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    closing.close(status).await.map_err(|error| {
        tracing::error!(%error, "the journal cannot be written");
        failure::not_recorded()
    })
}

/// Sends what an event is in the caller's protocol; whether somebody still listens.
async fn say(writer: &mut Writer, client: &Sender, event: &Event) -> bool {
    match writer.write(event) {
        Ok(bytes) if bytes.is_empty() => true,
        Ok(bytes) => client.send(bytes).await.is_ok(),
        Err(error) => {
            tracing::error!(%error, "an event could not be written");
            true
        }
    }
}
