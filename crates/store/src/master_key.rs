//! The key of keys: 32 random bytes in `master.key`, readable by its owner alone.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use aws_lc_rs::rand;
use zeroize::Zeroizing;

use crate::error::StoreError;
use crate::folder::sync_folder;

/// AES-256 and HMAC-SHA-256 both take 256 bits.
const KEY_BYTES: usize = 32;
/// Read and write for the owner, nothing for anybody else.
const KEY_MODE: u32 = 0o600;
/// The permission bits of group and others.
const OTHERS: u32 = 0o077;

/// The master key in memory.
pub(crate) struct MasterKey(Zeroizing<[u8; KEY_BYTES]>);

impl MasterKey {
    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// Reads the key; `None` when there is no such file.
    pub(crate) fn read(path: &Path) -> Result<Option<MasterKey>, StoreError> {
        let found = match fs::metadata(path) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(refused(path, &error.to_string())),
        };
        let mode = found.permissions().mode();
        if mode & OTHERS != 0 {
            let mode = mode & 0o777;
            return Err(refused(path, &format!("others may read it (mode {mode:o}); run `chmod 600` on it")));
        }
        let bytes = Zeroizing::new(fs::read(path).map_err(|error| refused(path, &error.to_string()))?);
        let key = <[u8; KEY_BYTES]>::try_from(bytes.as_slice())
            .map_err(|_| refused(path, &format!("it has {} bytes instead of {KEY_BYTES}", bytes.len())))?;
        Ok(Some(MasterKey(Zeroizing::new(key))))
    }

    /// Makes a new key. It has its name only when it is whole and on the disk.
    pub(crate) fn create(path: &Path) -> Result<MasterKey, StoreError> {
        let mut key = Zeroizing::new([0_u8; KEY_BYTES]);
        rand::fill(key.as_mut_slice()).map_err(|_| refused(path, "the system gave no random bytes"))?;
        let unfinished = path.with_extension("key.new");
        write_new(&unfinished, key.as_slice())
            .and_then(|()| fs::rename(&unfinished, path))
            .and_then(|()| path.parent().map_or(Ok(()), sync_folder))
            .map_err(|error| {
                let _ = fs::remove_file(&unfinished);
                StoreError::Folder(format!("`{}` cannot be written: {error}", path.display()))
            })?;
        Ok(MasterKey(key))
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(KEY_MODE).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn refused(path: &Path, reason: &str) -> StoreError {
    StoreError::MasterKey(format!("`{}`: {reason}", path.display()))
}
