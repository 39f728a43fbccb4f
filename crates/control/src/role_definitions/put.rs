//! PUT of a custom role: 201, also when one is written again, since clients take nothing else.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Input, Json, Linked, Needs, Operation, Reply, Route, Verb};
use arm::{ArmError, Precondition, Resource, Scope};
use http::StatusCode;
use rbac::{RowKind, Writes};
use resources::role_definitions::{TYPE, Wanted, stored_id};
use store::{Row, World};

use super::custom;
use super::definition::shown;
use super::neighbours::Neighbours;
use crate::actor::Author;
use crate::authorship::sign;
use crate::engine::precondition;
use crate::failure::{condition_is_sound, internal};
use crate::state::Control;
use crate::turn::{NotWritten, Revision};

/// PUT {scope}/providers/Microsoft.Authorization/roleDefinitions/{guid}
pub(crate) struct PutDefinition;

impl Operation for PutDefinition {
    const ROUTE: Route = Route::item(Verb::Put, TYPE);
    const NEEDS: Needs = Needs::Derived;
    type Mode = Writes;
    const ROWS: &'static [RowKind] = &[RowKind::RoleDefinition];
    type Body = Json;

    /// Every place where the role can be assigned, or could be from then on.
    fn linked(input: &Input<'_, Json>) -> Vec<Linked> {
        let mut scopes = custom::assignable_scopes(input.world, input.target);
        scopes.extend(Wanted::scopes_named(&input.body.0));
        custom::writes_at(scopes)
    }
}

pub(crate) async fn put(control: Arc<Control>, request: Authorized<PutDefinition>) -> HandlerResult {
    let role = custom::named(&request.target)?;
    custom::is_not_built_in(&request.world, role)?;
    let wanted = Wanted::from_json(&request.body.0, role)?;
    conditions_are_sound(&wanted)?;
    let id = stored_id(role);
    let author = Author::of(&request.permit, &request.world);
    let revision = Revision {
        target: &request.target,
        decided_on: request.world.resources.get(&id).map(Arc::as_ref),
        demand: precondition(&request.headers),
    };
    let rows = |world: &World| {
        let existing = world.resources.get(&id).map(Arc::as_ref);
        revision.check(existing)?;
        let neighbours = Neighbours { world, role, wanted: &wanted };
        neighbours.leave_the_name()?;
        let precondition = match existing {
            Some(existing) => {
                neighbours.stay_assignable()?;
                Precondition::IfMatch(existing.etag.clone())
            }
            None => {
                control.limits.room_for_role(world)?;
                Precondition::MustNotExist
            }
        };
        let mut properties = wanted.properties();
        sign(&mut properties, &author, request.now, existing);
        let resource = Resource::plain(id.clone(), TYPE, properties, author.system_data(request.now));
        Ok::<_, NotWritten>(vec![Row::PutResource { resource, precondition }])
    };
    let written = control.store.write_in_turn(&request.permit, rows).await?;
    let world = control.store.world();
    let (Some(upserted), Some(definition)) = (written.resources.first(), world.access.role(role)) else {
        return Err(internal("the store wrote no role definition"));
    };
    let scope = request.target.parent().unwrap_or_else(Scope::root);
    let body = shown(definition, &scope, &world);
    Ok(Reply::json(StatusCode::CREATED, &body).with_header("etag", &upserted.resource.etag))
}

fn conditions_are_sound(wanted: &Wanted) -> Result<(), ArmError> {
    let conditions = wanted.permissions.iter().enumerate().filter_map(|(at, one)| Some((at, one.condition.as_ref()?)));
    conditions
        .into_iter()
        .try_for_each(|(at, text)| condition_is_sound(text, &format!("properties.permissions[{at}].condition")))
}
