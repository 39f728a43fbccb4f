//! POST …/accounts/{a}/listKeys

use std::sync::Arc;

use access::{Authorized, HandlerResult, Needs, NoBody, Operation, Reply, Route};
use http::StatusCode;
use rbac::{Reads, RowKind};

use super::{account, both_keys};
use crate::failure::stored;
use crate::state::Control;

/// Shows both resource keys of an account. Keys stay readable while local auth is off: they open nothing then.
pub(crate) struct ListKeys;

impl Operation for ListKeys {
    const ROUTE: Route = Route::action("Microsoft.CognitiveServices/accounts/listKeys");
    const NEEDS: Needs = Needs::Derived;
    type Mode = Reads;
    const ROWS: &'static [RowKind] = &[RowKind::Credential];
    type Body = NoBody;
}

pub(crate) async fn list_keys(control: Arc<Control>, request: Authorized<ListKeys>) -> HandlerResult {
    let account = account(&request.world, &request.target)?;
    let keys = both_keys(&control, &request.permit, &request.world, &account.id)?;
    control.store.record(&request.permit).await.map_err(|error| stored(&error))?;
    Ok(Reply::json(StatusCode::OK, &keys).with_header("cache-control", "no-store"))
}
