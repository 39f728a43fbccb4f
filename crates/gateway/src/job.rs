//! One answer on its way: what it is called, and the record it owes.

use access::{Closing, Failure, Reply};
use dialect::Usage;
use dialect::openai::{ChatReply, FinishReason};
use http::StatusCode;
use local_model::{Finish, ModelError, Outcome};

use crate::failure;

/// The status that the journal keeps for an answer whose client went away before it began.
const CLIENT_CLOSED_REQUEST: u16 = 499;

/// An answer that is being written.
pub(crate) struct Job {
    /// How its objects look.
    pub(crate) reply: ChatReply,
    /// Where it comes from.
    pub(crate) head: Head,
    /// The duty to record it.
    pub(crate) closing: Closing,
    /// Whether the first byte has been noted.
    pub(crate) begun: bool,
}

/// The headers that tell where an answer comes from.
#[derive(Clone)]
pub(crate) struct Head {
    /// The deployment.
    pub(crate) deployment: String,
    /// The account's location.
    pub(crate) region: Option<String>,
}

impl Head {
    /// Puts the headers on a reply.
    pub(crate) fn on(&self, reply: Reply) -> Reply {
        let reply = reply.with_header("x-ms-deployment-name", &self.deployment);
        match &self.region {
            Some(region) => reply.with_header("x-ms-region", region),
            None => reply,
        }
    }
}

/// How an answer ended, for whoever still listens.
pub(crate) struct Settled {
    /// Why it ended; a cancelled answer counts as one that reached its length.
    pub(crate) finish: FinishReason,
    /// What it used.
    pub(crate) usage: Usage,
}

impl Job {
    /// Notes when the first token was there.
    pub(crate) fn begin(&mut self) {
        if !self.begun {
            self.begun = true;
            let elapsed = self.closing.draft().elapsed_us();
            self.closing.draft().note(|record| record.first_byte_us = Some(elapsed));
        }
    }

    /// Settles what was used, and writes the record: the last thing before the last byte. `answered` says whether the client got a
    /// status at all.
    pub(crate) async fn settle(self, outcome: &Outcome, answered: bool) -> Result<Settled, Failure> {
        let usage =
            Usage { prompt_tokens: outcome.prompt_tokens as u64, completion_tokens: outcome.completion_tokens as u64 };
        let (word, finish) = match outcome.finish {
            Finish::Stop => ("stop", FinishReason::Stop),
            Finish::Length => ("length", FinishReason::Length),
            Finish::Cancelled => ("cancelled", FinishReason::Length),
        };
        self.closing.draft().note(|record| {
            record.prompt_tokens = Some(usage.prompt_tokens);
            record.completion_tokens = Some(usage.completion_tokens);
            record.usage_estimated = Some(false);
            record.finish = Some(word.to_owned());
        });
        self.close(if answered { StatusCode::OK.as_u16() } else { CLIENT_CLOSED_REQUEST }).await?;
        Ok(Settled { finish, usage })
    }

    /// Records that the model could not answer; what the client is to be told.
    pub(crate) async fn fail(self, error: &ModelError) -> Failure {
        let failure = failure::model(error);
        self.closing.draft().note(|record| {
            record.reason = Some(failure.reason.clone());
            record.step = "handler".into();
            record.finish = Some("error".to_owned());
        });
        match self.close(failure.status.as_u16()).await {
            Ok(()) => failure,
            Err(unrecorded) => unrecorded,
        }
    }

    async fn close(self, status: u16) -> Result<(), Failure> {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
        self.closing.close(status).await.map_err(|error| {
            tracing::error!(%error, "the journal cannot be written");
            failure::not_recorded()
        })
    }
}
