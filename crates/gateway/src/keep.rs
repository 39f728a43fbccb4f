//! Responses that are kept: where, for how long, and with what they were asked.

use std::collections::HashSet;
use std::sync::Arc;

use access::{Failure, InferenceJson};
use arm::Scope;
use dialect::openai::OpenAiError;
use dialect::openai::responses::{ItemIds, input_items, with_history};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use rbac::{Permit, Reads};
use serde_json::Value;
use store::{DataChange, DataError, DataKey, DataKind, DataPrecondition, DataQuery, NewDataObject, Store};
use tape::Node;

use crate::failure;

/// How long a response is kept where nobody deletes it: the service's thirty days.
const KEPT_HOURS: i64 = 30 * 24;
/// Responses that one goes on from, one from the other; a longer chain is no conversation any more.
const CHAIN_LIMIT: usize = 1000;
/// Input items of one response: each is a row, and other writers wait while they are written.
const ITEMS_LIMIT: usize = 1000;
/// Longest name of an item, as the store takes it.
const ITEM_NAME_BYTES: usize = 256;
/// What a conversation may have grown to when it is read to go on from it, bytes: two of the largest request bodies.
const HISTORY_BYTES_LIMIT: usize = 32 * 1024 * 1024;
/// Items that are read at once.
const ITEMS_AT_ONCE: u32 = 1000;

/// The duty to keep one response.
pub(crate) struct Keep {
    pub(crate) shelf: Shelf,
    /// The request's own input items, each with a name; those it goes on from are with their own responses.
    pub(crate) input: Vec<Value>,
    /// The response that it goes on from.
    pub(crate) previous: Option<String>,
}

/// The responses of one account or project, as far as a permit reaches.
#[derive(Clone)]
pub struct Shelf {
    store: Store,
    permit: Arc<Permit<Reads>>,
    scope: Scope,
}

/// What a request for a response says, with everything that it goes on from.
pub(crate) struct Said {
    /// Its own items, each with a name.
    pub(crate) input: Vec<Value>,
    /// The body with all items and no reference to what is stored here; none where it refers to nothing.
    pub(crate) body: Option<Value>,
}

/// A request's own items, each with a name made from the response's, such as can be kept. A reference takes its item from `history`.
pub fn own_items(response_id: &str, input: &Value, history: &[Value]) -> Result<Vec<Value>, Failure> {
    let items = named(response_id, input, history)?;
    can_be_kept(&items)?;
    Ok(items)
}

fn named(response_id: &str, input: &Value, history: &[Value]) -> Result<Vec<Value>, Failure> {
    let mut find = |id: &str| history.iter().find(|item| item.get("id").and_then(Value::as_str) == Some(id)).cloned();
    let items = input_items(input, &mut ItemIds::of_input(response_id), &mut find);
    items.map_err(|error| failure::not_supported(&error))
}

impl Shelf {
    /// The responses at `scope`, which the permit is for, as the store wants it.
    pub fn new(store: Store, permit: Arc<Permit<Reads>>, scope: Scope) -> Shelf {
        Shelf { store, permit, scope }
    }

    /// Reads what a request says. `response_id` is what its items are named after. Only what is to be kept must fit the store.
    pub(crate) async fn said(
        &self,
        response_id: &str,
        previous: Option<&str>,
        body: &InferenceJson,
        is_kept: bool,
    ) -> Result<Said, Failure> {
        let history = match previous {
            Some(previous) => self.history(previous).await?,
            None => Vec::new(),
        };
        let Some(input) = body.root().given("input").map(Node::to_value) else {
            return Err(failure::dialect(&OpenAiError::invalid(
                "missing_required_parameter",
                "input",
                "missing required parameter: `input`, a text or a list of items",
            )));
        };
        let input = named(response_id, &input, &history)?;
        if is_kept {
            can_be_kept(&input)?;
        }
        // A reference needs something that it goes on from, so there is none without.
        let body = previous.is_some().then(|| with_history(body.value(), &history, &input));
        Ok(Said { input, body })
    }
}

/// Refuses items that could not be kept, before anybody is asked: too many, or with names that no two or none may have.
fn can_be_kept(input: &[Value]) -> Result<(), Failure> {
    let wrong =
        |field: String, message: String| Err(failure::dialect(&OpenAiError::invalid("invalid_value", &field, message)));
    if input.len() > ITEMS_LIMIT {
        return wrong("input".to_owned(), format!("`input` has {} items; expected at most {ITEMS_LIMIT}", input.len()));
    }
    let mut names = HashSet::new();
    for (at, item) in input.iter().enumerate() {
        let name = item.get("id").and_then(Value::as_str).unwrap_or_default();
        let field = format!("input[{at}].id");
        if name.is_empty() || name.len() > ITEM_NAME_BYTES || name.chars().any(char::is_control) {
            let message = format!("`{field}`: expected 1 to {ITEM_NAME_BYTES} bytes without control characters");
            return wrong(field, message);
        }
        if !names.insert(name) {
            let message = format!("`{field}`: another item of `input` has the same id");
            return wrong(field, message);
        }
    }
    Ok(())
}

impl Keep {
    /// Keeps it. It is in the store when this returns.
    pub(crate) async fn put(self, response: &Value) -> Result<(), Failure> {
        let Keep { shelf, input, previous } = self;
        let Some(id) = response.get("id").and_then(Value::as_str) else { return Ok(()) };
        let key = DataKey::new(DataKind::Response, &shelf.scope, id);
        let changes = new_response(key, as_kept(response, previous), input);
        shelf.store.write_data(&shelf.permit, changes).await.map(drop).map_err(|error| of(&error))
    }
}

/// What keeps a new response with the items that it was asked with, for as long as it is kept. A provider names its answers: one
/// that takes another's name must not take its place.
pub fn new_response(key: DataKey, response: Value, input: Vec<Value>) -> Vec<DataChange> {
    let expires_at = Timestamp::now().checked_add(SignedDuration::from_hours(KEPT_HOURS)).ok();
    let put = |key: DataKey, body: Value| {
        DataChange::Put(NewDataObject { key, precondition: DataPrecondition::Absent, expires_at, body })
    };
    let parts = input.into_iter().filter_map(|item| {
        let name = item.get("id").and_then(Value::as_str).map(str::to_owned)?;
        Some(put(key.part(DataKind::ResponseInput, name), item))
    });
    let parts: Vec<DataChange> = parts.collect();
    let mut changes = vec![put(key, response)];
    changes.extend(parts);
    changes
}

/// What puts a response that is kept into another state.
pub fn next_response(key: DataKey, response: Value) -> DataChange {
    let expires_at = Timestamp::now().checked_add(SignedDuration::from_hours(KEPT_HOURS)).ok();
    DataChange::Put(NewDataObject { key, precondition: DataPrecondition::Present, expires_at, body: response })
}

impl Shelf {
    /// A kept response.
    pub async fn get(&self, id: &str) -> Result<Value, Failure> {
        let found = self.store.data_object(&self.permit, &self.key(id)).await.map_err(|error| of(&error))?;
        found.map(|object| object.body).ok_or_else(|| not_kept(id))
    }

    /// Removes it and what it was asked with.
    pub async fn delete(&self, id: &str) -> Result<(), Failure> {
        let change = DataChange::Delete(self.key(id));
        match self.store.write_data(&self.permit, vec![change]).await {
            Ok(_) => Ok(()),
            Err(DataError::NotFound { .. }) => Err(not_kept(id)),
            Err(error) => Err(of(&error)),
        }
    }

    /// What it was asked with, in order, what it went on from included.
    pub async fn input(&self, id: &str) -> Result<Vec<Value>, Failure> {
        let response = self.get(id).await?;
        let mut all = match response.get("previous_response_id").and_then(Value::as_str) {
            Some(previous) => self.history(previous).await?,
            None => Vec::new(),
        };
        all.extend(self.own_input(id).await?);
        Ok(all)
    }

    /// Everything that was said up to the end of a response: its input and its output, and those of all it goes on from.
    pub async fn history(&self, id: &str) -> Result<Vec<Value>, Failure> {
        let (mut parts, mut bytes) = (Vec::new(), 0);
        let mut next = Some(id.to_owned());
        while let Some(id) = next {
            let response = self.get(&id).await?;
            let mut items = self.own_input(&id).await?;
            items.extend(response.get("output").and_then(Value::as_array).cloned().unwrap_or_default());
            bytes += items.iter().map(|item| item.to_string().len()).sum::<usize>();
            next = response.get("previous_response_id").and_then(Value::as_str).map(str::to_owned);
            parts.push(items);
            if parts.len() > CHAIN_LIMIT || bytes > HISTORY_BYTES_LIMIT {
                let message = format!(
                    "`previous_response_id`: what it goes on from has more than {CHAIN_LIMIT} responses or \
                     {HISTORY_BYTES_LIMIT} bytes"
                );
                return Err(Failure::data_plane(StatusCode::BAD_REQUEST, "context_length_exceeded", message));
            }
        }
        Ok(parts.into_iter().rev().flatten().collect())
    }

    async fn own_input(&self, id: &str) -> Result<Vec<Value>, Failure> {
        let mut query = DataQuery::first(DataKind::ResponseInput, &self.scope, Some(id), ITEMS_AT_ONCE);
        let mut items = Vec::new();
        loop {
            let page = self.store.data_objects(&self.permit, &query).await.map_err(|error| of(&error))?;
            query.after = page.objects.last().map(|object| object.key.id.clone());
            items.extend(page.objects.into_iter().map(|object| object.body));
            if !page.has_more {
                return Ok(items);
            }
        }
    }

    fn key(&self, id: &str) -> DataKey {
        DataKey::new(DataKind::Response, &self.scope, id)
    }
}

/// A provider was told to keep nothing and not what came before: of both it knows less than its caller said here.
fn as_kept(response: &Value, previous: Option<String>) -> Value {
    let mut kept = response.clone();
    if let Some(members) = kept.as_object_mut() {
        members.insert("store".to_owned(), Value::Bool(true));
        members.insert("previous_response_id".to_owned(), previous.map_or(Value::Null, Value::String));
    }
    kept
}

fn not_kept(id: &str) -> Failure {
    let shown: String = id.chars().take(80).collect();
    Failure::data_plane(StatusCode::NOT_FOUND, "not_found", format!("there is no response `{shown}` here (any more)"))
}

fn of(error: &DataError) -> Failure {
    match error {
        DataError::Invalid { reason } => {
            Failure::data_plane(StatusCode::BAD_REQUEST, "invalid_request", reason.clone())
        }
        DataError::NotFound { key } => not_kept(&key.id),
        DataError::Exists { key } => {
            let message = format!("the provider named its answer `{}`, which another response here is named", key.id);
            Failure::data_plane(StatusCode::BAD_GATEWAY, "UpstreamFailed", message)
        }
        _ => {
            tracing::error!(%error, "a response cannot be kept or found");
            let message = "The response cannot be kept or found now. Try again later.";
            Failure::data_plane(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", message)
        }
    }
}
