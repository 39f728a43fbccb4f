//! How much of a model may be deployed: per subscription, location, model and deployment type, in capacity units.

use serde::Serialize;

/// The format whose models have quotas under the name of their provider; all others have them under the service's.
const OPENAI: &str = "OpenAI";
const SERVICE: &str = "AIServices";
/// The deployment type that the shown name leaves out.
const STANDARD: &str = "Standard";

/// There is not enough left. The text is the service's: clients print it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "This operation require {wanted} new capacity in quota {shown}, which is bigger than the current available capacity \
     {available}. The current quota usage is {used} and the quota limit is {limit} for quota {shown}.",
    available = limit.saturating_sub(*used)
)]
pub struct Insufficient {
    /// The quota's shown name, as [`Quota::shown`] makes it.
    pub shown: String,
    /// Capacity units that there are.
    pub limit: u64,
    /// Those in use by other deployments.
    pub used: u64,
    /// Those asked for.
    pub wanted: u64,
}

/// A quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota<'a> {
    /// The model's format, such as `OpenAI`.
    pub format: &'a str,
    /// The deployment type, such as `GlobalStandard`.
    pub sku: &'a str,
    /// The model's name, such as `gpt-4o`.
    pub model: &'a str,
    /// Capacity units.
    pub limit: u64,
}

/// An entry of the `usages` list. Amounts are capacity units; the service writes them as numbers with a fraction.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UsageEntry {
    /// Its names.
    pub name: UsageName,
    /// `Count`.
    pub unit: &'static str,
    /// In use.
    pub current_value: f64,
    /// What there is.
    pub limit: f64,
}

/// The names of a quota.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UsageName {
    /// For programs: `OpenAI.GlobalStandard.gpt-4o`.
    pub value: String,
    /// For people: `Tokens Per Minute (thousands) - gpt-4o - GlobalStandard`.
    pub localized_value: String,
}

impl Quota<'_> {
    /// The name for programs.
    pub fn name(&self) -> String {
        let provider = if self.format.eq_ignore_ascii_case(OPENAI) { OPENAI } else { SERVICE };
        format!("{provider}.{}.{}", self.sku, self.model)
    }

    /// The name for people.
    pub fn shown(&self) -> String {
        let model = self.model;
        match self.sku {
            STANDARD => format!("Tokens Per Minute (thousands) - {model}"),
            sku => format!("Tokens Per Minute (thousands) - {model} - {sku}"),
        }
    }

    /// Whether a deployment may have `wanted` units beside the others, whose units are `in_use`; one that changes is not among
    /// the others.
    pub fn check(&self, in_use: impl IntoIterator<Item = u64>, wanted: u64) -> Result<(), Insufficient> {
        let (limit, used) = (self.limit, sum(in_use));
        if used.saturating_add(wanted) <= limit {
            return Ok(());
        }
        Err(Insufficient { shown: self.shown(), limit, used, wanted })
    }

    /// The entry of the `usages` list.
    pub fn entry(&self, in_use: impl IntoIterator<Item = u64>) -> UsageEntry {
        UsageEntry {
            name: UsageName { value: self.name(), localized_value: self.shown() },
            unit: "Count",
            current_value: sum(in_use) as f64,
            limit: self.limit as f64,
        }
    }
}

fn sum(in_use: impl IntoIterator<Item = u64>) -> u64 {
    in_use.into_iter().fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests;
