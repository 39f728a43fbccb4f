//! One process at a time. The folder itself is locked, so that a folder that is refused stays as it was.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::error::StoreError;

/// The lock on a data folder; it ends with this value, or with the process.
#[derive(Debug)]
pub(crate) struct FolderLock(#[expect(dead_code, reason = "held for its drop")] File);

impl FolderLock {
    pub(crate) fn take(dir: &Path) -> Result<FolderLock, StoreError> {
        let folder = File::open(dir)
            .map_err(|error| StoreError::Folder(format!("`{}` cannot be opened: {error}", dir.display())))?;
        match folder.try_lock() {
            Ok(()) => Ok(FolderLock(folder)),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse(dir.display().to_string())),
            Err(TryLockError::Error(error)) => {
                Err(StoreError::Folder(format!("`{}` cannot be locked: {error}", dir.display())))
            }
        }
    }
}
