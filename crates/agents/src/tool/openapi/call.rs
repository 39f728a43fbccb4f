//! Making a request of an API, and reading its answer.

use bytes::Bytes;
use egress::{Answer, EgressError, Outgoing, OwnHeaders};
use serde_json::json;

use super::super::call::{CallError, ToolOutcome};
use super::super::context::{Admitted, ToolContext, Unmade};
use super::super::credential::scrubbed;
use super::super::{OUTPUT_LIMIT_BYTES, too_large};
use super::auth::{self, Auth, Shown};
use super::operation::Operation;
use super::request::HttpCall;
use super::{OpenApi, wire};

/// What answers are read.
const ACCEPTED: &str = "application/json, text/*;q=0.9, */*;q=0.5";

impl OpenApi {
    /// Carries out an operation.
    pub(in super::super) async fn call(&self, operation: &str, arguments: &str, ctx: &ToolContext) -> ToolOutcome {
        let Some(operation) = self.operation(operation) else {
            let message = format!("the API `{}` has no operation `{operation}` any more", self.name);
            return CallError::http(404, message).into();
        };
        match operation.request(arguments) {
            Ok(call) => self.make(operation, call, ctx).await.unwrap_or_else(|unmade| CallError::from(unmade).into()),
            Err(message) => CallError::http(400, message).into(),
        }
    }

    async fn make(&self, operation: &Operation, call: HttpCall, ctx: &ToolContext) -> Result<ToolOutcome, Unmade> {
        let refused = |refused: egress::Refused| CallError::http(403, refused.to_string());
        let target = ctx.egress.target(&operation.server).map_err(refused)?;
        let connection = match &self.auth {
            Auth::Connection(name) => Some(name.as_str()),
            Auth::Anonymous | Auth::ProjectIdentity { .. } => None,
        };
        let admitted = ctx.admit(connection, &target).await?;
        let prepared = self.presented(&admitted, ctx).and_then(|shown| {
            let outgoing = outgoing(&target, call, &shown)?;
            Ok((outgoing, shown))
        });
        let made = async {
            let (outgoing, shown) = prepared?;
            let answer = ctx.egress.send(outgoing).await.map_err(|error| failed(&error))?;
            read(answer, &shown).await
        };
        Ok(admitted.record(ctx.in_time(made)).await?)
    }

    fn presented(&self, admitted: &Admitted, ctx: &ToolContext) -> Result<Vec<Shown>, CallError> {
        let presented = match &self.auth {
            Auth::ProjectIdentity { audience } => {
                admitted.note(|record| record.credential_kind = Some("ProjectManagedIdentity".into()));
                admitted.project_token(ctx, audience)?
            }
            Auth::Anonymous | Auth::Connection(_) => admitted.presented(ctx)?,
        };
        auth::placed(presented, &self.key_places)
    }
}

/// The request with its credential.
fn outgoing(base: &egress::Target, call: HttpCall, shown: &[Shown]) -> Result<Outgoing, CallError> {
    let wrong = |reason: String| CallError::http(400, reason);
    let mut own = OwnHeaders::default();
    for (name, value) in &call.headers {
        own.put(name, value).map_err(|error| wrong(error.to_string()))?;
    }
    let mut query = call.query;
    for secret in shown {
        match secret {
            Shown::Header(name, value) => own.put(name, value.reveal()).map_err(|error| wrong(error.to_string()))?,
            Shown::Query(name, value) => {
                let mark = if query.is_empty() { "" } else { "&" };
                query.push_str(&format!("{mark}{}={}", wire::encoded(name), wire::encoded(value.reveal())));
            }
        }
    }
    let target = base.further(&call.path, &query).map_err(|refused| wrong(refused.to_string()))?;
    let body = call.body.map(|body| ("application/json", Bytes::from(body)));
    Ok(Outgoing::asking(call.method, target, body).accept(ACCEPTED).with_own(&own))
}

/// The answer as the model reads it, without the secrets that were shown.
async fn read(answer: Answer, shown: &[Shown]) -> Result<ToolOutcome, CallError> {
    let status = answer.status();
    if status.is_redirection() {
        let message = format!("the API answered with a redirect (status {}), which is not followed", status.as_u16());
        return Err(CallError::http(502, message));
    }
    let body = match answer.collect(OUTPUT_LIMIT_BYTES).await {
        Ok(body) => body,
        Err(EgressError::TooLarge { .. }) => return Err(too_large()),
        Err(error) => return Err(failed(&error)),
    };
    let secrets = shown.iter().map(|(Shown::Header(_, secret) | Shown::Query(_, secret))| secret);
    let clean = scrubbed(body, secrets);
    let text = std::str::from_utf8(&clean).map_err(|_| CallError::http(502, "the API's answer is not text"))?;
    let output = json!({"status": status.as_u16(), "response": text}).to_string();
    let error = (!status.is_success())
        .then(|| CallError::http(status.as_u16(), format!("the API answered with status {}", status.as_u16())));
    Ok(ToolOutcome { output, error })
}

fn failed(error: &EgressError) -> CallError {
    tracing::debug!(%error, "a tool's API was not reached");
    CallError::from(error)
}
