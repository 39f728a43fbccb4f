//! The data folder: what is where, and how a refused start leaves it as it was.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use crate::error::StoreError;
use crate::lock::FolderLock;

/// Only the owner of the process may look into a folder that holds keys.
const FOLDER_MODE: u32 = 0o700;

/// An open data folder, locked.
pub(crate) struct Folder {
    dir: PathBuf,
    made: bool,
    lock: FolderLock,
}

impl Folder {
    /// Makes the folder if it is missing, and locks it.
    pub(crate) fn open(dir: &Path) -> Result<Folder, StoreError> {
        let made = match fs::metadata(dir) {
            Ok(found) if found.is_dir() => false,
            Ok(_) => {
                return Err(StoreError::Folder(format!("`{}` is not a folder", dir.display())));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                DirBuilder::new()
                    .recursive(true)
                    .mode(FOLDER_MODE)
                    .create(dir)
                    .map_err(|error| unusable(dir, &error))?;
                true
            }
            Err(error) => return Err(unusable(dir, &error)),
        };
        let dir = fs::canonicalize(dir).map_err(|error| unusable(dir, &error))?;
        let lock = FolderLock::take(&dir)?;
        let folder = Folder { dir, made, lock };
        if folder.journal().exists() && !folder.journal().is_dir() {
            return Err(StoreError::Folder(format!("`{}` is not a folder", folder.journal().display())));
        }
        Ok(folder)
    }

    pub(crate) fn database(&self) -> PathBuf {
        database_in(&self.dir)
    }

    /// The name of a database until it is complete: a start that is cut off leaves no half-made `cupola.db`.
    pub(crate) fn unfinished_database(&self) -> PathBuf {
        self.dir.join("cupola.db.new")
    }

    pub(crate) fn master_key(&self) -> PathBuf {
        self.dir.join("master.key")
    }

    pub(crate) fn journal(&self) -> PathBuf {
        journal_folder(&self.dir)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.dir
    }

    /// Gives the complete database its name, durably.
    pub(crate) fn publish_database(&self) -> Result<(), StoreError> {
        fs::rename(self.unfinished_database(), self.database()).map_err(|error| unusable(&self.dir, &error))?;
        sync_folder(&self.dir).map_err(|error| unusable(&self.dir, &error))
    }

    /// Removes what an unfinished first start has left.
    pub(crate) fn clear_unfinished(&self) {
        for suffix in ["", "-journal", "-wal", "-shm"] {
            let mut name = self.unfinished_database().into_os_string();
            name.push(suffix);
            // Best effort: what cannot be removed here is removed by the next start.
            let _ = fs::remove_file(PathBuf::from(name));
        }
    }

    /// After a refusal: nothing that this start made stays.
    pub(crate) fn undo(self, made_master_key: bool) {
        self.clear_unfinished();
        if made_master_key && !self.database().exists() {
            let _ = fs::remove_file(self.master_key());
        }
        if self.made {
            // Succeeds only when the folder is empty.
            let _ = fs::remove_dir(&self.dir);
        }
    }

    pub(crate) fn into_lock(self) -> FolderLock {
        self.lock
    }
}

/// Where the database of a data folder is.
pub(crate) fn database_in(dir: &Path) -> PathBuf {
    dir.join("cupola.db")
}

/// Where the access facts of a data folder are kept, if they are.
pub(crate) fn access_file_in(dir: &Path) -> PathBuf {
    dir.join("access.snapshot")
}

/// Where the journal of a data folder is.
pub(crate) fn journal_folder(dir: &Path) -> PathBuf {
    dir.join("journal")
}

/// Makes a rename or a new name in a folder durable.
pub(crate) fn sync_folder(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

fn unusable(dir: &Path, error: &io::Error) -> StoreError {
    StoreError::Folder(format!("`{}`: {error}", dir.display()))
}
