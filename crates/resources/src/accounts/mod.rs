//! `Microsoft.CognitiveServices/accounts`: a Foundry (`AIServices`) or an OpenAI account.

mod present;
mod properties;
mod subdomain;
mod validate;

use arm::{ArmError, Resource};
use serde_json::Value;

use crate::draft::Draft;
use crate::kind::{Accepted, Context, Kind, Parent, Polling, View};
use crate::name_rule::NameRule;

pub use present::{foundry_url, subdomain_of};

/// Accounts.
pub struct Account;

/// The kinds of account: what each may hold differs, see [`validate`].
pub const KINDS: &[&str] = &[AI_SERVICES, OPEN_AI];
/// A Foundry account: projects and every model.
pub const AI_SERVICES: &str = "AIServices";
/// An Azure OpenAI account: no projects.
pub const OPEN_AI: &str = "OpenAI";
/// The only sku of both kinds.
pub const SKUS: &[&str] = &["S0"];

impl Kind for Account {
    const TYPE: &'static str = "Microsoft.CognitiveServices/accounts";
    const NOUN: &'static str = "an account";
    const API_VERSIONS: &'static [&'static str] = crate::registry::COGNITIVE_API_VERSIONS;
    const PARENT: Parent = Parent::ResourceGroup;
    const NAME: NameRule = NameRule::COGNITIVE;
    const HAS_IDENTITY: bool = true;
    const HAS_KEYS: bool = true;
    const CREATE_POLLING: Polling = Polling::AsyncOperation;
    const DELETE_POLLING: Polling = Polling::Location;

    fn validate(draft: Draft, existing: Option<&Resource>, context: &Context<'_>) -> Result<Accepted, ArmError> {
        validate::validate(draft, existing, context)
    }

    fn present(resource: &Resource, view: &View<'_>) -> Value {
        present::present(resource, view)
    }
}

/// Whether resource keys are refused at this account.
pub fn local_auth_is_off(account: &Resource) -> bool {
    // Anything but a stored `false` counts as off: a damaged row must not open a door.
    account.properties.get("disableLocalAuth").and_then(Value::as_bool) != Some(false)
}

/// Whether projects can be made in this account.
pub fn has_project_management(account: &Resource) -> bool {
    account.kind.as_deref() == Some(AI_SERVICES)
        && account.properties.get("allowProjectManagement").and_then(Value::as_bool) == Some(true)
}

#[cfg(test)]
mod tests;
