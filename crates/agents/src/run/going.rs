//! The runs that are going on in this process, so that each can be stopped.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arm::Scope;
use tokio::sync::{Semaphore, watch};

/// Runs that go on at once without anybody waiting for them, those after a restart among them: each holds what it was said in memory,
/// and the models behind them have limits of their own.
const IN_BACKGROUND: usize = 16;

/// An account's or project's own name of something.
type Key = (String, String);

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Going,
    Stopping,
    Over,
}

/// All runs of this process.
pub(crate) struct Runs {
    all: Mutex<HashMap<Key, watch::Sender<Phase>>>,
    /// Places for runs that nobody waits for.
    pub(crate) in_background: Semaphore,
}

impl Default for Runs {
    fn default() -> Runs {
        Runs { all: Mutex::default(), in_background: Semaphore::new(IN_BACKGROUND) }
    }
}

impl Runs {
    /// Notes that a run begins.
    pub(crate) fn enter(self: &Arc<Runs>, project: &Scope, response: &str) -> Going {
        let key = (project.key().to_owned(), response.to_owned());
        let (phase, _) = watch::channel(Phase::Going);
        self.lock().insert(key.clone(), phase.clone());
        Going { runs: Arc::clone(self), key, phase }
    }

    /// Stops a run, if it goes on, and waits until it is over and kept.
    pub(crate) async fn stop(&self, project: &Scope, response: &str) {
        let phase = self.lock().get(&(project.key().to_owned(), response.to_owned())).cloned();
        let Some(phase) = phase else { return };
        phase.send_if_modified(|phase| {
            let is_going = *phase == Phase::Going;
            if is_going {
                *phase = Phase::Stopping;
            }
            is_going
        });
        let mut seen = phase.subscribe();
        // Its sender is in our hands: this ends with the run alone.
        let _ = seen.wait_for(|phase| *phase == Phase::Over).await;
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, watch::Sender<Phase>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A run that goes on, until this is dropped.
pub(crate) struct Going {
    runs: Arc<Runs>,
    key: Key,
    phase: watch::Sender<Phase>,
}

impl Going {
    /// Ends when somebody stops the run.
    pub(crate) async fn stopped(&self) {
        let mut seen = self.phase.subscribe();
        // The sender is `self`'s: this waits for the word.
        let _ = seen.wait_for(|phase| *phase != Phase::Going).await;
    }
}

impl Drop for Going {
    fn drop(&mut self) {
        self.runs.lock().remove(&self.key);
        self.phase.send_replace(Phase::Over);
    }
}
