//! Digests of files. Python is needed anyway and has them; a crate would have to be built before the first step.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::step::output;

const SCRIPT: &str = "\
import hashlib, sys
digest = hashlib.sha256(sys.argv[1].encode())
for path in sys.argv[2:]:
    with open(path, 'rb') as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
print(digest.hexdigest())";

/// The SHA-256 of `text` and the files after it, in lower-case hex.
pub(crate) fn sha256(files: &[&Path], text: &str) -> Result<String> {
    let printed = output(Command::new("python3").args(["-c", SCRIPT, text]).args(files))?;
    Ok(printed.trim().to_owned())
}
