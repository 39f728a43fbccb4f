//! The embedded models, by file.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use local_model::EmbeddedModel;
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

    /// Begins to read every file, so that the first request need not wait for it.
    pub(crate) fn load_in_background(&self) {
        self.by_file.values().for_each(EmbeddedModel::load_in_background);
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
