//! Who a limit counts.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Whose account is charged. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// All together.
    Everyone,
    /// A user, a group or a workload, by object id.
    Principal(Uuid),
    /// A project, a connection or a resource key, by an id that has one spelling only.
    Resource(Arc<str>),
}
