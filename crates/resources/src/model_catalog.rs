//! The operator's models: which names can be deployed, and where each of them runs.

use std::sync::Arc;

use serde::Deserialize;

mod upstream;

pub use upstream::{
    AZURE_AUDIENCE, AZURE_AUTHORITY, ClientSecret, HostIdentity, SecretPlace, Upstream, UpstreamCredential,
    UpstreamKind,
};

/// Where a model runs. One variant per kind of place; exactly one is written in the catalog.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Runs {
    /// Inside this process, from a GGUF file.
    Embedded {
        /// The file: absolute, or relative to the model folder.
        file: String,
    },
    /// At a provider outside.
    Upstream {
        /// The `[[upstream]]` of this name.
        name: String,
        /// What the provider calls the model; for Azure OpenAI, its deployment.
        model: String,
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
    /// An upstream that cannot be meant.
    #[error("the upstream `{name}` of the model catalog: {reason}")]
    Upstream {
        /// Its name.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A model names an upstream that is not there.
    #[error("the model `{model}` runs at the upstream `{upstream}`, which the model catalog does not have")]
    NoUpstream {
        /// The model's name.
        model: String,
        /// The name it gives.
        upstream: String,
    },
}

/// The catalog. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog {
    models: Arc<[Model]>,
    upstreams: Arc<[Upstream]>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    model: Vec<Model>,
    #[serde(default)]
    upstream: Vec<Upstream>,
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
        Catalog { models: Arc::from([model]), upstreams: Arc::from([]) }
    }

    /// Reads the TOML form: one `[[model]]` table per model, one `[[upstream]]` table per provider outside.
    pub fn from_toml(text: &str) -> Result<Catalog, CatalogError> {
        let file: File = toml::from_str(text).map_err(|error| CatalogError::Form(form_error(text, &error)))?;
        Catalog::new(file.model)?.with_upstreams(file.upstream)
    }

    /// The same models with these providers, which must be all that they name.
    pub fn with_upstreams(self, upstreams: Vec<Upstream>) -> Result<Catalog, CatalogError> {
        for (index, upstream) in upstreams.iter().enumerate() {
            upstream.check()?;
            if upstreams.iter().take(index).any(|earlier| earlier.name == upstream.name) {
                return Err(CatalogError::Upstream { name: upstream.name.clone(), reason: "it is there twice" });
            }
        }
        for model in self.models.iter() {
            if let Runs::Upstream { name, model: theirs } = &model.runs {
                if theirs.trim().is_empty() {
                    return Err(CatalogError::Empty("runs.upstream.model"));
                }
                if !upstreams.iter().any(|upstream| upstream.name == *name) {
                    return Err(CatalogError::NoUpstream { model: model.name.clone(), upstream: name.clone() });
                }
            }
        }
        Ok(Catalog { models: self.models, upstreams: upstreams.into() })
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
        Ok(Catalog { models: models.into(), upstreams: Arc::from([]) })
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

    /// All providers outside, in the operator's order.
    pub fn upstreams(&self) -> &[Upstream] {
        &self.upstreams
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

/// Line and reason, without the line's text: a secret may have been pasted into it.
fn form_error(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start));
    let line = before.map_or(1, |before| before.matches('\n').count() + 1);
    format!("line {line}: {}", error.message().replace('\n', " "))
}

#[cfg(test)]
mod tests;
