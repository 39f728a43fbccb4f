//! A connection that is tried before it is written.

use std::collections::BTreeMap;
use std::sync::Arc;

use arm::Resource;
use egress::Secret;
use jiff::Timestamp;
use serde_json::Value;
use store::World;
use uuid::Uuid;

use crate::connections::Tried;
use crate::{Serving, failure};

/// A connection as it would be stored, and who would write it.
pub struct DraftConnection<'a> {
    /// As it would be stored.
    pub resource: &'a Resource,
    /// The secrets that come with it, by member.
    pub given: BTreeMap<String, Secret>,
    /// The snapshot that it was checked against.
    pub world: &'a World,
    /// Who writes it, by object id.
    pub caller: Uuid,
    /// The request's id.
    pub id: Uuid,
    /// The time of the request.
    pub now: Timestamp,
}

/// A connection that does not work.
#[derive(Clone, Debug, PartialEq)]
pub struct Trouble {
    /// The step that failed, what is at fault, and the mend.
    pub message: String,
    /// All steps, as a test of the connection tells them.
    pub report: Value,
}

impl Serving {
    /// Tries a connection that is not written yet.
    pub async fn test_draft(&self, draft: DraftConnection<'_>) -> Result<(), Trouble> {
        let DraftConnection { resource, given, world, caller, id, now } = draft;
        let not_tried = |message: String| Trouble { message, report: Value::Null };
        let connections = self.connections.as_ref().ok_or_else(|| not_tried(failure::no_connections().reason))?;
        let parent = resource.id.parent().and_then(|parent| world.resources.get(&parent)).map(Arc::as_ref);
        let place = parent.ok_or_else(|| not_tried("what it hangs on is gone".to_owned()))?;
        let tried = Tried { world, resource, place, caller, model: None, id, now, record: None };
        let report = connections.test_draft(&tried, given).await.map_err(|failure| not_tried(failure.reason))?;
        match report.trouble() {
            Some(trouble) => {
                let message = format!("The connection `{}` was not written: {trouble}", resource.id.name());
                Err(Trouble { message, report: report.to_json() })
            }
            None => Ok(()),
        }
    }
}
