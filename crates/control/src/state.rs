//! What all handlers of the control plane share.

use access::RequestInfo;
use resources::Site;
use resources::model_catalog::Catalog;
use store::{Store, World};
use uuid::Uuid;

/// The control plane's state.
pub struct Control {
    /// Where state is kept.
    pub store: Store,
    /// The operator's models.
    pub catalog: Catalog,
}

impl Control {
    /// The state for routes that write to `store` and deploy models of `catalog`.
    pub fn new(store: Store, catalog: Catalog) -> Control {
        Control { store, catalog }
    }
}

/// The server's facts that show in resources.
pub(crate) fn site<'a>(world: &World, request: &'a RequestInfo) -> Site<'a> {
    Site { public_url: &request.public_url, domain: request.domain.as_deref(), tenant_id: tenant_id(world) }
}

/// The tenant's id; nil before the first start is complete, when no request is served.
pub(crate) fn tenant_id(world: &World) -> Uuid {
    world.tenant.as_ref().map_or_else(Uuid::nil, |tenant| tenant.id)
}
