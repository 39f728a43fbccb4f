//! The connections that read beside the writer. They are few, are made when they are needed, and hold nobody's write up.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use sqlx::AnyConnection;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::engine;
use crate::error::StoreError;

/// How many read at a time: each has a thread and a page cache of its own, and a read takes less than a millisecond.
const READERS: u32 = 4;

/// The readers of one database.
pub(crate) struct Readers {
    database: PathBuf,
    idle: Mutex<Vec<AnyConnection>>,
    turns: Semaphore,
}

/// A connection to read with, and the turn to do so.
pub(crate) struct Reader<'a> {
    pub(crate) connection: AnyConnection,
    _turn: SemaphorePermit<'a>,
}

impl Readers {
    pub(crate) fn new(database: PathBuf) -> Readers {
        Readers { database, idle: Mutex::default(), turns: Semaphore::new(READERS as usize) }
    }

    /// Waits for a turn. Refused once the readers are closed.
    pub(crate) async fn take(&self) -> Result<Reader<'_>, StoreError> {
        let closed = |_| StoreError::Unavailable("the store is closed".to_owned());
        let turn = self.turns.acquire().await.map_err(closed)?;
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => engine::open_read_only(&self.database).await?,
        };
        Ok(Reader { connection, _turn: turn })
    }

    /// Ends a turn. The next one gets the connection, unless it has failed.
    pub(crate) async fn give_back(&self, reader: Reader<'_>, has_failed: bool) {
        if has_failed {
            engine::close(reader.connection).await;
        } else {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(reader.connection);
        }
    }

    /// Waits for those who read, and closes the connections. What comes later is refused.
    pub(crate) async fn close(&self) {
        let Ok(_turns) = self.turns.acquire_many(READERS).await else { return };
        self.turns.close();
        let idle = std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner));
        for connection in idle {
            engine::close(connection).await;
        }
    }
}
