//! POST {scope}/providers/Microsoft.Authorization/checkAccess: may this principal do these things here, and why?
//!
//! Any token is enough to ask about oneself. To ask about others needs `Microsoft.Authorization/roleAssignments/read` at
//! the scope in the URL, which is why nothing above that scope can be asked about.

mod answer;
mod body;
mod question;

use std::sync::Arc;

use access::{Authorized, HandlerResult, Input, Json, Needs, Operation, Query, Reply, Route, Routes};
use arm::{ArmError, ErrorCode};
use http::StatusCode;
use rbac::Reads;
use serde_json::Value;
use uuid::Uuid;

use crate::state::Control;
use question::Question;

/// Who may read role assignments may ask what they amount to.
pub(crate) const READ_ASSIGNMENTS: &str = "Microsoft.Authorization/roleAssignments/read";

pub(crate) fn mount(routes: Routes<Control>) -> Routes<Control> {
    routes.on(CheckAccess, check)
}

/// The operation.
pub(crate) struct CheckAccess;

impl Operation for CheckAccess {
    const ROUTE: Route = Route::action("Microsoft.Authorization/checkAccess");
    const NEEDS: Needs = Needs::OwnOr(READ_ASSIGNMENTS);
    type Mode = Reads;
    type Body = Json;

    fn is_own(input: &Input<'_, Json>, caller: Uuid) -> bool {
        question::subject_of(&input.body.0).is_ok_and(|subject| subject == caller)
    }
}

async fn check(_: Arc<Control>, request: Authorized<CheckAccess>) -> HandlerResult {
    let world = &request.world;
    let question = Question::read(&request.body.0, &request.target, world)?;
    let is_explained = is_explained(&request.query)?;
    let answers =
        question.actions.iter().map(|asked| answer::answer(&question, asked, is_explained, request.now, world));
    Ok(Reply::json(StatusCode::OK, &Value::Array(answers.collect())))
}

/// `explain=true` in the query.
fn is_explained(query: &Query) -> Result<bool, ArmError> {
    match query.get("explain") {
        None => Ok(false),
        Some(word) if word.eq_ignore_ascii_case("true") => Ok(true),
        Some(word) if word.eq_ignore_ascii_case("false") => Ok(false),
        Some(_) => {
            let message = "`explain`: expected `true` or `false`";
            Err(ArmError::new(ErrorCode::InvalidRequestContent, message).with_target("explain"))
        }
    }
}
