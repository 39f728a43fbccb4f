//! Secrets that the operator keeps outside: in the environment, or in a file that may change.

use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use serde::Deserialize;
use zeroize::Zeroizing;

/// Shorter secrets are not looked for in answers: such a text stands everywhere by chance.
const SCRUBBED_MIN_BYTES: usize = 8;
/// What stands where a secret stood.
const MASK: &[u8] = b"***";

/// A secret that prints as `***` and is wiped when the last holder is gone.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    /// A secret of this text.
    pub fn new(text: String) -> Secret {
        Secret(Arc::new(Zeroizing::new(text)))
    }

    /// The text.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// `text` with every occurrence of the secret replaced: some servers repeat a key that they refuse.
    pub fn scrub(&self, text: Bytes) -> Bytes {
        let secret = self.reveal().as_bytes();
        let at = |from: usize| {
            let rest = text.get(from..)?;
            rest.windows(secret.len()).position(|window| window == secret).map(|found| from + found)
        };
        if secret.len() < SCRUBBED_MIN_BYTES || at(0).is_none() {
            return text;
        }
        let (mut out, mut from) = (Vec::with_capacity(text.len()), 0);
        while let Some(found) = at(from) {
            out.extend_from_slice(text.get(from..found).unwrap_or_default());
            out.extend_from_slice(MASK);
            from = found + secret.len();
        }
        out.extend_from_slice(text.get(from..).unwrap_or_default());
        Bytes::from(out)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}

/// Where a secret is kept.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretSource {
    /// The name of an environment variable, read at the start.
    Env(String),
    /// A file whose first line is the secret; read again when it changes.
    File(PathBuf),
}

/// Why a secret is not to be had. Nothing here repeats what was given as a name, in case it is the secret itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// Not what an environment variable can be called.
    #[error("`env` takes the name of an environment variable, never the secret itself")]
    NotAName,
    /// The variable is not there.
    #[error("the environment variable `{name}` is not set")]
    Unset {
        /// Its name.
        name: String,
    },
    /// The file cannot be read.
    #[error("the secret file `{path}` cannot be read: {reason}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What happened.
        reason: String,
    },
    /// There is nothing in it.
    #[error("the secret is empty")]
    Empty,
    /// Bytes that a header cannot carry.
    #[error("the secret holds characters that a header cannot carry")]
    NotPrintable,
    /// Not a header for a credential.
    #[error("`{name}` is not a header that can carry a credential")]
    Header {
        /// The name.
        name: String,
    },
}

/// A secret with the place it comes from.
pub struct Credential {
    kept: Kept,
}

enum Kept {
    Fixed(Secret),
    File { path: PathBuf, last: Mutex<(Stamp, Secret)> },
}

/// What changes when a file is written or replaced.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    size: u64,
    seconds: i64,
    nanoseconds: i64,
}

impl Credential {
    /// Reads the secret for the first time; one that is missing stops the start instead of the first request.
    pub(crate) fn open(
        source: &SecretSource,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Credential, CredentialError> {
        let kept = match source {
            SecretSource::Env(name) => {
                let is_name = !name.is_empty()
                    && !name.starts_with(|first: char| first.is_ascii_digit())
                    && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                if !is_name {
                    return Err(CredentialError::NotAName);
                }
                let text = variable(name).ok_or_else(|| CredentialError::Unset { name: name.clone() })?;
                Kept::Fixed(checked(&text)?)
            }
            SecretSource::File(path) => Kept::File { path: path.clone(), last: Mutex::new(read(path)?) },
        };
        Ok(Credential { kept })
    }

    /// The secret as it is now. While a changed file cannot be read, the last good secret stays in use.
    pub fn current(&self) -> Secret {
        match &self.kept {
            Kept::Fixed(secret) => secret.clone(),
            Kept::File { path, last } => {
                let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
                if stamp(path).ok() != Some(last.0) {
                    match read(path) {
                        Ok(fresh) => *last = fresh,
                        Err(error) => tracing::warn!(%error, "a rotated secret cannot be read; the last one stays"),
                    }
                }
                last.1.clone()
            }
        }
    }
}

/// A secret that somebody else keeps, as it is now.
impl From<Secret> for Credential {
    fn from(secret: Secret) -> Credential {
        Credential { kept: Kept::Fixed(secret) }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}

fn read(path: &Path) -> Result<(Stamp, Secret), CredentialError> {
    let unreadable =
        |error: std::io::Error| CredentialError::Unreadable { path: path.to_owned(), reason: error.to_string() };
    // The stamp first: a change in between is then seen at the next look, not missed.
    let stamp = stamp(path).map_err(unreadable)?;
    let text = Zeroizing::new(fs::read_to_string(path).map_err(unreadable)?);
    Ok((stamp, checked(text.lines().next().unwrap_or_default())?))
}

fn stamp(path: &Path) -> std::io::Result<Stamp> {
    let found = fs::metadata(path)?;
    Ok(Stamp { inode: found.ino(), size: found.size(), seconds: found.mtime(), nanoseconds: found.mtime_nsec() })
}

fn checked(text: &str) -> Result<Secret, CredentialError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(CredentialError::Empty);
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
        return Err(CredentialError::NotPrintable);
    }
    Ok(Secret::new(text.to_owned()))
}

#[cfg(test)]
mod tests;
