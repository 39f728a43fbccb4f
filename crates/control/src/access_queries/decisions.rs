//! GET /providers/Cupola.Access/decisions/{id}: a decision that happened, and how it would come out now.
//!
//! It is shown to whom it was about, and to who may read role assignments at its target; anybody else is told that there
//! is no such decision.

use std::sync::Arc;

use access::{Authorized, Failure, HandlerResult, Needs, NoBody, Operation, Reply, Route, Verb};
use arm::{ArmError, ErrorCode, Scope};
use http::StatusCode;
use rbac::{Permission, Reads};
use store::{Journal, JournalError, Record, World};
use uuid::Uuid;

use super::decision::{decision, decision_for_outsider};
use crate::check_access::READ_ASSIGNMENTS;
use crate::failure::internal;
use crate::state::Control;
use crate::subscriptions::caller;

/// The operation.
pub(crate) struct GetDecision;

impl Operation for GetDecision {
    const ROUTE: Route = Route::item(Verb::Get, "Cupola.Access/decisions");
    const NEEDS: Needs = Needs::AnyToken;
    type Mode = Reads;
    type Body = NoBody;
}

pub(super) async fn get(control: Arc<Control>, request: Authorized<GetDecision>) -> HandlerResult {
    let name = request.target.name();
    let unknown = || unknown(name);
    let is_at_root = request.target.parent().is_some_and(|place| place.is_root());
    let id = Uuid::try_parse(name).ok().filter(|_| is_at_root).ok_or_else(unknown)?;
    let record = find(&control, id).await?.ok_or_else(unknown)?;
    let (world, caller) = (&request.world, caller(&request.permit));
    let shown = match () {
        () if may_read_at_target(caller, &record, world) => decision(world, &record),
        () if caller.is_none() || record.principal_id != caller => return Err(unknown()),
        () if caller.is_some_and(|caller| rbac::has_any_assignment(caller, &world.access)) => decision(world, &record),
        () => decision_for_outsider(world, &record),
    };
    Ok(Reply::json(StatusCode::OK, &shown))
}

/// Looks through the journal beside the requests, one search at a time: whoever has a token may ask, and the disk is for
/// everybody.
async fn find(control: &Arc<Control>, id: Uuid) -> Result<Option<Record>, Failure> {
    let _turn = control.searches.acquire().await.map_err(|error| internal(&error.to_string()))?;
    let dir = control.store.dir().to_owned();
    let found = tokio::task::spawn_blocking(move || Journal::find(&dir, id)).await;
    let found: Result<Option<Record>, JournalError> = found.map_err(|error| internal(&error.to_string()))?;
    found.map_err(|error| internal(&error.to_string()))
}

fn may_read_at_target(caller: Option<Uuid>, record: &Record, world: &World) -> bool {
    let target = record.target.as_deref().and_then(|target| Scope::parse(target).ok());
    let read = Permission::Action(READ_ASSIGNMENTS.into());
    caller.zip(target).is_some_and(|(caller, target)| rbac::visible(caller, &read, &target, &world.access).is_whole())
}

fn unknown(id: &str) -> Failure {
    let message = format!("There is no decision '{id}', or it is not yours to see.");
    ArmError::new(ErrorCode::ResourceNotFound, message).into()
}
