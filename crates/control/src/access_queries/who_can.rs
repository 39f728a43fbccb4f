//! GET {scope}/providers/Cupola.Access/whoCan?action=…&isDataAction=…: everybody who may do something at a scope.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Needs, NoBody, Operation, Reply, Route};
use arm::{Scope, nearest};
use http::StatusCode;
use rbac::{Permission, Reads};
use serde_json::{Value, json};
use store::World;

use super::names::with_names;
use super::wrong;
use crate::check_access::READ_ASSIGNMENTS;
use crate::state::Control;

/// The operation.
pub(crate) struct WhoCan;

impl Operation for WhoCan {
    const ROUTE: Route = Route::collection("Cupola.Access/whoCan");
    const NEEDS: Needs = Needs::All(&[Permission::Action(std::borrow::Cow::Borrowed(READ_ASSIGNMENTS))]);
    type Mode = Reads;
    type Body = NoBody;
}

pub(super) async fn answer(_: Arc<Control>, request: Authorized<WhoCan>) -> HandlerResult {
    let action = request.query.get("action").unwrap_or_default();
    let is_data = match request.query.get("isDataAction").map(str::to_ascii_lowercase).as_deref() {
        None => None,
        Some("true") => Some(true),
        Some("false") => Some(false),
        Some(_) => return Err(wrong("isDataAction", "expected `true` or `false`").into()),
    };
    let permission = permission(action, is_data).map_err(|error| wrong("action", &error.to_string()))?;
    Ok(Reply::json(StatusCode::OK, &who_can(&request.world, &permission, &request.target)))
}

/// A text that is no action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected one operation, such as `Microsoft.CognitiveServices/accounts/read`; `*` stands in roles only")]
pub struct UnreadableAction;

/// The permission for an action string. Unless it is said, the catalogue says whether it is a data action; what the
/// catalogue does not know is a management action.
pub fn permission(action: &str, is_data: Option<bool>) -> Result<Permission, UnreadableAction> {
    let action = action.trim();
    if !action.contains('/') || action.contains('*') || action.contains(char::is_whitespace) {
        return Err(UnreadableAction);
    }
    let text = action.to_owned().into();
    let is_data = is_data.unwrap_or_else(|| rbac::catalogue().is_data_action(action));
    Ok(if is_data { Permission::DataAction(text) } else { Permission::Action(text) })
}

/// Everybody who may do it at the scope: `rbac::WhoCan` with the principals' names, and what to keep in mind in `notes`.
pub fn who_can(world: &World, permission: &Permission, scope: &Scope) -> Value {
    let mut answer = with_names(json!(rbac::who_can(permission, scope, &world.access)), world);
    if let Some(answer) = answer.as_object_mut() {
        let notes: Vec<String> = uncatalogued(permission).into_iter().chain(not_there(scope, world)).collect();
        answer.insert("notes".to_owned(), json!(notes));
    }
    answer
}

fn uncatalogued(permission: &Permission) -> Option<String> {
    let catalogue = rbac::catalogue();
    let text = permission.text();
    if catalogue.is_known(permission) {
        return None;
    }
    if catalogue.find(text).is_some() {
        let plane = if permission.is_data() { "a management action, not a data action" } else { "a data action" };
        return Some(format!("`{text}` is {plane}; roles give the two apart"));
    }
    let known = catalogue.operations().iter().filter(|known| known.is_data == permission.is_data());
    let near = nearest(text, known.map(|known| known.name));
    let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    Some(format!("`{text}` is not a catalogued operation; the roles' patterns decide{hint}"))
}

/// A place need not exist for its answer to be right, which is how a rollout is rehearsed; a typing error must show.
pub(super) fn not_there(scope: &Scope, world: &World) -> Option<String> {
    let is_there = scope.is_root() || world.resources.get(scope).is_some();
    (!is_there).then(|| format!("`{scope}` does not exist; shown is what would hold there"))
}
