//! The embedded models, by file.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use local_model::{EmbeddedModel, ModelError};
use resources::model_catalog::{Catalog, Model, Runs};

/// One engine for each model file of the catalog; models that share a file share the engine.
pub(crate) struct Engines {
    by_file: BTreeMap<String, Arc<EmbeddedModel>>,
}

impl Engines {
    /// Names the files; reads nothing. A relative file is looked for in `model_dir`.
    pub(crate) fn new(models: &Catalog, model_dir: &Path) -> Engines {
        let engine = |file: &String| (file.clone(), Arc::new(EmbeddedModel::new(model_dir.join(file))));
        Engines { by_file: models.models().iter().filter_map(file_of).map(engine).collect() }
    }

    /// What is wrong with the files, as far as a look at their beginnings tells.
    pub(crate) fn faults(&self) -> impl Iterator<Item = ModelError> {
        self.by_file.values().filter_map(|model| model.check().err())
    }

    /// The engine of a model of the same catalog.
    pub(crate) fn of(&self, model: &Model) -> Option<Arc<EmbeddedModel>> {
        self.by_file.get(file_of(model)?).cloned()
    }
}

fn file_of(model: &Model) -> Option<&String> {
    match &model.runs {
        Runs::Embedded { file } => Some(file),
        Runs::Upstream { .. } => None,
    }
}
