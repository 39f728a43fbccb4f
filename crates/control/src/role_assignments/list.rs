//! The list of role assignments at a scope.
//!
//! Without a filter: those at the scope, above it and below it. `atScope()` leaves out those below. `principalId eq` and
//! `assignedTo` narrow to a principal; the latter counts its groups. Those above the scope are shown to whoever may read
//! at the scope, since they hold there too; those below only where the caller may read.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Needs, NoBody, Operation, Route};
use arm::{ArmError, Resource, Scope};
use rbac::{Reads, Visible};
use resources::role_assignments::{TYPE, scope_of};
use store::World;
use uuid::Uuid;

use super::attributes::Given;
use super::{known_scope, shown};
use crate::filter::{self, Term, unsupported};
use crate::page::page;
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
    let chain = world.access.chain(&base);
    let covers = |scope: &Scope| request.visible.as_ref().is_some_and(|visible: &Visible| visible.covers(scope));
    let above = at_or_above(world, &base).filter(|_| covers(&base));
    let below = world
        .resources
        .children_of_type(&base, TYPE)
        .filter(|found| !wanted.at_scope && scope_of(found) != base && covers(&scope_of(found)));
    let rank = |found: &Resource| {
        let scope = scope_of(found);
        let steps_up = chain.iter().position(|place| *place == scope).unwrap_or(chain.len());
        // Nearest first, those below last.
        format!("{steps_up:04}{}", found.id.key())
    };
    let found = above.chain(below).filter(|found| wanted.matches(found));
    page(&request, found.map(|found| (rank(found), found)), |found| shown(found, &base, world))
}

/// The assignments that hold at `base`, nearest scope first.
fn at_or_above<'a>(world: &'a World, base: &Scope) -> impl Iterator<Item = &'a Arc<Resource>> + use<'a> {
    world.access.chain(base).into_iter().flat_map(|place| {
        // What stands in front of the names of a place's own assignments.
        let shelf = place.child("providers/Microsoft.Authorization", "roleAssignments");
        world.resources.below(&shelf)
    })
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
