//! Whose turn it is in a conversation: while it is answered, nobody else says anything in it.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use access::Failure;
use arm::Scope;
use dialect::openai::OpenAiError;

use crate::failure::refused;

/// A conversation of a project.
type Place = (Scope, String);

/// The conversations that are being answered. They are few, in memory: a run that goes on after a restart takes its turn again.
#[derive(Clone, Default)]
pub(crate) struct Turns(Arc<Mutex<HashSet<Place>>>);

/// The turn of one answer; it ends when this is dropped.
pub(crate) struct Turn {
    turns: Turns,
    place: Place,
}

impl Turns {
    /// Takes the turn. While another has it: 400 `conversation_locked`, as clients of this protocol know it.
    pub(crate) fn take(&self, project: &Scope, conversation: &str) -> Result<Turn, Failure> {
        let place = (project.clone(), conversation.to_owned());
        let is_free = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(place.clone());
        if is_free { Ok(Turn { turns: self.clone(), place }) } else { Err(locked()) }
    }

    /// Refuses while somebody has the turn.
    pub(crate) fn check_free(&self, project: &Scope, conversation: &str) -> Result<(), Failure> {
        let place = (project.clone(), conversation.to_owned());
        let is_taken = self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&place);
        if is_taken { Err(locked()) } else { Ok(()) }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.turns.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.place);
    }
}

fn locked() -> Failure {
    let message = "`conversation`: it is being answered at the moment; try again when that has ended";
    refused(&OpenAiError::invalid("conversation_locked", "conversation", message))
}

#[cfg(test)]
mod tests;
