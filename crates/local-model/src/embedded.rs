//! A model file that is read when it is first needed.

use std::env;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::ModelError;
use crate::lazy::Lazy;
use crate::model::LocalModel;

/// Where model files are looked for: `$CUPOLA_MODEL_DIR`, else `~/.cache/cupola/models`.
pub fn default_model_dir() -> PathBuf {
    if let Some(dir) = env::var_os("CUPOLA_MODEL_DIR").filter(|dir| !dir.is_empty()) {
        return PathBuf::from(dir);
    }
    let home = env::var_os("HOME").map_or_else(|| PathBuf::from("."), PathBuf::from);
    home.join(".cache").join("cupola").join("models")
}

/// The first bytes of every GGUF file.
const MAGIC: &[u8; 4] = b"GGUF";

/// One model file and, once it was needed, its model. A file that is missing or damaged is looked at again by the next request, so
/// that fetching it needs no restart.
pub struct EmbeddedModel {
    path: PathBuf,
    model: Lazy<LocalModel, ModelError>,
}

impl EmbeddedModel {
    /// Names the file; reads nothing.
    pub fn new(path: PathBuf) -> EmbeddedModel {
        EmbeddedModel { path, model: Lazy::new() }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is a file of the right kind; reads its first bytes alone.
    pub fn check(&self) -> Result<(), ModelError> {
        if !self.path.exists() {
            return Err(ModelError::Missing { path: self.path.clone() });
        }
        let mut magic = [0; MAGIC.len()];
        let read = File::open(&self.path).and_then(|mut file| file.read_exact(&mut magic));
        let reason = match read {
            Ok(()) if magic == *MAGIC => return Ok(()),
            Ok(()) => "it is not a GGUF file".to_owned(),
            Err(error) => error.to_string(),
        };
        Err(ModelError::Unreadable { path: self.path.clone(), reason })
    }

    /// The model, read now if it was not yet. Blocks for as long as that takes; callers that come meanwhile wait for the same read.
    pub fn get(&self) -> Result<Arc<LocalModel>, ModelError> {
        self.model.get(&self.model.ask(), || LocalModel::load(&self.path))
    }
}
