//! What is counted of requests, for Prometheus: at the close of each journal record, from the record alone.
//!
//! Names are OpenTelemetry's for generative AI, as Prometheus spells them. No label holds who asked or what was said, and each has
//! a bounded number of values: models are the catalog's, routes are templates, deployments are the first thousand.

mod labels;
mod listener;
mod process;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use access::Observer;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use resources::model_catalog::Catalog;
use store::Record;

use labels::{Models, OfModel, OfRequest, OfTokens};
pub use listener::MetricsPort;

/// Deployments with counters of their own; the others are counted together, as `other`.
const DEPLOYMENTS_LIMIT: usize = 1000;
/// What has no name of its own.
const OTHER: &str = "other";
/// Seconds, as OpenTelemetry advises for the duration of a request to a model and for the time to its first token.
const SECONDS: [f64; 14] = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const MICROS_PER_SECOND: f64 = 1e6;

/// The counters of a server.
pub struct Metrics {
    registry: Registry,
    models: Models,
    requests: Family<OfRequest, Counter>,
    tokens: Family<OfTokens, Counter>,
    durations: Family<OfModel, Histogram, fn() -> Histogram>,
    first_bytes: Family<OfModel, Histogram, fn() -> Histogram>,
    /// What a request of a deployment adds to, so that it is looked up once.
    deployments: RwLock<HashMap<String, Arc<Cells>>>,
}

/// The counters of one deployment, model and provider.
struct Cells {
    of_model: OfModel,
    input: Counter,
    cached_input: Counter,
    cache_write: Counter,
    output: Counter,
    reasoning: Counter,
}

fn histogram() -> Histogram {
    Histogram::new(SECONDS)
}

impl Metrics {
    /// Counters for the models of a catalog, all at nothing.
    pub fn new(catalog: &Catalog) -> Arc<Metrics> {
        let (requests, tokens) = (Family::default(), Family::default());
        let durations = Family::new_with_constructor(histogram as fn() -> Histogram);
        let first_bytes = Family::new_with_constructor(histogram as fn() -> Histogram);
        let mut registry = Registry::default();
        registry.register("cupola_requests", "Requests that are in the journal", Family::clone(&requests));
        registry.register(
            "gen_ai_client_token_usage",
            "Tokens used; cached_input and cache_write are part of input, reasoning is part of output",
            Family::clone(&tokens),
        );
        registry.register(
            "gen_ai_server_request_duration_seconds",
            "From a request to the end of its work, of requests that a model was asked",
            Family::clone(&durations),
        );
        registry.register(
            "gen_ai_server_time_to_first_token_seconds",
            "From a request to the first byte of its answer",
            Family::clone(&first_bytes),
        );
        process::register(&mut registry);
        let models = Models::of(catalog);
        let deployments = RwLock::default();
        Arc::new(Metrics { registry, models, requests, tokens, durations, first_bytes, deployments })
    }

    /// Counts each record as it is written.
    pub fn observer(self: &Arc<Metrics>) -> Observer {
        let metrics = Arc::clone(self);
        Arc::new(move |record| metrics.count(record))
    }

    /// All counters, in the text format of OpenMetrics.
    pub fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry).map(|()| text)
    }

    fn count(&self, record: &Record) {
        let requests = self.requests.get_or_create(&OfRequest::of(record)).clone();
        requests.inc_by(record.sampled_of.unwrap_or(1));
        // What a limit turned away was asked of no model.
        if record.outcome != "allowed" || record.step == "admission" || record.deployment.is_none() {
            return;
        }
        let cells = self.cells(record);
        let add = |counter: &Counter, tokens: Option<u64>| {
            if let Some(tokens @ 1..) = tokens {
                counter.inc_by(tokens);
            }
        };
        add(&cells.input, record.prompt_tokens);
        add(&cells.cached_input, record.cached_input_tokens);
        add(&cells.cache_write, record.cache_write_tokens);
        add(&cells.output, record.completion_tokens);
        add(&cells.reasoning, record.reasoning_tokens);
        self.durations.get_or_create(&cells.of_model).observe(record.duration_us as f64 / MICROS_PER_SECOND);
        if let Some(first_byte_us) = record.first_byte_us {
            self.first_bytes.get_or_create(&cells.of_model).observe(first_byte_us as f64 / MICROS_PER_SECOND);
        }
    }

    /// The counters of a record's deployment.
    fn cells(&self, record: &Record) -> Arc<Cells> {
        let of_model = self.models.labels(record);
        let key = |deployment: &str| format!("{deployment} {} {}", of_model.model(), of_model.provider());
        let deployment = labels::deployment_of(record);
        let own = key(&deployment);
        let read = |key: &str| self.deployments.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned();
        if let Some(cells) = read(&own) {
            return cells;
        }
        let mut known = self.deployments.write().unwrap_or_else(PoisonError::into_inner);
        let (key, deployment) = match known.len() < DEPLOYMENTS_LIMIT {
            true => (own, deployment),
            // As many more as there are models.
            false => (key(OTHER), OTHER.to_owned()),
        };
        let cells = known.entry(key).or_insert_with(|| Arc::new(self.make_cells(of_model, &deployment)));
        Arc::clone(cells)
    }

    fn make_cells(&self, of_model: OfModel, deployment: &str) -> Cells {
        let counter = |kind| self.tokens.get_or_create(&OfTokens::of(&of_model, deployment, kind)).clone();
        Cells {
            input: counter("input"),
            cached_input: counter("cached_input"),
            cache_write: counter("cache_write"),
            output: counter("output"),
            reasoning: counter("reasoning"),
            of_model,
        }
    }
}
