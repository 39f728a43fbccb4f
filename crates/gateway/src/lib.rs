//! What happens on an inference request?
//!
//! Invariant: an answer takes a permit, and its record is in the journal before its last byte; whoever goes away is cancelled and
//! still settled (`tests/it/cancel.rs`). Nothing here writes a resource: it reads the snapshot that the decision read.

mod catalog;
mod engines;
mod failure;
mod generation;
mod http;
mod infer;
mod job;
mod relay;
mod slots;
mod wish;

use std::path::Path;

use resources::model_catalog::Catalog;

pub use http::routes;
pub use slots::Limits;

/// What the inference routes share: the operator's models, the files they run from, and the slots they run in.
pub struct Gateway {
    models: Catalog,
    engines: engines::Engines,
    slots: slots::Slots,
}

impl Gateway {
    /// Looks for the catalog's model files in `model_dir`, and begins to read them in the background; a file that is missing is no
    /// error until a request needs it.
    pub fn new(models: Catalog, model_dir: &Path, limits: Limits) -> Gateway {
        let engines = engines::Engines::new(&models, model_dir);
        engines.load_in_background();
        Gateway { models, engines, slots: slots::Slots::new(limits) }
    }
}
