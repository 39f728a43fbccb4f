//! What all handlers of the control plane share.

use access::RequestInfo;
use resources::model_catalog::Catalog;
use resources::{Site, TargetRule};
use store::{Store, World};
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::access_limits::AccessLimits;
use crate::connection_test::ConnectionTest;

/// A search reads the journal from the disk; one at a time leaves the disk to the requests.
const SEARCHES_AT_ONCE: usize = 1;

/// The control plane's state.
pub struct Control {
    /// Where state is kept.
    pub store: Store,
    /// The operator's models.
    pub catalog: Catalog,
    /// Which addresses outside the operator admits.
    pub(crate) targets: Box<dyn TargetRule>,
    /// Who tries connections before they are written.
    pub(crate) connection_test: Option<Box<dyn ConnectionTest>>,
    /// How many roles and assignments there may be.
    pub(crate) limits: AccessLimits,
    /// Whose turn it is to look through the journal.
    pub(crate) searches: Semaphore,
}

impl Control {
    /// The state for routes that write to `store` and deploy models of `catalog`.
    pub fn new(store: Store, catalog: Catalog) -> Control {
        let searches = Semaphore::new(SEARCHES_AT_ONCE);
        let targets = Box::new(|_: &str| Err("no way out of this server is open".to_owned()));
        Control { store, catalog, targets, connection_test: None, limits: AccessLimits::default(), searches }
    }

    /// The same under the operator's rules for addresses outside. Without them none is admitted.
    #[must_use]
    pub fn with_targets(mut self, rule: impl TargetRule + 'static) -> Control {
        self.targets = Box::new(rule);
        self
    }

    /// The same with somebody who tries connections before they are written, where that is asked for.
    #[must_use]
    pub fn with_connection_test(mut self, test: impl ConnectionTest + 'static) -> Control {
        self.connection_test = Some(Box::new(test));
        self
    }

    /// The same with other limits than Azure's.
    #[must_use]
    pub fn with_limits(mut self, limits: AccessLimits) -> Control {
        self.limits = limits;
        self
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
