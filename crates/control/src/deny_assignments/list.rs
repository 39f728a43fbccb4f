//! The list of deny assignments at a scope: those at, above and below it, or with `atScope()` not those below.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Needs, NoBody, Operation, Route, page};
use arm::{ArmError, Resource};
use rbac::Reads;
use resources::deny_assignments::TYPE;
use serde_json::Value;
use uuid::Uuid;

use super::shown;
use crate::filter::{self, Term, unsupported};
use crate::near::Near;
use crate::role_assignments::known_scope;
use crate::state::Control;

/// GET {scope}/providers/Microsoft.Authorization/denyAssignments
pub(crate) struct ListDenies;

impl Operation for ListDenies {
    const ROUTE: Route = Route::collection(TYPE);
    const NEEDS: Needs = Needs::Derived;
    type Mode = Reads;
    type Body = NoBody;
}

pub(crate) async fn list(_: Arc<Control>, request: Authorized<ListDenies>) -> HandlerResult {
    let world = &request.world;
    let base = known_scope(world, &request.target)?;
    let wanted = Wanted::parse(request.query.get("$filter"))?;
    let near = Near { world, base: &base, visible: request.visible.as_ref() };
    let found = near.all(TYPE, wanted.at_scope).into_iter().filter(|(_, found)| wanted.matches(found));
    page(&request, found, |found| shown(found, world))
}

/// The filter, read.
#[derive(Default)]
struct Wanted {
    at_scope: bool,
    /// Denies exactly this principal.
    principal: Option<Uuid>,
    /// Has this name for people, without case.
    name: Option<String>,
}

impl Wanted {
    fn parse(text: Option<&str>) -> Result<Wanted, ArmError> {
        let mut wanted = Wanted::default();
        let not_understood = || unsupported(text.unwrap_or_default());
        for term in filter::parse(text)? {
            match term {
                Term::Call { name, argument: None } if name.eq_ignore_ascii_case("atScope") => wanted.at_scope = true,
                Term::Equals { name, value } if name.eq_ignore_ascii_case("principalId") => {
                    wanted.principal = Some(Uuid::try_parse(&value).map_err(|_| not_understood())?);
                }
                Term::Equals { name, value } if name.eq_ignore_ascii_case("denyAssignmentName") => {
                    wanted.name = Some(value);
                }
                // `gdprExportPrincipalId` among them: it asks for what is kept of a person in a directory of many tenants.
                _ => return Err(not_understood()),
            }
        }
        Ok(wanted)
    }

    fn matches(&self, deny: &Resource) -> bool {
        let names = |wanted: Uuid| {
            let principals = deny.properties.get("principals").and_then(Value::as_array);
            let id = |principal: &Value| principal.get("id")?.as_str().and_then(|id| Uuid::try_parse(id).ok());
            principals.is_some_and(|principals| principals.iter().any(|one| id(one) == Some(wanted)))
        };
        let name = deny.properties.get("denyAssignmentName").and_then(Value::as_str).unwrap_or_default();
        self.principal.is_none_or(names)
            && self.name.as_ref().is_none_or(|wanted| wanted.to_lowercase() == name.to_lowercase())
    }
}
