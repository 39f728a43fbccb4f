//! Who keeps the file of access facts near the newest world: in the background, once changes have settled, and at the end.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use crate::access_file::{self, Tag};
use crate::error::StoreError;
use crate::folder::access_file_in;
use crate::readers::Readers;
use crate::world::World;

/// Fewer assignments are read and numbered in some ten milliseconds: a file would be one more thing to look after.
const WORTH_KEEPING: usize = 1000;
/// Changes have settled when there was none between two looks. A million assignments are 34 MiB to write.
pub(crate) const LOOK_EVERY: Duration = Duration::from_secs(10);

/// The file, and what is known of it.
pub(crate) struct Keeper {
    path: PathBuf,
    state: Mutex<State>,
}

struct State {
    /// The version of the facts that were written last, or could not be: they are not tried again.
    handled: Option<u64>,
    /// The version at the last look.
    seen: Option<u64>,
    is_closed: bool,
}

impl Keeper {
    /// For a data folder of whose file these facts were read, if any were.
    pub(crate) fn new(folder: &Path, handled: Option<u64>) -> Keeper {
        let state = State { handled, seen: None, is_closed: false };
        Keeper { path: access_file_in(folder), state: Mutex::new(state) }
    }

    /// Writes the file if the facts have changed and settled. False once it is closed.
    pub(crate) async fn look(&self, world: Arc<World>, readers: &Readers) -> bool {
        let mut state = self.state.lock().await;
        let version = Some(world.access.version());
        if state.seen == version && !state.is_closed {
            self.keep(&mut state, world, readers).await;
        }
        state.seen = version;
        !state.is_closed
    }

    /// Writes the file if the facts have changed, and nothing any more.
    pub(crate) async fn close(&self, world: Arc<World>, readers: &Readers) {
        let mut state = self.state.lock().await;
        if !std::mem::replace(&mut state.is_closed, true) {
            self.keep(&mut state, world, readers).await;
        }
    }

    async fn keep(&self, state: &mut State, world: Arc<World>, readers: &Readers) {
        let version = Some(world.access.version());
        if state.handled == version || world.access.assignment_count() < WORTH_KEEPING {
            return;
        }
        state.handled = version;
        if let Err(reason) = self.write(world, readers).await {
            let path = self.path.display();
            tracing::warn!(%path, %reason, "the file of access facts was not written: the next start takes longer");
        }
    }

    async fn write(&self, world: Arc<World>, readers: &Readers) -> Result<(), StoreError> {
        let mut reader = readers.take().await?;
        let tag = Tag::of(&mut reader.connection, world.version).await;
        readers.give_back(reader, tag.is_err()).await;
        let Some(tag) = tag? else { return Ok(()) };
        let path = self.path.clone();
        let written = tokio::task::spawn_blocking(move || access_file::write(&path, &tag, &world.access)).await;
        let failed = |error: String| StoreError::Unavailable(error);
        written.map_err(|error| failed(error.to_string()))?.map_err(|error| failed(error.to_string()))
    }
}

#[cfg(test)]
mod tests;
