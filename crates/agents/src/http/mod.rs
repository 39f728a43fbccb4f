//! The routes of agents, conversations and responses: where each is reached and what it needs.

use std::sync::Arc;

use access::Routes;

use crate::Agents;

/// All of them.
pub fn routes(agents: Arc<Agents>) -> Routes<Agents> {
    Routes::new(agents)
}
