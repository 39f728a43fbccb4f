//! The operator's models: which names can be deployed, and where each of them runs.

use std::sync::Arc;

use serde::Deserialize;

/// Where a model runs. One variant per kind of place; exactly one is written in the catalog.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Runs {
    /// Inside this process, from a GGUF file.
    Embedded {
        /// The file: absolute, or relative to the model folder.
        file: String,
    },
}

/// One deployable model.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Its name, such as `SmolLM2-135M-Instruct`; compared without case.
    pub name: String,
    /// Its version, such as `1`; compared exactly.
    pub version: String,
    /// Its format as deployments spell it, such as `OpenAI` or `HuggingFace`.
    pub format: String,
    /// Who made it.
    pub publisher: Option<String>,
    /// Where it runs.
    pub runs: Runs,
    /// Other names that deployments may use for it.
    #[serde(default)]
    pub aliases: Vec<String>,
}

impl Model {
    /// Whether `name` is this model's name or one of its other names.
    pub fn answers_to(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name) || self.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
    }
}

/// Why a catalog text was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CatalogError {
    /// Not TOML, or not of the catalog's form; the text names line and key.
    #[error("the model catalog is not valid: {0}")]
    Form(String),
    /// Two entries answer to the same name and version.
    #[error("the model catalog has `{name}` version `{version}` twice")]
    Twice {
        /// The name both have.
        name: String,
        /// The version both have.
        version: String,
    },
    /// A name, version or format is empty.
    #[error("the model catalog has a model whose `{0}` is empty")]
    Empty(&'static str),
}

/// The catalog. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog {
    models: Arc<[Model]>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    model: Vec<Model>,
}

impl Catalog {
    /// What can be deployed where the operator gives no catalog: the model that `cargo xtask model` fetches.
    pub fn built_in() -> Catalog {
        let model = Model {
            name: "SmolLM2-135M-Instruct".to_owned(),
            version: "1".to_owned(),
            // The dialect that its deployments speak.
            format: "OpenAI".to_owned(),
            publisher: Some("HuggingFaceTB".to_owned()),
            runs: Runs::Embedded { file: "SmolLM2-135M-Instruct-Q4_1.gguf".to_owned() },
            aliases: vec!["smollm2".to_owned()],
        };
        Catalog { models: Arc::from([model]) }
    }

    /// Reads the TOML form: one `[[model]]` table per model.
    pub fn from_toml(text: &str) -> Result<Catalog, CatalogError> {
        let file: File = toml::from_str(text).map_err(|error| CatalogError::Form(error.to_string()))?;
        Catalog::new(file.model)
    }

    /// A catalog of these models; the first of several versions is the default one.
    pub fn new(models: Vec<Model>) -> Result<Catalog, CatalogError> {
        for (index, model) in models.iter().enumerate() {
            for (field, text) in [("name", &model.name), ("version", &model.version), ("format", &model.format)] {
                if text.trim().is_empty() {
                    return Err(CatalogError::Empty(field));
                }
            }
            let names = || std::iter::once(&model.name).chain(&model.aliases);
            let mut before = models.iter().take(index).filter(|earlier| earlier.version == model.version);
            if let Some(name) = before.find_map(|earlier| names().find(|name| earlier.answers_to(name))) {
                return Err(CatalogError::Twice { name: name.clone(), version: model.version.clone() });
            }
        }
        Ok(Catalog { models: models.into() })
    }

    /// The model of this name; without a version its first entry.
    pub fn find(&self, name: &str, version: Option<&str>) -> Option<&Model> {
        self.models
            .iter()
            .find(|model| model.answers_to(name) && version.is_none_or(|version| model.version == version))
    }

    /// All models in the operator's order.
    pub fn models(&self) -> &[Model] {
        &self.models
    }

    /// Up to `count` known names nearest to `given`, best first; the first ones where none is near.
    pub fn nearest_names(&self, given: &str, count: usize) -> Vec<&str> {
        let names = || {
            let all = self.models.iter().flat_map(|model| std::iter::once(&model.name).chain(&model.aliases));
            all.map(String::as_str)
        };
        let near = arm::nearest_n(given, names(), count);
        if near.is_empty() { names().take(count).collect() } else { near }
    }
}

#[cfg(test)]
mod tests;
