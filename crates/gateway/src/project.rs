//! What the project API shows of a project besides what it answers: its connections and its models.

use std::sync::Arc;

use access::{Failure, StandIn};
use arm::{Resource, Scope};
use resources::connections::{ACCOUNT_CONNECTIONS, PROJECT_CONNECTIONS, all_seen, seen_from};
use resources::model_catalog::Catalog;
use store::{Store, World};

use crate::catalog::Place;
use crate::failure::not_found;

/// What the routes of a project's connections and models share.
pub struct ProjectApi {
    pub(crate) store: Store,
    pub(crate) models: Catalog,
    pub(crate) stand_in: StandIn,
}

impl ProjectApi {
    /// The project API over a store. `stand_in` opens what connections are shown at their other end.
    pub fn new(store: Store, models: Catalog, stand_in: StandIn) -> ProjectApi {
        ProjectApi { store, models, stand_in }
    }
}

/// The project that was decided on, and its account; 404 where there is none, which only who would be allowed in it finds out.
pub(crate) fn project_at(world: &World, scope: &Scope) -> Result<Place, Failure> {
    let place = Place::of(scope, world)?;
    if place.project.is_some() { Ok(place) } else { Err(not_found()) }
}

/// The connection that a name means in a project.
pub(crate) fn connection<'a>(world: &'a World, project: &Scope, name: &str) -> Option<&'a Resource> {
    seen_from(|id| world.resources.get(id).map(Arc::as_ref), project, name)
}

/// Every connection that a project sees.
pub(crate) fn connections<'a>(world: &'a World, project: &Scope) -> Vec<&'a Resource> {
    let account = project.parent().unwrap_or_else(Scope::root);
    let own = world.resources.children_of_type(project, PROJECT_CONNECTIONS);
    let of_account = world.resources.children_of_type(&account, ACCOUNT_CONNECTIONS);
    all_seen(own.map(Arc::as_ref), of_account.map(Arc::as_ref))
}
