//! Where the overflow of a provisioned deployment goes.

use arm::ArmError;

use super::{Deployment, sku_of};
use crate::fields::{Fields, invalid, quoted};
use crate::kind::{Context, Kind};

/// Checks `properties.spilloverDeploymentName`: a standard deployment of the same account whose data stay where those of the
/// provisioned one stay.
pub(super) fn validate<'a>(fields: &Fields<'a>, sku: &str, context: &Context<'_>) -> Result<Option<&'a str>, ArmError> {
    let Some(name) = fields.string("spilloverDeploymentName")?.filter(|name| !name.is_empty()) else {
        return Ok(None);
    };
    let path = fields.path_of("spilloverDeploymentName");
    let wrong = |why: String| Err(invalid(&path, format!("`{path}`: {why}")));
    let Some(wanted) = target_sku(sku) else {
        return wrong(format!("only a provisioned deployment spills over, and this one is `{sku}`"));
    };
    Deployment::NAME.check(name, Deployment::NOUN).map_err(|error| error.with_target(&path))?;
    let target = context.parent.map(|account| account.id.child("deployments", name));
    let target = target.as_ref().and_then(|target| context.neighbours.resource(target)).map(sku_of);
    match target {
        Some(found) if found == wanted => Ok(Some(name)),
        Some(found) => {
            wrong(format!("expected a deployment of the type `{wanted}`, but `{}` is `{found}`", quoted(name)))
        }
        None => wrong(format!("this account has no deployment `{}`; make it first", quoted(name))),
    }
}

/// The standard type that processes data where a provisioned type does.
fn target_sku(sku: &str) -> Option<&'static str> {
    match sku {
        "ProvisionedManaged" => Some("Standard"),
        "GlobalProvisionedManaged" => Some("GlobalStandard"),
        "DataZoneProvisionedManaged" => Some("DataZoneStandard"),
        _ => None,
    }
}
