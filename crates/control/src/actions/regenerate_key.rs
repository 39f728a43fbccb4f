//! POST …/accounts/{a}/regenerateKey `{"keyName": "Key1"}`

use std::sync::Arc;

use access::{Authorized, HandlerResult, Json, Needs, Operation, Reply, Route};
use arm::{ArmError, ErrorCode};
use http::StatusCode;
use rbac::{KeySlot, RowKind, Writes};
use resources::Fields;
use serde_json::{Map, Value};

use super::{account, both_keys};
use crate::failure::{internal, stored};
use crate::keys::new_key;
use crate::state::Control;

/// Replaces one resource key of an account; the old one is refused from then on.
pub(crate) struct RegenerateKey;

impl Operation for RegenerateKey {
    const ROUTE: Route = Route::action("Microsoft.CognitiveServices/accounts/regenerateKey");
    const NEEDS: Needs = Needs::Derived;
    type Mode = Writes;
    const ROWS: &'static [RowKind] = &[RowKind::Credential];
    type Body = Json;
}

pub(crate) async fn regenerate_key(control: Arc<Control>, request: Authorized<RegenerateKey>) -> HandlerResult {
    let account = account(&request.world, &request.target)?;
    let slot = slot(&request.body.0)?;
    let row = new_key(&account.id, slot, request.now).map_err(|error| internal(&error.to_string()))?;
    control.store.write(&request.permit, vec![row]).await.map_err(|error| stored(&error))?;
    let keys = both_keys(&control, &request.permit, &control.store.world(), &account.id)?;
    Ok(Reply::json(StatusCode::OK, &keys).with_header("cache-control", "no-store"))
}

/// The slot that `keyName` names, without case.
fn slot(body: &Value) -> Result<KeySlot, ArmError> {
    let empty = Map::new();
    let fields = Fields::new("", body.as_object().unwrap_or(&empty));
    match fields.one_of("keyName", &["Key1", "Key2"])? {
        Some("Key1") => Ok(KeySlot::Key1),
        Some(_) => Ok(KeySlot::Key2),
        None => {
            let message = "`keyName` is required: `Key1` or `Key2`";
            Err(ArmError::new(ErrorCode::InvalidRequestContent, message).with_target("keyName"))
        }
    }
}
