//! Anthropic's messages.

use std::sync::Arc;

use access::{Authorized, Failure, HandlerResult, InferenceJson, Reply, data_action, operations};
use dialect::anthropic::{count_answer, read_count_request};
use http::StatusCode;
use rbac::Permission;

use crate::catalog::Place;
use crate::plan::Answering;
use crate::protocol::Protocol;
use crate::surface::Surface;
use crate::{Serving, counting, failure};

/// The service documents none for this route; Foundry Models' is the one for models of other makers.
const CHAT: &[Permission] = data_action!("MaaS/chat/completions/action");

operations! {
    /// A message.
    AccountMessages: Post "/accounts/{account}/anthropic/v1/messages", Inference, CHAT, InferenceJson => told;
    /// How many tokens a message would be asked with.
    CountTokens: Post "/accounts/{account}/anthropic/v1/messages/count_tokens", Inference, CHAT, InferenceJson => told;
}

fn told(failure: Failure) -> Failure {
    Surface::Anthropic.failure(failure)
}

/// Counts by the provider where it can, else here: exactly where the model's tokenizer is known.
pub(super) async fn count_tokens(serving: Arc<Serving>, request: Authorized<CountTokens>) -> HandlerResult {
    let body = request.body.value();
    read_count_request(body).map_err(|error| failure::not_supported(&error))?;
    let place = Place::of(&request.target, &request.world)?;
    let name = body.get("model").and_then(serde_json::Value::as_str);
    let name = name.ok_or_else(|| failure::no_model(Surface::Anthropic))?;
    let plan = serving.plan(&request.world, &place.account.id, name)?;
    if let Answering::Upstreams(ways) = &plan.runs
        && let Some(way) = ways.iter().find(|way| way.upstream.counts_tokens())
    {
        return way.upstream.count_tokens(&way.model, request.body.tape(), &request.headers).await;
    }
    let tokens = counting::count(Protocol::Messages, &plan.model.name, request.body.root());
    Ok(Reply::json(StatusCode::OK, &count_answer(tokens)))
}
