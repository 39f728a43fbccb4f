//! Conversations and their items, in OpenAI's protocol at a project.

use std::sync::Arc;

use access::{Authorized, Failure, HandlerResult, InferenceJson, NoBody, Operation, Reply, Routes, operations};
use http::StatusCode;
use rbac::{Reads, RowKind};
use serde_json::{Value, json};

use super::{DELETE, READ, WRITE, exists};
use crate::conversation::{ITEMS_AT_ONCE, Include, Shelf, read_items};
use crate::failure::{refused, wrong};
use crate::{Agents, metadata};

/// What all of these keep or reveal.
const KEPT: &[RowKind] = &[RowKind::DataObject];

operations! {
    /// Begins a conversation.
    Create: Post "/accounts/{account}/api/projects/{project}/openai/v1/conversations", Project, WRITE, InferenceJson, KEPT;
    /// The same by the dated route.
    DatedCreate: Post "/accounts/{account}/api/projects/{project}/openai/conversations", Project, WRITE, InferenceJson, KEPT;
    /// Reads one.
    Get: Get "/accounts/{account}/api/projects/{project}/openai/v1/conversations/{conversation}", Project, READ, NoBody, KEPT;
    /// The same by the dated route.
    DatedGet: Get "/accounts/{account}/api/projects/{project}/openai/conversations/{conversation}", Project, READ, NoBody, KEPT;
    /// Replaces its labels.
    Update: Post "/accounts/{account}/api/projects/{project}/openai/v1/conversations/{conversation}", Project, WRITE, InferenceJson, KEPT;
    /// The same by the dated route.
    DatedUpdate: Post "/accounts/{account}/api/projects/{project}/openai/conversations/{conversation}", Project, WRITE, InferenceJson, KEPT;
    /// Removes one.
    Delete: Delete "/accounts/{account}/api/projects/{project}/openai/v1/conversations/{conversation}", Project, DELETE, NoBody, KEPT;
    /// The same by the dated route.
    DatedDelete: Delete "/accounts/{account}/api/projects/{project}/openai/conversations/{conversation}", Project, DELETE, NoBody, KEPT;
    /// Adds items.
    AddItems: Post "/accounts/{account}/api/projects/{project}/openai/v1/conversations/{conversation}/items", Project, WRITE, InferenceJson, KEPT;
    /// The same by the dated route.
    DatedAddItems: Post "/accounts/{account}/api/projects/{project}/openai/conversations/{conversation}/items", Project, WRITE, InferenceJson, KEPT;
    /// Lists items.
    Items: Get "/accounts/{account}/api/projects/{project}/openai/v1/conversations/{conversation}/items", Project, READ, NoBody, KEPT;
    /// The same by the dated route.
    DatedItems: Get "/accounts/{account}/api/projects/{project}/openai/conversations/{conversation}/items", Project, READ, NoBody, KEPT;
    /// Reads an item.
    Item: Get "/accounts/{account}/api/projects/{project}/openai/v1/conversations/{conversation}/items/{item}", Project, READ, NoBody, KEPT;
    /// The same by the dated route.
    DatedItem: Get "/accounts/{account}/api/projects/{project}/openai/conversations/{conversation}/items/{item}", Project, READ, NoBody, KEPT;
    /// Removes an item.
    DeleteItem: Delete "/accounts/{account}/api/projects/{project}/openai/v1/conversations/{conversation}/items/{item}", Project, DELETE, NoBody, KEPT;
    /// The same by the dated route.
    DatedDeleteItem: Delete "/accounts/{account}/api/projects/{project}/openai/conversations/{conversation}/items/{item}", Project, DELETE, NoBody, KEPT;
}

pub(super) fn mount(routes: Routes<Agents>) -> Routes<Agents> {
    routes
        .on(Create, create)
        .on(DatedCreate, create)
        .on(Get, get)
        .on(DatedGet, get)
        .on(Update, update)
        .on(DatedUpdate, update)
        .on(Delete, delete)
        .on(DatedDelete, delete)
        .on(AddItems, add_items)
        .on(DatedAddItems, add_items)
        .on(Items, items)
        .on(DatedItems, items)
        .on(Item, item)
        .on(DatedItem, item)
        .on(DeleteItem, delete_item)
        .on(DatedDeleteItem, delete_item)
}

async fn create<O>(agents: Arc<Agents>, ask: Authorized<O>) -> HandlerResult
where
    O: Operation<Mode = Reads, Body = InferenceJson>,
{
    admitted(&ask)?;
    let body = ask.body.value();
    let metadata = metadata::read(body.get("metadata")).map_err(|error| refused(&error))?;
    let items = read_items(body.get("items")).map_err(|error| refused(&error))?;
    let made = shelf(&agents, &ask).create(metadata, &items).await?;
    Ok(Reply::json(StatusCode::OK, &made))
}

async fn get<O: Operation<Mode = Reads>>(agents: Arc<Agents>, ask: Authorized<O>) -> HandlerResult {
    let found = shelf(&agents, &ask).get(named(&ask)?).await?;
    Ok(Reply::json(StatusCode::OK, &found))
}

async fn update<O>(agents: Arc<Agents>, ask: Authorized<O>) -> HandlerResult
where
    O: Operation<Mode = Reads, Body = InferenceJson>,
{
    let id = named(&ask)?;
    let Some(given) = ask.body.value().get("metadata") else {
        return Err(refused(&wrong("metadata", "`metadata` is required: the labels that the conversation shall have")));
    };
    let metadata = metadata::read(Some(given)).map_err(|error| refused(&error))?;
    let changed = shelf(&agents, &ask).update(id, metadata).await?;
    Ok(Reply::json(StatusCode::OK, &changed))
}

async fn delete<O: Operation<Mode = Reads>>(agents: Arc<Agents>, ask: Authorized<O>) -> HandlerResult {
    let id = named(&ask)?;
    agents.turns.check_free(ask.permit.scope(), id)?;
    shelf(&agents, &ask).delete(id).await?;
    let gone = json!({"id": id, "object": "conversation.deleted", "deleted": true});
    Ok(Reply::json(StatusCode::OK, &gone))
}

async fn add_items<O>(agents: Arc<Agents>, ask: Authorized<O>) -> HandlerResult
where
    O: Operation<Mode = Reads, Body = InferenceJson>,
{
    let id = named(&ask)?;
    let include = Include::read(&ask.query).map_err(|error| refused(&error))?;
    let items = read_items(ask.body.value().get("items")).map_err(|error| refused(&error))?;
    if items.is_empty() {
        let message = format!("`items`: expected 1 to {ITEMS_AT_ONCE} items");
        return Err(refused(&wrong("items", message)));
    }
    agents.turns.check_free(ask.permit.scope(), id)?;
    let shelf = shelf(&agents, &ask);
    shelf.check_room(id, items.len() as u64).await?;
    shelf.append(id, &items).await?;
    let name = |item: Option<&Value>| item.and_then(|item| item.get("id")).cloned();
    let (first, last) = (name(items.first()), name(items.last()));
    let data: Vec<Value> = items.into_iter().map(|item| include.show(item)).collect();
    let added = json!({"object": "list", "data": data, "first_id": first, "last_id": last, "has_more": false});
    Ok(Reply::json(StatusCode::OK, &added))
}

async fn items<O: Operation<Mode = Reads>>(agents: Arc<Agents>, ask: Authorized<O>) -> HandlerResult {
    let page = shelf(&agents, &ask).list(named(&ask)?, &ask.query).await?;
    Ok(Reply::json(StatusCode::OK, &page))
}

async fn item<O: Operation<Mode = Reads>>(agents: Arc<Agents>, ask: Authorized<O>) -> HandlerResult {
    let include = Include::read(&ask.query).map_err(|error| refused(&error))?;
    let found = shelf(&agents, &ask).item(named(&ask)?, ask.params.get("item").unwrap_or_default(), include).await?;
    Ok(Reply::json(StatusCode::OK, &found))
}

async fn delete_item<O: Operation<Mode = Reads>>(agents: Arc<Agents>, ask: Authorized<O>) -> HandlerResult {
    let id = named(&ask)?;
    agents.turns.check_free(ask.permit.scope(), id)?;
    let left = shelf(&agents, &ask).delete_item(id, ask.params.get("item").unwrap_or_default()).await?;
    Ok(Reply::json(StatusCode::OK, &left))
}

fn shelf<'a, O: Operation>(agents: &'a Agents, ask: &'a Authorized<O>) -> Shelf<'a, O::Mode> {
    Shelf { store: &agents.store, permit: &ask.permit }
}

/// The conversation that the path names.
fn named<O: Operation>(ask: &Authorized<O>) -> Result<&str, Failure> {
    admitted(ask)?;
    Ok(ask.params.get("conversation").unwrap_or_default())
}

/// Refuses a dated route without its version, and a project that is not there.
fn admitted<O: Operation>(ask: &Authorized<O>) -> Result<(), Failure> {
    if !O::ROUTE.template().contains("/openai/v1/") {
        gateway::dated(&ask.query)?;
    }
    exists(&ask.world, ask.permit.scope())
}
