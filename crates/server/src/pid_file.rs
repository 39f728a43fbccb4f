//! `cupola.pid`: which process serves from a data folder, for commands that have to reach it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use anyhow::{Context, Result};
use rustix::process::Pid;

/// The file's name in the data folder.
const NAME: &str = "cupola.pid";

/// Says that this process serves, until it is dropped or the process ends. The lock tells, not the text: what a killed
/// server left behind names a process that may be anybody's by now.
#[derive(Debug)]
pub struct PidFile(#[expect(dead_code, reason = "held for its drop")] File);

impl PidFile {
    /// Says so in the data folder, which the caller has open.
    pub fn write(data_dir: &Path) -> Result<PidFile> {
        let path = data_dir.join(NAME);
        let shown = path.display();
        let mut file = open(&path).with_context(|| format!("`{shown}` cannot be made"))?;
        // Nobody else serves from the folder; a command may look at this moment.
        file.lock().with_context(|| format!("`{shown}` cannot be locked"))?;
        let written = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id())).and_then(|()| file.flush());
        written.with_context(|| format!("`{shown}` cannot be written"))?;
        Ok(PidFile(file))
    }
}

/// The process that serves from a data folder; `None` where none does.
pub fn serving(data_dir: &Path) -> Result<Option<Pid>> {
    let path = data_dir.join(NAME);
    let shown = path.display();
    let mut file = match File::open(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        opened => opened.with_context(|| format!("`{shown}` cannot be read"))?,
    };
    match file.try_lock_shared() {
        Ok(()) => return Ok(None),
        Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(error)) => return Err(error).with_context(|| format!("`{shown}` cannot be locked")),
    }
    let mut text = String::new();
    file.rewind().and_then(|()| file.read_to_string(&mut text)).with_context(|| format!("`{shown}` cannot be read"))?;
    let pid = text.trim().parse().ok().and_then(Pid::from_raw);
    pid.map(Some).with_context(|| format!("`{shown}` names no process: the server is just starting, try again"))
}

fn open(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

#[cfg(test)]
mod tests;
