//! `Microsoft.CognitiveServices/accounts/connections` and `…/accounts/projects/connections`: what an account or a project may
//! use outside, under a name, with the credentials for it. Those to models behind a gateway are read whole when they are made,
//! so that what is wrong with one is said then, and not when it is first used.

mod auth_type;
mod category;
mod credentials;
mod discovery;
mod gateway;
mod headers;
mod metadata;
mod models;
mod seen;
mod spelling;
mod target;
mod url;
mod validate;

use arm::{ArmError, ErrorCode, Resource};
use serde_json::Value;

use crate::draft::Draft;
use crate::kind::{Accepted, Context, Kind, Neighbours, Parent, PutStatus};
use crate::model_catalog::Catalog;
use crate::name_rule::NameRule;

pub use category::{CATEGORIES, GatewayCategory};
pub use discovery::{DEPLOYMENT_NAME, Discovery, DiscoveryProvider, Endpoint};
pub use gateway::{DEFAULT_AUDIENCE, GatewayAuth, GatewayConnection, GatewayModels};
pub use headers::{API_KEY, DEFAULT_KEY_HEADER};
pub use models::{GatewayModel, ModelFormat};
pub use seen::{all_seen, default_gateway, is_default, seen_from};
pub use spelling::misspelled;

/// The type of an account's connections.
pub const ACCOUNT_CONNECTIONS: &str = "Microsoft.CognitiveServices/accounts/connections";
/// The type of a project's connections.
pub const PROJECT_CONNECTIONS: &str = "Microsoft.CognitiveServices/accounts/projects/connections";
/// What a connection may be called: 3 to 33 letters, digits, `_` and `-`.
const NAME: NameRule = NameRule { least: 3, most: 33, also: "_-", starts_alphanumeric: true, not_last: "" };
/// The management SDKs know 200 alone.
const PUT: PutStatus = PutStatus { created: 200, updated: 200 };

/// The two kinds, which differ in where they hang.
macro_rules! connections {
    ($($(#[$doc:meta])* $name:ident: $type:expr, $parent:expr;)+) => { $(
        $(#[$doc])*
        pub struct $name;

        impl Kind for $name {
            const TYPE: &'static str = $type;
            const NOUN: &'static str = "a connection";
            const API_VERSIONS: &'static [&'static str] = crate::registry::COGNITIVE_API_VERSIONS;
            const PARENT: Parent = Parent::Resource($parent);
            const NAME: NameRule = NAME;
            const PUT: PutStatus = PUT;
            const HAS_SECRETS: bool = true;
            const HAS_OTHER_END: bool = true;
            const IS_COUNTED: bool = true;

            fn validate(draft: Draft, existing: Option<&Resource>, context: &Context<'_>) -> Result<Accepted, ArmError> {
                validate::validate(draft, existing, context)
            }

            fn room_for(wanted: &Resource, _: &Catalog, neighbours: &dyn Neighbours) -> Result<(), ArmError> {
                only_default(wanted, neighbours)
            }

            fn is_wanted(connection: &Resource, parameter: &dyn Fn(&str) -> Option<String>) -> bool {
                is_wanted(connection, parameter)
            }
        }
    )+ };
}

connections! {
    /// Connections of an account, which it may share with all its projects.
    AccountConnection: ACCOUNT_CONNECTIONS, "Microsoft.CognitiveServices/accounts";
    /// Connections of a project.
    ProjectConnection: PROJECT_CONNECTIONS, crate::projects::TYPE;
}

/// Whether a type is one of the two.
fn is_connection(resource_type: &str) -> bool {
    [ACCOUNT_CONNECTIONS, PROJECT_CONNECTIONS].iter().any(|known| known.eq_ignore_ascii_case(resource_type))
}

/// The lists of the SDKs ask for a `target` or a `category`. `includeAll` would add what is no connection, of which there is none.
fn is_wanted(connection: &Resource, parameter: &dyn Fn(&str) -> Option<String>) -> bool {
    let has = |name: &str| {
        let own = connection.properties.get(name).and_then(Value::as_str).unwrap_or_default();
        parameter(name).is_none_or(|wanted| wanted.eq_ignore_ascii_case(own))
    };
    has("target") && has("category")
}

/// A place has one default connection to gateways, and one of each other category.
fn only_default(wanted: &Resource, neighbours: &dyn Neighbours) -> Result<(), ArmError> {
    let Some(holder) = wanted.id.parent() else { return Ok(()) };
    let mut others = neighbours.below(&holder, &wanted.resource_type).filter(|other| other.id != wanted.id);
    match others.find(|other| seen::compete(wanted, other)) {
        None => Ok(()),
        Some(other) => {
            let message = format!(
                "`properties.isDefault`: `{}` is the default here already; set its `isDefault` to false first",
                other.id.name()
            );
            Err(ArmError::new(ErrorCode::Conflict, message).with_target("properties.isDefault"))
        }
    }
}

#[cfg(test)]
mod tests;
