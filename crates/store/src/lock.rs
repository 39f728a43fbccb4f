//! One process at a time. The folder itself is locked, so that a folder that is refused stays as it was.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::error::StoreError;

/// How long a lock is waited for: a server that is just ending, and a program that it is just starting (between its fork
/// and its exec a child holds what its parent held), let go within milliseconds.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long to sleep between two looks.
const PAUSE: Duration = Duration::from_millis(10);

/// The lock on a data folder; it ends with this value, or with the process.
#[derive(Debug)]
pub(crate) struct FolderLock(#[expect(dead_code, reason = "held for its drop")] File);

impl FolderLock {
    pub(crate) fn take(dir: &Path) -> Result<FolderLock, StoreError> {
        let folder = File::open(dir)
            .map_err(|error| StoreError::Folder(format!("`{}` cannot be opened: {error}", dir.display())))?;
        let begun = Instant::now();
        loop {
            match folder.try_lock() {
                Ok(()) => return Ok(FolderLock(folder)),
                Err(TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => return Err(StoreError::InUse(dir.display().to_string())),
                Err(TryLockError::Error(error)) => {
                    return Err(StoreError::Folder(format!("`{}` cannot be locked: {error}", dir.display())));
                }
            }
        }
    }
}
