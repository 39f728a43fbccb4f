//! A model writing an answer on a thread of its own.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use local_model::{EmbeddedModel, GenerateRequest, ModelError, Outcome, Piece};
use tokio::sync::mpsc;

use crate::slots::Slot;

/// What happens while an answer is written. `End` comes once, last.
pub(crate) enum Event {
    /// One token's text, perhaps empty.
    Piece(String),
    /// The answer ended, or failed.
    End(Result<Outcome, ModelError>),
}

/// A running answer. Dropping it cancels.
pub(crate) struct Generation {
    events: mpsc::UnboundedReceiver<Event>,
    cancel: Arc<AtomicBool>,
}

impl Generation {
    /// Begins on a blocking thread, which keeps the slot until it is done: a cancelled answer frees it at the next token.
    pub(crate) fn start(model: Arc<EmbeddedModel>, request: GenerateRequest, slot: Slot) -> Generation {
        // Unbounded, and bounded by the model's context: a slow reader must not hold the slot.
        let (sender, events) = mpsc::unbounded_channel();
        let cancel = Arc::new(AtomicBool::new(false));
        let cancelled = Arc::clone(&cancel);
        tokio::task::spawn_blocking(move || {
            let mut on_token = |piece: Piece<'_>| match sender.send(Event::Piece(piece.text.to_owned())) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            };
            let result = model.get().and_then(|model| model.generate(&request, &cancelled, &mut on_token));
            drop(slot);
            // Nobody left to read it: nothing to tell.
            let _ = sender.send(Event::End(result));
        });
        Generation { events, cancel }
    }

    /// The next event. A thread that broke down ends the answer as a failure.
    pub(crate) async fn next(&mut self) -> Event {
        let broken = || Event::End(Err(ModelError::Failed("the model's thread broke down".to_owned())));
        self.events.recv().await.unwrap_or_else(broken)
    }

    /// Asks the model to stop; `End` still comes, with what was used.
    pub(crate) fn cancel(&self) {
        self.cancel.store(true, Ordering::Relaxed);
    }
}

impl Drop for Generation {
    fn drop(&mut self) {
        self.cancel();
    }
}
