//! The deployments of a snapshot, and the models behind them.

use std::sync::Arc;

use access::Failure;
use arm::{Resource, Scope};
use dialect::openai::ModelEntry;
use resources::deployments::model_of;
use resources::model_catalog::{Capability, Catalog};
use store::World;

use crate::failure::{deployment_not_found, not_found};

/// The resource type of an account.
const ACCOUNT: &str = "Microsoft.CognitiveServices/accounts";
/// The resource type of a deployment.
pub(crate) const DEPLOYMENT: &str = "Microsoft.CognitiveServices/accounts/deployments";

/// The account and, for a project's route, the project that a permit is about.
pub(crate) struct Place {
    /// The account, as stored.
    pub(crate) account: Arc<Resource>,
    /// The project's name.
    pub(crate) project: Option<String>,
}

impl Place {
    /// Reads the place from the scope that was decided on, so that nothing is served anywhere else. A project that does not exist is
    /// found missing only here, by a caller who would be allowed in it.
    pub(crate) fn of(scope: &Scope, world: &World) -> Result<Place, Failure> {
        let here = world.resources.get(scope).ok_or_else(not_found)?;
        if here.resource_type.eq_ignore_ascii_case(ACCOUNT) {
            return Ok(Place { account: Arc::clone(here), project: None });
        }
        let account = scope.parent().and_then(|above| world.resources.get(&above).cloned()).ok_or_else(not_found)?;
        Ok(Place { account, project: Some(scope.name().to_owned()) })
    }
}

/// A deployment of the world.
pub(crate) fn find_deployment<'a>(world: &'a World, scope: &Scope) -> Result<&'a Arc<Resource>, Failure> {
    world.resources.get(scope).ok_or_else(deployment_not_found)
}

/// The deployments of an account, by name.
pub(crate) fn deployments(models: &Catalog, world: &World, account: &Scope) -> Vec<ModelEntry> {
    world.resources.children_of_type(account, DEPLOYMENT).filter_map(|deployment| entry(models, deployment)).collect()
}

fn entry(models: &Catalog, deployment: &Resource) -> Option<ModelEntry> {
    let wanted = model_of(deployment)?;
    let model = models.find(wanted.name, Some(wanted.version));
    let publisher = model.and_then(|model| model.publisher.clone());
    Some(ModelEntry {
        id: deployment.id.name().to_owned(),
        created: deployment.system_data.created_at.as_second(),
        owned_by: publisher.unwrap_or_else(|| "system".to_owned()),
        model: wanted.name.to_owned(),
        version: wanted.version.to_owned(),
        is_embedding: model.is_some_and(|model| model.capability == Capability::Embeddings),
    })
}
