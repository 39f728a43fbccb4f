//! Files that are whole or absent: written beside their place, synced, then renamed over it.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, Result};

/// Owner only: secrets.
pub const PRIVATE: u32 = 0o600;
/// Everybody may read: certificates.
pub const PUBLIC: u32 = 0o644;

/// Writes `text` to `path` with `mode`; a reader sees the old file or the new one, never a part.
pub fn write_whole(path: &Path, text: &str, mode: u32) -> Result<()> {
    let write = || -> std::io::Result<()> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".new");
        let beside = path.with_file_name(name);
        // A leftover of a killed start would keep its old mode.
        let _ = fs::remove_file(&beside);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    };
    write().with_context(|| format!("`{}` cannot be written", path.display()))
}
