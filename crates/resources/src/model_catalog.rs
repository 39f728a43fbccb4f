//! The operator's models: which names can be deployed, and where each of them runs.

use std::sync::Arc;

use serde::Deserialize;

mod quota_table;
mod unit_rate;
mod upstream;

pub use quota_table::QuotaTable;
pub use unit_rate::{RequestRatio, UnitRate};
pub use upstream::{
    AZURE_AUDIENCE, AZURE_AUTHORITY, ClientSecret, HostIdentity, SecretPlace, Upstream, UpstreamCredential,
    UpstreamKind,
};

/// Where a model runs. One variant per kind of place; exactly one is written in the catalog.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Runs {
    /// Inside this process.
    Embedded {
        /// The file: absolute, or relative to the model folder. A GGUF file for chat; for embeddings a safetensors file with its
        /// `config.json` and `tokenizer.json` beside it.
        file: String,
    },
    /// At a provider outside.
    Upstream {
        /// The `[[upstream]]` of this name.
        name: String,
        /// What the provider calls the model; for Azure OpenAI, its deployment.
        model: String,
    },
    /// At several providers: by priority, and by weight among those of the same priority.
    Upstreams(Vec<RunsAt>),
}

/// One of the places where a model runs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunsAt {
    /// The `[[upstream]]` of this name.
    pub name: String,
    /// What the provider calls the model.
    pub model: String,
    /// The lowest is asked first; another only when all of the lower ones fail or rest. 1 when unset.
    #[serde(default = "one")]
    pub priority: u32,
    /// Its share among those of the same priority. 1 when unset.
    #[serde(default = "one")]
    pub weight: u32,
}

fn one() -> u32 {
    1
}

/// What the deployments of a model do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// They answer conversations.
    #[default]
    ChatCompletion,
    /// They turn texts into vectors.
    Embeddings,
}

impl Capability {
    /// Its name among a deployment's `capabilities`, where its value is the text `true`.
    pub fn name(self) -> &'static str {
        match self {
            Capability::ChatCompletion => "chatCompletion",
            Capability::Embeddings => "embeddings",
        }
    }
}

/// The end of the names of files that hold weights for embeddings.
const SAFETENSORS: &str = ".safetensors";

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
    /// What its deployments do; `chat_completion` when unset.
    #[serde(default)]
    pub capability: Capability,
    /// Tokens of a prompt and its answer together, where that is known.
    pub context_tokens: Option<u64>,
    /// Tokens that it writes at most in one answer; 4096 when unset.
    pub max_output_tokens: Option<u64>,
    /// Whether a model that speaks Anthropic's protocol is told by degree how much to think (`output_config.effort`), as its newer
    /// ones are, and not by a number of tokens.
    #[serde(default)]
    pub thinks_by_effort: bool,
    /// What it costs; by the model's name from the list of known prices when unset.
    pub price: Option<PriceOfModel>,
    /// Where it runs.
    pub runs: Runs,
    /// Other names that deployments may use for it.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Tokens per minute of one capacity unit; 1000 when unset.
    pub tokens_per_unit: Option<u64>,
    /// Requests per minute of one capacity unit; by the model's name when unset.
    pub requests_per_unit: Option<RequestRatio>,
    /// Capacity units that a subscription may deploy of it in one region, by deployment type.
    #[serde(default)]
    pub quota: QuotaTable,
}

/// What an operator pays for a model, micro-dollars for a million tokens of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceOfModel {
    /// Read.
    pub input_micro_usd_per_million: u64,
    /// Read from the provider's cache; as `input` when unset.
    pub cached_input_micro_usd_per_million: Option<u64>,
    /// Written to the provider's cache; as `input` when unset.
    pub cache_write_micro_usd_per_million: Option<u64>,
    /// Written.
    pub output_micro_usd_per_million: u64,
}

impl Model {
    /// The places outside where it runs, in the catalog's order; none for an embedded model.
    pub fn places(&self) -> Vec<RunsAt> {
        match &self.runs {
            Runs::Embedded { .. } => Vec::new(),
            Runs::Upstream { name, model } => {
                vec![RunsAt { name: name.clone(), model: model.clone(), priority: one(), weight: one() }]
            }
            Runs::Upstreams(places) => places.clone(),
        }
    }

    /// Whether `name` is this model's name or one of its other names.
    pub fn answers_to(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name) || self.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
    }

    /// Whether its file can hold what the model is to do, as far as the file's name tells.
    fn check(&self) -> Result<(), CatalogError> {
        let Runs::Embedded { file } = &self.runs else {
            return Ok(());
        };
        let is_safetensors = file.to_ascii_lowercase().ends_with(SAFETENSORS);
        let reason = match self.capability {
            Capability::ChatCompletion if is_safetensors => {
                "a chat model runs from a GGUF file; for an embedding model add `capability = \"embeddings\"`"
            }
            Capability::Embeddings if !is_safetensors => {
                "an embedding model runs from a `.safetensors` file with `config.json` and `tokenizer.json` beside it"
            }
            Capability::ChatCompletion | Capability::Embeddings => return Ok(()),
        };
        Err(CatalogError::File { model: self.name.clone(), file: file.clone(), reason })
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
    /// A number that no deployment could be computed with.
    #[error("the model `{model}` of the model catalog: `{field}` has a number outside 1 to {most}")]
    OutOfRange {
        /// The model's name.
        model: String,
        /// The field.
        field: &'static str,
        /// The largest that is taken.
        most: u64,
    },
    /// A quota for something that is no deployment type.
    #[error("the model catalog has a quota for `{name}`, which is no deployment type; did you mean `{near}`?")]
    NotAType {
        /// The name it gives.
        name: String,
        /// The nearest type.
        near: String,
    },
    /// A quota of one model for a type whose quota all models share.
    #[error("the model `{model}` has a quota for `{sku}`, which all models share; put it in `[quota]`")]
    SharedQuota {
        /// The model's name.
        model: String,
        /// The deployment type.
        sku: String,
    },
    /// An embedded model's file is of another kind than what the model is to do.
    #[error("the model `{model}` of the model catalog cannot run from `{file}`: {reason}")]
    File {
        /// The model's name.
        model: String,
        /// Its file.
        file: String,
        /// What is expected.
        reason: &'static str,
    },
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
    quota: Arc<QuotaTable>,
    quota_units: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    model: Vec<Model>,
    #[serde(default)]
    upstream: Vec<Upstream>,
    #[serde(default)]
    quota: QuotaTable,
}

impl Catalog {
    /// Reads the TOML form: one `[[model]]` table per model, one `[[upstream]]` table per provider outside, and `[quota]`.
    pub fn from_toml(text: &str) -> Result<Catalog, CatalogError> {
        let file: File = toml::from_str(text).map_err(|error| CatalogError::Form(form_error(text, &error)))?;
        Catalog::new(file.model)?.with_upstreams(file.upstream)?.with_quota(file.quota)
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
            if matches!(&model.runs, Runs::Upstreams(places) if places.is_empty()) {
                return Err(CatalogError::Empty("runs.upstreams"));
            }
            for place in model.places() {
                if place.model.trim().is_empty() {
                    return Err(CatalogError::Empty("runs.upstream.model"));
                }
                if !upstreams.iter().any(|upstream| upstream.name == place.name) {
                    return Err(CatalogError::NoUpstream { model: model.name.clone(), upstream: place.name });
                }
            }
        }
        Ok(Catalog { upstreams: upstreams.into(), ..self })
    }

    /// A catalog of these models; the first of several versions is the default one.
    pub fn new(models: Vec<Model>) -> Result<Catalog, CatalogError> {
        for (index, model) in models.iter().enumerate() {
            for (field, text) in [("name", &model.name), ("version", &model.version), ("format", &model.format)] {
                if text.trim().is_empty() {
                    return Err(CatalogError::Empty(field));
                }
            }
            model.check_unit_rate()?;
            model.quota.check_of_model(&model.name)?;
            model.check()?;
            let names = || std::iter::once(&model.name).chain(&model.aliases);
            let mut before = models.iter().take(index).filter(|earlier| earlier.version == model.version);
            if let Some(name) = before.find_map(|earlier| names().find(|name| earlier.answers_to(name))) {
                return Err(CatalogError::Twice { name: name.clone(), version: model.version.clone() });
            }
        }
        Ok(Catalog { models: models.into(), ..Catalog::default() })
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
