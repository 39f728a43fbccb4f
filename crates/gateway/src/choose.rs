//! Which model a request is for: a deployment of the account, or a model behind a connection of the project.

use std::sync::Arc;

use access::Failure;

use crate::catalog::Place;
use crate::connections::{Aside, Reached, Through, wanted};
use crate::infer::Call;
use crate::plan::Plan;
use crate::{Serving, failure};

/// What was chosen.
pub(crate) struct Chosen {
    pub(crate) plan: Arc<Plan>,
    /// What goes along through a connection.
    pub(crate) aside: Option<Aside>,
}

/// Chooses by the name that a request gives. Connections are looked at only where it was decided that they may be used.
pub(crate) async fn choose(serving: &Serving, place: &Place, call: &Call, name: &str) -> Result<Chosen, Failure> {
    let scope = call.permit.scope();
    let reached = match &call.uses {
        Some(uses) => match wanted(&call.world, scope, name) {
            Some(wanted) => {
                let connections = serving.connections.as_ref().ok_or_else(failure::no_connections)?;
                let project = call.world.resources.get(scope).ok_or_else(failure::not_found)?;
                let through = Through {
                    world: &call.world,
                    project,
                    model: wanted.model,
                    uses,
                    from_caller: &call.headers,
                    id: call.id,
                    now: call.now,
                };
                // Looking it up may ask the gateway itself, which takes room that other requests need not carry.
                Some(Box::pin(connections.reach(&wanted, &through, &call.record)).await?)
            }
            None => None,
        },
        None => None,
    };
    match reached {
        Some(Reached { opened, model, aside }) => {
            let plan = Plan::behind(&call.world, &opened, model, &serving.plans.limits)?;
            Ok(Chosen { plan: Arc::new(plan), aside: Some(aside) })
        }
        None => {
            let plan = serving.plan(&call.world, &place.account.id, name);
            let plan = plan.map_err(|failure| failure::unknown_model(call.surface, name, failure))?;
            Ok(Chosen { plan, aside: None })
        }
    }
}
