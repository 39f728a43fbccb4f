//! The embedded models, by file.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use local_model::{EmbeddedModel, EmbeddingModel, ModelError};
use resources::model_catalog::{Capability, Catalog, Model, Runs};

/// One engine for each model file of the catalog; models that share a file share the engine.
pub(crate) struct Engines {
    chat: BTreeMap<String, Arc<EmbeddedModel>>,
    embeddings: BTreeMap<String, Arc<EmbeddingModel>>,
}

/// A model in this process.
#[derive(Clone)]
pub(crate) enum Engine {
    /// Answers conversations.
    Chat(Arc<EmbeddedModel>),
    /// Turns texts into vectors.
    Embeddings(Arc<EmbeddingModel>),
}

impl Engines {
    /// Names the files; reads nothing. A relative file is looked for in `model_dir`.
    pub(crate) fn new(models: &Catalog, model_dir: &Path) -> Engines {
        let files = |capability| models.models().iter().filter_map(move |model| file_of(model, capability));
        let chat = |file: &String| (file.clone(), Arc::new(EmbeddedModel::new(model_dir.join(file))));
        let embeddings = |file: &String| (file.clone(), Arc::new(EmbeddingModel::new(model_dir.join(file))));
        Engines {
            chat: files(Capability::ChatCompletion).map(chat).collect(),
            embeddings: files(Capability::Embeddings).map(embeddings).collect(),
        }
    }

    /// What is wrong with the files, as far as a look at their beginnings tells.
    pub(crate) fn faults(&self) -> impl Iterator<Item = ModelError> {
        let chat = self.chat.values().filter_map(|model| model.check().err());
        chat.chain(self.embeddings.values().filter_map(|model| model.check().err()))
    }

    /// The engine of a model of the same catalog.
    pub(crate) fn of(&self, model: &Model) -> Option<Engine> {
        let file = file_of(model, model.capability)?;
        match model.capability {
            Capability::ChatCompletion => self.chat.get(file).cloned().map(Engine::Chat),
            Capability::Embeddings => self.embeddings.get(file).cloned().map(Engine::Embeddings),
        }
    }
}

/// The file of an embedded model that does this.
fn file_of(model: &Model, capability: Capability) -> Option<&String> {
    match &model.runs {
        Runs::Embedded { file } if model.capability == capability => Some(file),
        Runs::Embedded { .. } | Runs::Upstream { .. } | Runs::Upstreams(_) => None,
    }
}
