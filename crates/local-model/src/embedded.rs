//! A model file that is read when it is first needed.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::error::ModelError;
use crate::model::LocalModel;

/// Where model files are looked for: `$CUPOLA_MODEL_DIR`, else `~/.cache/cupola/models`.
pub fn default_model_dir() -> PathBuf {
    if let Some(dir) = env::var_os("CUPOLA_MODEL_DIR").filter(|dir| !dir.is_empty()) {
        return PathBuf::from(dir);
    }
    let home = env::var_os("HOME").map_or_else(|| PathBuf::from("."), PathBuf::from);
    home.join(".cache").join("cupola").join("models")
}

/// One model file and, once it was read, its model. A file that is missing or damaged is looked at again by the next request, so
/// that fetching it needs no restart.
pub struct EmbeddedModel {
    path: PathBuf,
    model: Mutex<Option<Arc<LocalModel>>>,
}

impl EmbeddedModel {
    /// Names the file; reads nothing.
    pub fn new(path: PathBuf) -> EmbeddedModel {
        EmbeddedModel { path, model: Mutex::new(None) }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Begins to read the file on a thread of its own. A failure shows at the first request.
    pub fn load_in_background(self: &Arc<Self>) {
        let this = Arc::clone(self);
        // Without a thread the first request reads the file.
        let _ = thread::Builder::new().name("model-load".to_owned()).spawn(move || this.get().map(drop));
    }

    /// The model, read now if it was not yet. Blocks for as long as that takes; callers that come meanwhile wait for the same read.
    pub fn get(&self) -> Result<Arc<LocalModel>, ModelError> {
        let mut model = self.model.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(model) = model.as_ref() {
            return Ok(Arc::clone(model));
        }
        let loaded = Arc::new(LocalModel::load(&self.path)?);
        *model = Some(Arc::clone(&loaded));
        Ok(loaded)
    }
}
