//! The record of an operation.

use arm::{Map, Precondition, Resource, Scope};
use jiff::Timestamp;
use serde_json::{Value, json};
use store::{OPERATION_RESULTS, OPERATION_TARGET, Row, World};
use uuid::Uuid;

use crate::actor::Author;

/// The object id of who began it: nobody else is shown it.
const BEGUN_BY: &str = "begunBy";
/// When it began and ended.
const DONE_AT: &str = "doneAt";

/// An operation that is done.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    /// Its name in URLs.
    pub(crate) id: Uuid,
    /// What it was done to.
    pub(crate) target: Scope,
    /// When.
    pub(crate) done_at: String,
}

impl Operation {
    /// A new one, named by its time so that the store can drop old ones.
    pub(crate) fn new(target: &Scope, now: Timestamp) -> Operation {
        Operation { id: Uuid::now_v7(), target: target.clone(), done_at: arm::wire_time(now) }
    }

    /// The row to write beside what it does; `None` for what is in no subscription, where no client waits.
    pub(crate) fn row(&self, author: &Author, now: Timestamp) -> Option<Row> {
        let id = place(self.target.subscription_id()?, &self.id.to_string());
        let properties = Map::from_iter([
            (OPERATION_TARGET.to_owned(), json!(self.target)),
            (BEGUN_BY.to_owned(), json!(author.principal)),
            (DONE_AT.to_owned(), json!(self.done_at)),
        ]);
        let resource = Resource::plain(id, OPERATION_RESULTS, properties, author.system_data(now));
        Some(Row::PutResource { resource, precondition: Precondition::MustNotExist })
    }

    /// The operation that `name` names in a subscription, if `caller` began it.
    pub(crate) fn find(world: &World, subscription: &str, name: &str, caller: Uuid) -> Option<Operation> {
        let id = Uuid::try_parse(name).ok()?;
        let stored = world.resources.get(&place(subscription, &id.to_string()))?;
        let text = |name: &str| stored.properties.get(name).and_then(Value::as_str);
        let is_theirs = text(BEGUN_BY).and_then(|by| Uuid::try_parse(by).ok()) == Some(caller);
        let target = text(OPERATION_TARGET).and_then(|target| Scope::parse(target).ok())?;
        is_theirs.then(|| Operation { id, target, done_at: text(DONE_AT).unwrap_or_default().to_owned() })
    }
}

fn place(subscription: &str, name: &str) -> Scope {
    Scope::subscription(subscription).child("operationresults", name)
}
