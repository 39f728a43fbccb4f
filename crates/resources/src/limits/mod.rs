//! `Cupola.Gateway/limits`: how many tokens or requests may go through the gateway at a scope and below it, for whom.

mod applies_to;
mod limit;

use arm::{ArmError, ErrorCode, Resource, Scope, ScopeLevel};
use serde_json::{Map, Value, json};

use crate::draft::Draft;
use crate::fields::{Fields, invalid};
use crate::kind::{Accepted, Context, Kind, Parent, View};
use crate::name_rule::NameRule;

pub use limit::{Counts, Limit, LimitedPrincipal, Principals, Unit, UnreadableLimit, Window};

/// Limits of the gateway.
pub struct GatewayLimit;

/// The type of a limit.
pub const TYPE: &str = "Cupola.Gateway/limits";
/// Known api-versions, newest first.
pub const API_VERSIONS: &[&str] = &["2026-11-01"];

/// What is counted.
const UNITS: &[&str] = &["Tokens", "Requests"];
/// For how long; each begins with the calendar's own, UTC.
const WINDOWS: &[&str] = &["Minute", "Hour", "Day", "Month"];
/// Whether all count together, or each identity alone.
const COUNTS: &[&str] = &["Total", "Each"];
/// Largest amount: whole numbers up to it are the same in every JSON reader, and no tenant uses a tenth in a month.
const AMOUNT_LIMIT: u64 = 1_000_000_000_000_000;
/// Longest description, characters: as of a role.
const DESCRIPTION_LIMIT_CHARS: usize = 2048;
/// Resources on the way of an inference request; a limit on any other would never be asked.
const HOLDERS: &[&str] = &[
    "Microsoft.CognitiveServices/accounts",
    "Microsoft.CognitiveServices/accounts/projects",
    "Microsoft.CognitiveServices/accounts/deployments",
    "Microsoft.CognitiveServices/accounts/connections",
    "Microsoft.CognitiveServices/accounts/projects/connections",
];
/// Every known property; the last is the server's and ignored in a body.
const KNOWN: &[&str] = &["unit", "amount", "window", "counts", "appliesTo", "description", "provisioningState"];

impl Kind for GatewayLimit {
    const TYPE: &'static str = TYPE;
    const NOUN: &'static str = "a limit";
    const API_VERSIONS: &'static [&'static str] = API_VERSIONS;
    const PARENT: Parent = Parent::AnyScope;
    const NAME: NameRule = NameRule::DEPLOYMENT;

    fn validate(draft: Draft, _: Option<&Resource>, context: &Context<'_>) -> Result<Accepted, ArmError> {
        is_held(&context.id.parent().unwrap_or_else(Scope::root))?;
        nothing_foreign(&draft)?;
        let fields = Fields::new("properties", &draft.properties);
        fields.only(KNOWN, Self::NOUN)?;
        let mut stored = Map::new();
        for (name, known) in [("unit", UNITS), ("window", WINDOWS), ("counts", COUNTS)] {
            stored.insert(name.to_owned(), json!(required_one_of(&fields, name, known)?));
        }
        let amount = fields.whole_number("amount", 1, AMOUNT_LIMIT)?;
        let amount = amount.ok_or_else(|| missing(&fields, "amount", "a whole number of at least 1"))?;
        stored.insert("amount".to_owned(), json!(amount));
        stored.insert("appliesTo".to_owned(), applies_to::validate(&fields, context)?);
        if let Some(text) = fields.string("description")? {
            if text.chars().count() > DESCRIPTION_LIMIT_CHARS {
                let path = fields.path_of("description");
                return Err(invalid(&path, format!("`{path}` is longer than {DESCRIPTION_LIMIT_CHARS} characters")));
            }
            stored.insert("description".to_owned(), json!(text));
        }
        Ok(Accepted { properties: stored, ..Accepted::default() })
    }

    fn present(limit: &Resource, _: &View<'_>) -> Value {
        let mut shown = limit.clone();
        shown.properties.insert("provisioningState".to_owned(), json!("Succeeded"));
        shown.to_json()
    }
}

fn is_held(scope: &Scope) -> Result<(), ArmError> {
    let is_holder = match scope.level() {
        ScopeLevel::Subscription | ScopeLevel::ResourceGroup => true,
        ScopeLevel::Root | ScopeLevel::ManagementGroup => false,
        ScopeLevel::Resource => {
            let kind = scope.resource_type();
            kind.is_some_and(|kind| HOLDERS.iter().any(|holder| holder.eq_ignore_ascii_case(kind.as_str())))
        }
    };
    if is_holder {
        return Ok(());
    }
    let message = format!(
        "limits do not hang on `{scope}`: expected a subscription, a resource group, or an account, project, deployment or connection"
    );
    Err(ArmError::new(ErrorCode::InvalidRequestUri, message))
}

/// Clients that send the region of their resource group get no error, as with deployments.
fn nothing_foreign(draft: &Draft) -> Result<(), ArmError> {
    let identity = draft.identity.as_ref().is_some_and(|wish| wish.system_assigned);
    let given = [
        ("kind", draft.kind.is_some()),
        ("sku", draft.sku.is_some()),
        ("tags", draft.tags.is_some()),
        ("identity", identity),
    ];
    match given.iter().find(|(_, given)| *given) {
        Some((name, _)) => Err(invalid(name, format!("a limit has no `{name}`"))),
        None => Ok(()),
    }
}

fn required_one_of(fields: &Fields<'_>, name: &str, known: &[&'static str]) -> Result<&'static str, ArmError> {
    let one = fields.one_of(name, known)?;
    one.ok_or_else(|| missing(fields, name, &format!("one of {}", crate::fields::listed(known))))
}

fn missing(fields: &Fields<'_>, name: &str, expected: &str) -> ArmError {
    let path = fields.path_of(name);
    invalid(&path, format!("`{path}` is required: {expected}"))
}

#[cfg(test)]
mod tests;
