//! Which models a gateway has: listed by its connection, or asked for and remembered for a while.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use access::Failure;
use egress::{EgressError, Target};
use http::StatusCode;
use resources::connections::{Discovery, DiscoveryProvider, Endpoint, GatewayModel, GatewayModels, ModelFormat};
use serde_json::Value;

use super::aside::Aside;
use super::line::Line;
use super::refusal;
use crate::upstream::{Breaker, Health, Sent};

/// How long a gateway's word about a model holds: a model that it moves is followed within minutes.
const FRESH: Duration = Duration::from_secs(300);
/// How long its word holds that it has no such model: one that is added is found soon, and nobody makes it look for each request.
const ABSENT: Duration = Duration::from_secs(30);
/// Models of one connection that are remembered; beyond, all are asked for anew.
const REMEMBERED: usize = 1000;
/// The largest list of models.
const LIST_LIMIT_BYTES: usize = 8 * 1024 * 1024;
/// Characters of a gateway's words that a caller reads.
const SAID_CHARS: usize = 200;

/// Models that a gateway said it has, or has not.
#[derive(Default)]
pub(super) struct Discovered(Mutex<HashMap<String, (Instant, Option<GatewayModel>)>>);

impl Discovered {
    /// What was said of a model, while that holds; nothing inside where there is none.
    fn get(&self, name: &str) -> Option<Option<GatewayModel>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, model) = known.get(name)?;
        let holds = if model.is_some() { FRESH } else { ABSENT };
        (at.elapsed() < holds).then(|| model.clone())
    }

    fn put(&self, name: &str, model: Option<GatewayModel>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            // Names that nobody has are the first to go.
            known.retain(|_, (_, model)| model.is_some());
        }
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(name.to_owned(), (Instant::now(), model));
    }
}

/// What a gateway answered to a question about models.
pub(super) enum Said<T> {
    /// This.
    Known(T),
    /// A refusal, with its words.
    Refused(StatusCode, String),
    /// Something else than was expected.
    Unreadable(String),
}

impl Line {
    /// The model that the gateway calls so. A gateway that has to be asked for it is asked when `breaker` lets it be.
    pub(crate) async fn model(&self, name: &str, aside: &Aside, breaker: &Breaker) -> Result<GatewayModel, Failure> {
        match &self.written.models {
            GatewayModels::Static(models) => {
                let found = models.iter().find(|model| model.name == name);
                let known = models.iter().map(|model| model.name.as_str());
                found.cloned().ok_or_else(|| refusal::unknown_model(self.name(), name, known))
            }
            // A question without a name would be the question for all.
            GatewayModels::Discovered(_) if name.is_empty() => Err(refusal::unknown_model(self.name(), name, [])),
            GatewayModels::Discovered(discovery) => match self.discovered.get(name) {
                Some(Some(model)) => Ok(model),
                Some(None) => Err(refusal::unknown_model(self.name(), name, [])),
                None => self.discover(discovery, name, aside, breaker).await,
            },
        }
    }

    async fn discover(
        &self,
        discovery: &Discovery,
        name: &str,
        aside: &Aside,
        breaker: &Breaker,
    ) -> Result<GatewayModel, Failure> {
        let pass = breaker.admit(Instant::now()).map_err(|rest| self.resting(rest))?;
        let asked = self.one(discovery, name, aside).await;
        pass.report(&health(&asked), Instant::now());
        match asked.map_err(|error| self.unanswered(&error))? {
            Said::Known(model) => {
                self.discovered.put(name, Some(model.clone()));
                Ok(model)
            }
            Said::Refused(StatusCode::NOT_FOUND, _) => {
                self.discovered.put(name, None);
                Err(refusal::unknown_model(self.name(), name, []))
            }
            Said::Refused(status, said) => Err(refusal::discovery(self.name(), name, status, &said)),
            Said::Unreadable(why) => Err(refusal::discovery_unreadable(self.name(), &why)),
        }
    }

    /// Asks for one model.
    pub(super) async fn one(
        &self,
        discovery: &Discovery,
        name: &str,
        aside: &Aside,
    ) -> Result<Said<GatewayModel>, EgressError> {
        let target = self.asked_at(&discovery.get, name)?;
        let said = said(self.look_up(&target, aside).await?).await?;
        Ok(said
            .read(|body| read_one(discovery.provider, body).map(|read| GatewayModel { name: name.to_owned(), ..read })))
    }

    /// Asks for all models.
    pub(super) async fn all(
        &self,
        discovery: &Discovery,
        aside: &Aside,
    ) -> Result<Said<Vec<GatewayModel>>, EgressError> {
        let target = self.asked_at(&discovery.list, "")?;
        let said = said(self.look_up(&target, aside).await?).await?;
        Ok(said.read(|body| read_all(discovery.provider, body)))
    }

    /// A place of the gateway's, for a model.
    fn asked_at(&self, endpoint: &Endpoint, model: &str) -> Result<Target, EgressError> {
        let segments = endpoint.segments_for(model);
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let target = self.egress().target(&endpoint.origin)?.join(&segments);
        Ok(endpoint.query.iter().fold(target, |target, (name, value)| target.with_query(name, value)))
    }
}

impl Said<Value> {
    fn read<T>(self, read: impl FnOnce(&Value) -> Result<T, String>) -> Said<T> {
        match self {
            Said::Known(body) => read(&body).map_or_else(Said::Unreadable, Said::Known),
            Said::Refused(status, said) => Said::Refused(status, said),
            Said::Unreadable(why) => Said::Unreadable(why),
        }
    }
}

/// What it says of the gateway. One that is busy says so itself: there is no other to ask.
fn health<T>(asked: &Result<Said<T>, EgressError>) -> Health {
    match asked {
        Ok(Said::Refused(status, _)) if matches!(status.as_u16(), 408 | 500 | 502..=504 | 529) => {
            Health::Bad(format!("it answered {}", status.as_u16()))
        }
        Ok(_) => Health::Good,
        Err(error) => Health::Bad(error.to_string()),
    }
}

async fn said(sent: Sent) -> Result<Said<Value>, EgressError> {
    let status = sent.answer.status();
    let body = sent.words(LIST_LIMIT_BYTES).await?;
    Ok(match (status, serde_json::from_slice::<Value>(&body)) {
        (StatusCode::OK, Ok(body)) => Said::Known(body),
        (StatusCode::OK, Err(_)) => Said::Unreadable("it answered with something that is no JSON".to_owned()),
        (status, body) if status.is_client_error() || status.is_server_error() => {
            Said::Refused(status, words(&body.unwrap_or_default()))
        }
        (status, _) => {
            Said::Unreadable(format!("it answered {}, which is neither an answer nor a refusal", status.as_u16()))
        }
    })
}

/// What a refusal says, with a colon in front; nothing where it says nothing that can be read.
pub(super) fn words(body: &Value) -> String {
    let pointers = ["/error/message", "/message", "/detail", "/error"];
    let said = pointers.iter().find_map(|pointer| body.pointer(pointer).and_then(Value::as_str));
    let said = said.map(printable);
    said.map_or_else(|| ".".to_owned(), |said| format!(": {said}"))
}

/// As much of another end's text as a caller reads, without what would steer a terminal.
pub(super) fn printable(text: &str) -> String {
    text.chars().take(SAID_CHARS).map(|one| if one.is_control() { ' ' } else { one }).collect()
}

fn read_one(provider: DiscoveryProvider, body: &Value) -> Result<GatewayModel, String> {
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    match provider {
        DiscoveryProvider::OpenAi => match text("/id") {
            Some(id) if body.get("properties").is_none() => {
                Ok(GatewayModel { name: id.clone(), model: id, version: String::new(), format: ModelFormat::OpenAi })
            }
            _ => Err(mismatch(provider, "`{\"id\"}`", body)),
        },
        DiscoveryProvider::AzureOpenAi => match (text("/name"), text("/properties/model/name")) {
            (Some(name), Some(model)) => {
                let format = text("/properties/model/format");
                let format = format.map_or(ModelFormat::OpenAi, |format| ModelFormat::parse(&format));
                let version = text("/properties/model/version").unwrap_or_default();
                Ok(GatewayModel { name, model, version, format })
            }
            _ => Err(mismatch(provider, "`{\"name\", \"properties\": {\"model\": {\"name\"}}}`", body)),
        },
    }
}

fn read_all(provider: DiscoveryProvider, body: &Value) -> Result<Vec<GatewayModel>, String> {
    let member = match provider {
        DiscoveryProvider::OpenAi => "data",
        DiscoveryProvider::AzureOpenAi => "value",
    };
    match body.get(member).and_then(Value::as_array) {
        Some(list) => list.iter().map(|one| read_one(provider, one)).collect(),
        None => Err(mismatch(provider, &format!("`{{\"{member}\": […]}}`"), body)),
    }
}

/// The answer is not of the provider's form; perhaps it is of the other one's.
fn mismatch(provider: DiscoveryProvider, expected: &str, body: &Value) -> String {
    let looks = |names: &[&str]| names.iter().any(|name| body.get(name).is_some());
    let other = match provider {
        DiscoveryProvider::OpenAi if looks(&["value", "properties"]) => Some(DiscoveryProvider::AzureOpenAi),
        DiscoveryProvider::AzureOpenAi if looks(&["data", "object", "id"]) => Some(DiscoveryProvider::OpenAi),
        _ => None,
    };
    let mend = other.map(|other| {
        format!("; it answers in the form of `{0}`, so `modelDiscovery.deploymentProvider` is `{0}`", other.as_str())
    });
    format!("expected {expected} of the provider `{}`{}", provider.as_str(), mend.unwrap_or_default())
}

#[cfg(test)]
mod tests;
