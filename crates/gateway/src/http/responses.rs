//! Responses of an account: made by a model and kept. Those of a project are served by who runs agents, from the same shelf.

use std::sync::Arc;

use access::{
    Authorized, HandlerResult, InferenceJson, Input, Linked, NoBody, Operation, Reply, data_action, operations,
};
use dialect::openai::OpenAiError;
use dialect::openai::responses::Page;
use http::StatusCode;
use rbac::{Permission, Reads, RowKind};
use serde_json::{Value, json};
use store::Store;

use super::{Pending, dated};
use crate::keep::Shelf;
use crate::{Serving, failure};

/// What goes on from a kept response reads it: who may make responses and not read them learns nothing of others' in that way.
fn read_first(input: &Input<'_, InferenceJson>) -> Vec<Linked> {
    let goes_on = input.body.root().given("previous_response_id").is_some();
    let read = READ.iter().filter(|_| goes_on);
    read.map(|read| Linked::at(read.clone(), input.target.clone())).collect()
}

/// What all of these keep or read.
const KEPT: &[RowKind] = &[RowKind::DataObject];
const WRITE: &[Permission] = data_action!("OpenAI/responses/write");
const READ: &[Permission] = data_action!("OpenAI/responses/read");
const DELETE: &[Permission] = data_action!("OpenAI/responses/delete");

operations! {
    /// Makes one at the account.
    [read_first] AccountResponses: Post "/accounts/{account}/openai/v1/responses", Inference, WRITE, InferenceJson, KEPT;
    /// The same by the dated route.
    [read_first] DatedResponses: Post "/accounts/{account}/openai/responses", Inference, WRITE, InferenceJson, KEPT;
    /// Reads one.
    AccountResponse: Get "/accounts/{account}/openai/v1/responses/{response}", Inference, READ, NoBody, KEPT;
    /// The same by the dated route.
    DatedResponse: Get "/accounts/{account}/openai/responses/{response}", Inference, READ, NoBody, KEPT;
    /// Deletes one.
    AccountResponseGone: Delete "/accounts/{account}/openai/v1/responses/{response}", Inference, DELETE, NoBody, KEPT;
    /// The same by the dated route.
    DatedResponseGone: Delete "/accounts/{account}/openai/responses/{response}", Inference, DELETE, NoBody, KEPT;
    /// Stops one that is being made.
    AccountResponseStop: Post "/accounts/{account}/openai/v1/responses/{response}/cancel", Inference, WRITE, NoBody, KEPT;
    /// The same by the dated route.
    DatedResponseStop: Post "/accounts/{account}/openai/responses/{response}/cancel", Inference, WRITE, NoBody, KEPT;
    /// Lists what one was asked with.
    AccountInput: Get "/accounts/{account}/openai/v1/responses/{response}/input_items", Inference, READ, NoBody, KEPT;
    /// The same by the dated route.
    DatedInput: Get "/accounts/{account}/openai/responses/{response}/input_items", Inference, READ, NoBody, KEPT;
}

/// What is done with a kept response.
#[derive(Clone, Copy)]
pub enum Deed {
    /// It is read.
    Get,
    /// It is removed.
    Delete,
    /// It is stopped, which one that is kept by then cannot be.
    Cancel,
    /// What it was asked with is listed.
    ListInput,
}

/// Does it; `is_dated` routes want a version.
pub(super) fn kept<O>(deed: Deed, is_dated: bool) -> impl Fn(Arc<Serving>, Authorized<O>) -> Pending + Copy
where
    O: Operation<Mode = Reads, Body = NoBody>,
{
    move |serving, request: Authorized<O>| {
        Box::pin(async move {
            if is_dated {
                dated(&request.query)?;
            }
            kept_response(&serving.store, deed, request).await
        })
    }
}

/// Does it with the response that the path names.
pub async fn kept_response<O>(store: &Store, deed: Deed, request: Authorized<O>) -> HandlerResult
where
    O: Operation<Mode = Reads, Body = NoBody>,
{
    let id = request.params.get("response").unwrap_or_default().to_owned();
    let (query, scope) = (request.query, request.permit.scope().clone());
    let shelf = Shelf::new(store.clone(), Arc::new(request.permit), scope);
    let body = match deed {
        Deed::Get => shelf.get(&id).await?,
        Deed::Delete => {
            shelf.delete(&id).await?;
            json!({"id": id, "object": "response", "deleted": true})
        }
        Deed::Cancel => {
            let found = shelf.get(&id).await?;
            let status = found.get("status").and_then(Value::as_str).unwrap_or("completed");
            let message = format!("a response whose status is `{status}` cannot be cancelled");
            return Err(failure::dialect(&OpenAiError::invalid("invalid_request_error", "response_id", message)));
        }
        Deed::ListInput => {
            let page = Page::of(query.get("after"), query.get("limit"), query.get("order"));
            let page = page.map_err(|error| failure::dialect(&error))?;
            page.cut(&shelf.input(&id).await?).map_err(|error| failure::dialect(&error))?
        }
    };
    Ok(Reply::json(StatusCode::OK, &body))
}
