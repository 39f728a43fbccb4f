//! The labels of counters, from records; each of bounded values.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use prometheus_client::encoding::EncodeLabelSet;
use resources::model_catalog::{Catalog, UpstreamKind};
use store::Record;

use super::OTHER;

/// How OpenTelemetry names who answers, for models in this process: it knows no name, so it is ours.
const HERE: &str = "cupola";

type Word = Cow<'static, str>;

/// Of any request.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct OfRequest {
    plane: Word,
    outcome: Word,
    status_class: &'static str,
    route: Word,
}

impl OfRequest {
    /// A route's template is one of the table's, whatever was asked.
    pub(super) fn of(record: &Record) -> OfRequest {
        let status_class = match record.status / 100 {
            1 => "1xx",
            2 => "2xx",
            3 => "3xx",
            4 => "4xx",
            _ => "5xx",
        };
        OfRequest {
            plane: record.plane.clone(),
            outcome: record.outcome.clone(),
            status_class,
            route: record.route.clone(),
        }
    }
}

/// Of requests to a model.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct OfModel {
    gen_ai_request_model: Arc<str>,
    gen_ai_provider_name: &'static str,
}

impl OfModel {
    pub(super) fn model(&self) -> &str {
        &self.gen_ai_request_model
    }

    pub(super) fn provider(&self) -> &'static str {
        self.gen_ai_provider_name
    }
}

/// Of tokens.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct OfTokens {
    gen_ai_token_type: &'static str,
    gen_ai_request_model: Arc<str>,
    gen_ai_provider_name: &'static str,
    cupola_deployment: String,
}

impl OfTokens {
    pub(super) fn of(model: &OfModel, deployment: &str, kind: &'static str) -> OfTokens {
        OfTokens {
            gen_ai_token_type: kind,
            gen_ai_request_model: Arc::clone(&model.gen_ai_request_model),
            gen_ai_provider_name: model.gen_ai_provider_name,
            cupola_deployment: deployment.to_owned(),
        }
    }
}

/// `account/deployment`: a deployment's name alone is not unique.
pub(super) fn deployment_of(record: &Record) -> String {
    let (account, deployment) = (record.account.as_deref(), record.deployment.as_deref());
    format!("{}/{}", account.unwrap_or_default(), deployment.unwrap_or_default())
}

/// The names of the catalog, and what its providers speak.
pub(super) struct Models {
    models: HashMap<String, Arc<str>>,
    providers: HashMap<String, &'static str>,
    other: Arc<str>,
}

impl Models {
    pub(super) fn of(catalog: &Catalog) -> Models {
        let named = |name: &String| (name.clone(), Arc::from(name.as_str()));
        let speaks = |kind| match kind {
            UpstreamKind::OpenAi => "openai",
            UpstreamKind::AzureOpenAi => "azure.ai.openai",
            UpstreamKind::Anthropic => "anthropic",
        };
        Models {
            models: catalog.models().iter().map(|model| named(&model.name)).collect(),
            providers: catalog.upstreams().iter().map(|it| (it.name.clone(), speaks(it.kind))).collect(),
            other: Arc::from(OTHER),
        }
    }

    /// The model and provider of a record.
    pub(super) fn labels(&self, record: &Record) -> OfModel {
        let model = record.model.as_deref().and_then(|model| self.models.get(model)).unwrap_or(&self.other);
        let provider = match record.upstream.as_deref() {
            Some(upstream) => self.providers.get(upstream).copied().unwrap_or(OTHER),
            None => HERE,
        };
        OfModel { gen_ai_request_model: Arc::clone(model), gen_ai_provider_name: provider }
    }
}
