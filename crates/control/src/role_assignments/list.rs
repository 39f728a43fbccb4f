//! The list of role assignments at a scope.
//!
//! Without a filter: those at the scope, above it and below it. `atScope()` leaves out those below. `principalId eq` and
//! `assignedTo` narrow to a principal; the latter counts its groups.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Needs, NoBody, Operation, Route, page};
use arm::{ArmError, Resource};
use rbac::Reads;
use resources::role_assignments::TYPE;
use store::World;
use uuid::Uuid;

use super::attributes::Given;
use super::{known_scope, shown};
use crate::filter::{self, Term, unsupported};
use crate::near::Near;
use crate::state::Control;

/// GET {scope}/providers/Microsoft.Authorization/roleAssignments
pub(crate) struct ListAssignments;

impl Operation for ListAssignments {
    const ROUTE: Route = Route::collection(TYPE);
    const NEEDS: Needs = Needs::Derived;
    type Mode = Reads;
    type Body = NoBody;
}

pub(crate) async fn list(_: Arc<Control>, request: Authorized<ListAssignments>) -> HandlerResult {
    let world = &request.world;
    let base = known_scope(world, &request.target)?;
    let wanted = Wanted::parse(request.query.get("$filter"), world)?;
    let near = Near { world, base: &base, visible: request.visible.as_ref() };
    let found = near.all(TYPE, wanted.at_scope).into_iter().filter(|(_, found)| wanted.matches(found));
    page(&request, found, |found| shown(found, &base, world))
}

/// The filter, read.
#[derive(Default)]
struct Wanted {
    at_scope: bool,
    /// Assigned to exactly this principal.
    principal: Option<Uuid>,
    /// Assigned to one of these: a principal and its groups.
    holders: Option<Vec<Uuid>>,
}

impl Wanted {
    fn parse(text: Option<&str>, world: &World) -> Result<Wanted, ArmError> {
        let mut wanted = Wanted::default();
        let not_understood = || unsupported(text.unwrap_or_default());
        for term in filter::parse(text)? {
            match term {
                Term::Call { name, argument: None } if name.eq_ignore_ascii_case("atScope") => wanted.at_scope = true,
                Term::Call { name, argument: Some(id) } if name.eq_ignore_ascii_case("assignedTo") => {
                    let id = Uuid::try_parse(&id).map_err(|_| not_understood())?;
                    let mut holders = world.access.groups_of(id);
                    holders.push(id);
                    wanted.holders = Some(holders);
                }
                Term::Equals { name, value } if name.eq_ignore_ascii_case("principalId") => {
                    wanted.principal = Some(Uuid::try_parse(&value).map_err(|_| not_understood())?);
                }
                _ => return Err(not_understood()),
            }
        }
        Ok(wanted)
    }

    fn matches(&self, assignment: &Resource) -> bool {
        let holder = Given::of(assignment).principal;
        let is_theirs = self.principal.is_none_or(|wanted| holder == Some(wanted));
        let is_held =
            self.holders.as_ref().is_none_or(|holders| holder.is_some_and(|holder| holders.contains(&holder)));
        is_theirs && is_held
    }
}
