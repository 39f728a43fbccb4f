//! Where things are: the repository, what is built, what is cached.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

/// The repository's root.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Where cargo puts what it builds.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The built server of a profile's folder (`debug`, `release`).
pub(crate) fn server(profile: &str) -> PathBuf {
    target().join(profile).join("cupola")
}

/// What may be fetched again: `$XDG_CACHE_HOME/cupola`, else `~/.cache/cupola`.
pub(crate) fn cache() -> Result<PathBuf> {
    let base = match std::env::var_os("XDG_CACHE_HOME").filter(|text| !text.is_empty()) {
        Some(cache) => PathBuf::from(cache),
        None => {
            PathBuf::from(std::env::var_os("HOME").context("neither XDG_CACHE_HOME nor HOME is set")?).join(".cache")
        }
    };
    Ok(base.join("cupola"))
}

/// Where the server looks for models without being told: `$CUPOLA_MODEL_DIR`, else `~/.cache/cupola/models`.
pub(crate) fn models() -> Result<PathBuf> {
    match std::env::var_os("CUPOLA_MODEL_DIR").filter(|text| !text.is_empty()) {
        Some(folder) => Ok(PathBuf::from(folder)),
        None => Ok(PathBuf::from(std::env::var_os("HOME").context("HOME is not set")?).join(".cache/cupola/models")),
    }
}

/// `cargo`, in the repository.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).args(arguments);
    command
}
