//! The conversations of one project, as far as a permit reaches. An item is an object of its own: adding one touches no other.

use access::{Failure, Query};
use dialect::openai::OpenAiError;
use rbac::{Mode, Permit};
use resources::quoted;
use serde_json::{Map, Value, json};
use store::{
    DataChange, DataError, DataKey, DataKind, DataObject, DataPrecondition, DataQuery, DataStamp, NewDataObject, Store,
};
use uuid::Uuid;

use super::Include;
use crate::failure::{not_found, of_objects, refused, wrong};
use crate::page;

/// Most items of a conversation (the service's limit).
const ITEMS_LIMIT: u64 = 100_000;
/// What may have been said when a conversation is read to go on from it, bytes: as much as of answers that go on from each other.
const HISTORY_BYTES_LIMIT: usize = 32 * 1024 * 1024;
/// Items that are read at once.
const READ_AT_ONCE: u32 = 1000;

/// The conversations of the permit's project.
pub(crate) struct Shelf<'a, M: Mode> {
    pub(crate) store: &'a Store,
    pub(crate) permit: &'a Permit<M>,
}

impl<M: Mode> Shelf<'_, M> {
    /// Begins a conversation with its first items.
    pub(crate) async fn create(&self, metadata: Map<String, Value>, items: &[Value]) -> Result<Value, Failure> {
        let id = format!("conv_{}", Uuid::new_v4().simple());
        let mut changes = vec![put(self.key(&id), DataPrecondition::Absent, json!({"metadata": metadata}))];
        changes.extend(added(&self.key(&id), items));
        let stamps = self.write(&id, changes).await?;
        let stamp = stamps.first().ok_or_else(|| no_conversation(&id))?;
        Ok(shown(&id, stamp, &Value::Object(metadata)))
    }

    /// A conversation on the wire.
    pub(crate) async fn get(&self, id: &str) -> Result<Value, Failure> {
        match self.store.data_object(self.permit, &self.key(id)).await {
            Ok(Some(found)) => Ok(shown(id, &found.stamp, found.body.get("metadata").unwrap_or(&Value::Null))),
            Ok(None) | Err(DataError::Invalid { .. }) => Err(no_conversation(id)),
            Err(error) => Err(of_objects(&error)),
        }
    }

    /// Replaces a conversation's labels.
    pub(crate) async fn update(&self, id: &str, metadata: Map<String, Value>) -> Result<Value, Failure> {
        let change = put(self.key(id), DataPrecondition::Present, json!({"metadata": metadata}));
        let stamps = self.write(id, vec![change]).await?;
        let stamp = stamps.first().ok_or_else(|| no_conversation(id))?;
        Ok(shown(id, stamp, &Value::Object(metadata)))
    }

    /// Removes a conversation with its items.
    pub(crate) async fn delete(&self, id: &str) -> Result<(), Failure> {
        self.write(id, vec![DataChange::Delete(self.key(id))]).await.map(drop)
    }

    /// Refuses items for which there is no room. Two who ask at once may both be let in: the limit keeps conversations usable and
    /// need not be exact.
    pub(crate) async fn check_room(&self, id: &str, more: u64) -> Result<(), Failure> {
        let query = DataQuery::first(DataKind::ConversationItem, self.permit.scope(), Some(id), 0);
        let count = self.store.count_data(self.permit, &query).await.map_err(|error| of_objects(&error))?;
        if count.saturating_add(more) <= ITEMS_LIMIT {
            return Ok(());
        }
        let message =
            format!("the conversation `{id}` has {count} items; it may have {ITEMS_LIMIT}: begin another one");
        Err(refused(&OpenAiError::invalid("message_limit_exceeded", "conversation", message)))
    }

    /// Adds items at the end, all or none.
    pub(crate) async fn append(&self, id: &str, items: &[Value]) -> Result<(), Failure> {
        let changes = added(&self.key(id), items);
        if changes.is_empty() {
            return Ok(());
        }
        self.write(id, changes).await.map(drop)
    }

    /// All that was said, oldest first.
    pub(crate) async fn items(&self, id: &str) -> Result<Vec<Value>, Failure> {
        self.get(id).await?;
        let mut query = DataQuery::first(DataKind::ConversationItem, self.permit.scope(), Some(id), READ_AT_ONCE);
        let (mut items, mut bytes) = (Vec::new(), 0);
        loop {
            let page = self.store.data_objects(self.permit, &query).await.map_err(|error| of_objects(&error))?;
            query.after = page.objects.last().map(|object| object.key.id.clone());
            bytes += page.objects.iter().map(|object| object.body.to_string().len()).sum::<usize>();
            items.extend(page.objects.into_iter().map(|object| object.body));
            if bytes > HISTORY_BYTES_LIMIT {
                let message = format!("`conversation`: what was said in it has more than {HISTORY_BYTES_LIMIT} bytes");
                return Err(refused(&OpenAiError::invalid("context_length_exceeded", "conversation", message)));
            }
            if !page.has_more {
                return Ok(items);
            }
        }
    }

    /// A page of a conversation's items.
    pub(crate) async fn list(&self, id: &str, query: &Query) -> Result<Value, Failure> {
        let include = Include::read(query).map_err(|error| refused(&error))?;
        self.get(id).await?;
        let all = page::all(DataKind::ConversationItem, self.permit.scope(), Some(id));
        let query = page::of(query, all, str::to_owned).map_err(|error| refused(&error))?;
        let page = self.store.data_objects(self.permit, &query).await.map_err(|error| {
            page::not_in_list(&error, &query).map_or_else(|| of_objects(&error), |told| refused(&told))
        })?;
        let shown = page.objects.into_iter().map(|object| include.show(object.body)).collect();
        Ok(page::reply(&query, shown, page.has_more))
    }

    /// One item.
    pub(crate) async fn item(&self, id: &str, item: &str, include: Include) -> Result<Value, Failure> {
        self.get(id).await?;
        match self.store.data_object(self.permit, &self.item_key(id, item)).await {
            Ok(Some(DataObject { body, .. })) => Ok(include.show(body)),
            Ok(None) | Err(DataError::Invalid { .. }) => Err(no_item(id, item)),
            Err(error) => Err(of_objects(&error)),
        }
    }

    /// Removes one item. The conversation that it was in.
    pub(crate) async fn delete_item(&self, id: &str, item: &str) -> Result<Value, Failure> {
        let conversation = self.get(id).await?;
        let change = DataChange::Delete(self.item_key(id, item));
        match self.store.write_data(self.permit, vec![change]).await {
            Ok(_) => Ok(conversation),
            Err(DataError::NotFound { .. } | DataError::Invalid { .. }) => Err(no_item(id, item)),
            Err(error) => Err(of_objects(&error)),
        }
    }

    async fn write(&self, id: &str, changes: Vec<DataChange>) -> Result<Vec<DataStamp>, Failure> {
        match self.store.write_data(self.permit, changes).await {
            Ok(stamps) => Ok(stamps),
            Err(DataError::NotFound { .. }) => Err(no_conversation(id)),
            Err(DataError::Exists { key }) => {
                let message = format!("`items`: the conversation has an item `{}` already", quoted(&key.id));
                Err(refused(&wrong("items", message)))
            }
            Err(error) => Err(of_objects(&error)),
        }
    }

    fn key(&self, id: &str) -> DataKey {
        DataKey::new(DataKind::Conversation, self.permit.scope(), id)
    }

    fn item_key(&self, id: &str, item: &str) -> DataKey {
        self.key(id).part(DataKind::ConversationItem, item)
    }
}

/// What adds items to a conversation.
pub(super) fn added(conversation: &DataKey, items: &[Value]) -> Vec<DataChange> {
    let named = items.iter().filter_map(|item| Some((item.get("id")?.as_str()?, item)));
    let put = |(name, item): (&str, &Value)| {
        put(conversation.part(DataKind::ConversationItem, name), DataPrecondition::Absent, item.clone())
    };
    named.map(put).collect()
}

fn put(key: DataKey, precondition: DataPrecondition, body: Value) -> DataChange {
    DataChange::Put(NewDataObject { key, precondition, expires_at: None, body })
}

fn shown(id: &str, stamp: &DataStamp, metadata: &Value) -> Value {
    json!({"id": id, "object": "conversation", "created_at": stamp.created_at.as_second(), "metadata": metadata})
}

fn no_conversation(id: &str) -> Failure {
    not_found(format!("there is no conversation `{}` in this project (any more)", quoted(id)))
}

fn no_item(id: &str, item: &str) -> Failure {
    not_found(format!("there is no item `{}` in the conversation `{}` (any more)", quoted(item), quoted(id)))
}
