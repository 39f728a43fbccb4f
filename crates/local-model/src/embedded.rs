//! A model whose files are read when they are first needed.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use crate::error::ModelError;
use crate::lazy::Lazy;

/// Where model files are looked for: `$CUPOLA_MODEL_DIR`, else `~/.cache/cupola/models`.
pub fn default_model_dir() -> PathBuf {
    if let Some(dir) = env::var_os("CUPOLA_MODEL_DIR").filter(|dir| !dir.is_empty()) {
        return PathBuf::from(dir);
    }
    let home = env::var_os("HOME").map_or_else(|| PathBuf::from("."), PathBuf::from);
    home.join(".cache").join("cupola").join("models")
}

/// A kind of model that files hold. Reasons are one line, without the file's name.
pub trait ModelForm: Sized + Send + Sync + 'static {
    /// What turns a text into the model's tokens. It is small and read without the weights, which may be long to read.
    type Tokens: Send + Sync + 'static;

    /// Whether the files are there and of the right kind, as far as their beginnings tell.
    fn check(path: &Path) -> Result<(), ModelError>;
    /// Reads what turns text into tokens.
    fn read_tokens(path: &Path) -> Result<Self::Tokens, String>;
    /// Reads the rest.
    fn read(path: &Path, tokens: Arc<Self::Tokens>) -> Result<Self, String>;
}

/// One model file and, once it was needed, its model. A file that is missing or damaged is looked at again by the next request, so
/// that fetching it needs no restart.
pub struct Embedded<M: ModelForm> {
    path: PathBuf,
    tokens: Lazy<M::Tokens, ModelError>,
    model: Lazy<M, ModelError>,
}

impl<M: ModelForm> Embedded<M> {
    /// Names the file; reads nothing.
    pub fn new(path: PathBuf) -> Embedded<M> {
        Embedded { path, tokens: Lazy::new(), model: Lazy::new() }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is a file of the right kind; reads its beginning alone.
    pub fn check(&self) -> Result<(), ModelError> {
        M::check(&self.path)
    }

    /// The model, read now if it was not yet. Blocks for as long as that takes; callers that come meanwhile wait for the same read.
    pub fn get(&self) -> Result<Arc<M>, ModelError> {
        self.model.get(&self.model.ask(), || {
            let tokens = self.tokens()?;
            apart(&self.path, move |path| M::read(path, tokens))
        })
    }

    /// What turns text into tokens, read now if it was not yet.
    pub(crate) fn tokens(&self) -> Result<Arc<M::Tokens>, ModelError> {
        self.tokens.get(&self.tokens.ask(), || apart(&self.path, M::read_tokens))
    }
}

/// Reads in a thread of its own: a damaged file can make the tensor library panic, and that must stay there.
fn apart<T: Send + 'static>(
    path: &Path,
    read: impl FnOnce(&Path) -> Result<T, String> + Send + 'static,
) -> Result<T, ModelError> {
    if !path.exists() {
        return Err(ModelError::Missing { path: path.to_owned() });
    }
    let file = path.to_owned();
    let done =
        thread::Builder::new().name("model-load".to_owned()).spawn(move || read(&file)).map(thread::JoinHandle::join);
    let reason = match done {
        Ok(Ok(Ok(value))) => return Ok(value),
        Ok(Ok(Err(reason))) => reason,
        Ok(Err(_panic)) => "the file is damaged".to_owned(),
        Err(error) => error.to_string(),
    };
    Err(ModelError::Unreadable { path: path.to_owned(), reason })
}
