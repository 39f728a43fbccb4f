//! Operations at a project whose `model` may lead to a connection: what that needs besides.

use std::borrow::Cow;

use access::{InferenceJson, Input, Linked, Operation};
use rbac::{Permission, Reads};
use tape::Node;

use crate::connections::wanted;

/// What whoever asks through a connection must hold at the project.
pub const CONNECTIONS_READ: Permission =
    Permission::DataAction(Cow::Borrowed("Microsoft.CognitiveServices/accounts/AIServices/connections/read"));

/// Operations that demand the right to read connections of a caller whose `model` leads to one: [`through_connections`] is what they
/// link.
pub trait ThroughConnections: Operation<Mode = Reads, Body = InferenceJson> {}

/// That demand. It is made of every name with a connection in front, so that who may read none does not learn which there are.
pub fn through_connections(input: &Input<'_, InferenceJson>) -> Vec<Linked> {
    let model = input.body.root().get("model").and_then(Node::as_str);
    let wanted = model.as_deref().and_then(|model| wanted(input.world, input.target, model));
    wanted.map(|_| Linked::at(CONNECTIONS_READ, input.target.clone())).into_iter().collect()
}
