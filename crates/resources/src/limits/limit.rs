//! A stored limit, read.

use std::num::NonZeroU64;

use arm::{Resource, Scope};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
pub enum Unit {
    /// Tokens of prompts and answers.
    Tokens,
    /// Requests.
    Requests,
}

/// For how long it is counted; each begins with the calendar's own, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
pub enum Window {
    /// From second 0.
    Minute,
    /// From minute 0.
    Hour,
    /// From midnight.
    Day,
    /// From the first of the month.
    Month,
}

/// Who shares a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
pub enum Counts {
    /// All whom the limit is for, together.
    Total,
    /// Each identity alone; a group's members too.
    Each,
}

/// A principal of a limit.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct LimitedPrincipal {
    /// The object id.
    pub id: Uuid,
    /// `User`, `Group` or `ServicePrincipal`.
    #[serde(rename = "type")]
    pub kind: String,
}

/// Whom a limit is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principals {
    /// Every caller, those with a resource key too.
    All,
    /// These, and who is in those of them that are groups.
    These(Vec<LimitedPrincipal>),
}

/// A limit of the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Its own id; its scope is the place in front.
    pub id: Scope,
    /// What is counted.
    pub unit: Unit,
    /// How much there may be in a window; at least 1.
    pub amount: u64,
    /// The window.
    pub window: Window,
    /// Who shares a count.
    pub counts: Counts,
    /// Whom it is for.
    pub principals: Principals,
    /// For which models, by the catalog's own names; none: for all.
    pub models: Option<Vec<String>>,
}

/// A row that is no limit. Nothing writes one; where it is met, nothing may be let through in its name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the limit `{id}` cannot be read: {reason}")]
pub struct UnreadableLimit {
    /// The row.
    pub id: Scope,
    /// What is wrong with it.
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored {
    unit: Unit,
    amount: NonZeroU64,
    window: Window,
    counts: Counts,
    applies_to: AppliesTo,
}

#[derive(Deserialize)]
struct AppliesTo {
    principals: Whom,
    models: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Whom {
    All(All),
    These(Vec<LimitedPrincipal>),
}

#[derive(Deserialize)]
enum All {
    All,
}

impl Limit {
    /// Reads a stored limit.
    pub fn from_resource(resource: &Resource) -> Result<Limit, UnreadableLimit> {
        let read = Stored::deserialize(&Value::Object(resource.properties.clone()));
        let stored = read.map_err(|error| UnreadableLimit { id: resource.id.clone(), reason: error.to_string() })?;
        Ok(Limit {
            id: resource.id.clone(),
            unit: stored.unit,
            amount: stored.amount.get(),
            window: stored.window,
            counts: stored.counts,
            principals: match stored.applies_to.principals {
                Whom::All(All::All) => Principals::All,
                Whom::These(list) => Principals::These(list),
            },
            models: stored.applies_to.models,
        })
    }

    /// The place at and below which it holds.
    pub fn scope(&self) -> Scope {
        self.id.parent().unwrap_or_else(Scope::root)
    }

    /// Is it for a caller who is, or is in, one of `identities`? Who came with a resource key has none.
    pub fn is_for(&self, identities: &[Uuid]) -> bool {
        match &self.principals {
            Principals::All => true,
            Principals::These(list) => list.iter().any(|one| identities.contains(&one.id)),
        }
    }

    /// Is it for the model that the catalog calls `name`?
    pub fn is_for_model(&self, name: &str) -> bool {
        self.models.as_ref().is_none_or(|models| models.iter().any(|model| model.eq_ignore_ascii_case(name)))
    }
}
