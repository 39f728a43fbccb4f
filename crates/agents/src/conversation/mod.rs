//! Conversations of a project: what was said, item by item, by whoever may use the project.

mod include;
mod item;
mod shelf;
mod turn;

use access::Failure;
use arm::Scope;
use rbac::{Mode, Permit};
use serde_json::Value;
use store::{DataChange, DataKey, DataKind, Store};

pub(crate) use include::Include;
pub(crate) use item::{ITEMS_AT_ONCE, read as read_items};
pub(crate) use shelf::Shelf;
pub(crate) use turn::{Turn, Turns};

/// Refuses a conversation that is not there, or that has no room for another item. The permit is for its project and lists
/// [`rbac::RowKind::DataObject`].
pub(crate) async fn exists<M: Mode>(store: &Store, permit: &Permit<M>, id: &str) -> Result<(), Failure> {
    let shelf = Shelf { store, permit };
    shelf.get(id).await?;
    shelf.check_room(id, 1).await
}

/// All that was said, oldest first.
pub(crate) async fn items<M: Mode>(store: &Store, permit: &Permit<M>, id: &str) -> Result<Vec<Value>, Failure> {
    Shelf { store, permit }.items(id).await
}

/// What adds items at the end, for who writes more with it. Each has an id that no other item of the conversation has. Whoever answers in
/// the conversation has its [`Turn`], so that nobody else adds anything meanwhile.
pub(crate) fn additions(project: &Scope, id: &str, items: &[Value]) -> Vec<DataChange> {
    shelf::added(&DataKey::new(DataKind::Conversation, project, id), items)
}
