//! Service principals: applications as they act in this tenant, and managed identities.

use std::sync::Arc;

use access::{Authorized, Failure, HandlerResult};
use serde_json::Map;
use store::{DirectoryObject, ObjectKind, Row, World};
use uuid::Uuid;

use super::body::Body;
use super::error::{bad_request, denied};
use super::{lookup, operations as op, page, reply};
use crate::state::Directory;

pub(super) async fn list(_: Arc<Directory>, ask: Authorized<op::ListServicePrincipals>) -> HandlerResult {
    page::of_kind(&ask, ObjectKind::ServicePrincipal)
}

pub(super) async fn show(_: Arc<Directory>, ask: Authorized<op::ShowServicePrincipal>) -> HandlerResult {
    reply::shown(&ask, ObjectKind::ServicePrincipal)
}

pub(super) async fn create(directory: Arc<Directory>, ask: Authorized<op::CreateServicePrincipal>) -> HandlerResult {
    let body = Body::checked(&ask.body.0, ObjectKind::ServicePrincipal)?;
    body.refuse_credentials()?;
    body.refuse_security_attributes()?;
    let application = application(body.required("appId")?, &ask.world)?;
    let mut properties = Map::new();
    body.lay_over(&mut properties);
    let object = DirectoryObject {
        id: Uuid::new_v4(),
        kind: ObjectKind::ServicePrincipal,
        display_name: application.display_name.clone(),
        app_id: application.app_id,
        user_principal_name: None,
        properties,
        created_at: ask.now,
        managed_by: None,
    };
    reply::created(&directory, &ask, object, Vec::new()).await
}

pub(super) async fn update(directory: Arc<Directory>, ask: Authorized<op::UpdateServicePrincipal>) -> HandlerResult {
    let body = Body::checked(&ask.body.0, ObjectKind::ServicePrincipal)?;
    body.refuse_credentials()?;
    let change = |principal: &Arc<DirectoryObject>, _: &World| {
        let mut object = DirectoryObject::clone(not_managed(principal)?);
        body.lay_over(&mut object.properties);
        body.lay_security_attributes_over(&mut object.properties)?;
        Ok(vec![Row::PutObject(object)])
    };
    reply::changed(&directory, &ask, ObjectKind::ServicePrincipal, change).await
}

pub(super) async fn delete(directory: Arc<Directory>, ask: Authorized<op::DeleteServicePrincipal>) -> HandlerResult {
    let id = not_managed(lookup::named(&ask, ObjectKind::ServicePrincipal)?)?.id;
    reply::done(&directory, &ask, vec![Row::DeleteObject(id)]).await
}

/// The application of this tenant with that application id; there is no other tenant to take one from.
fn application<'a>(app_id: &str, world: &'a World) -> Result<&'a Arc<DirectoryObject>, Failure> {
    let parsed = Uuid::parse_str(app_id).ok();
    let found = parsed.and_then(|id| world.directory.by_app_id(id, ObjectKind::Application));
    found.ok_or_else(|| {
        let shown: String = app_id.chars().take(64).collect();
        bad_request(format!(
            "The appId '{shown}' of the service principal does not reference a valid application object."
        ))
    })
}

/// A managed identity lives and dies with its resource: the control plane's permit is needed, not the directory's.
pub(super) fn not_managed(object: &Arc<DirectoryObject>) -> Result<&Arc<DirectoryObject>, Failure> {
    match &object.managed_by {
        None => Ok(object),
        Some(resource) => {
            Err(denied(format!("This service principal is the managed identity of '{resource}' and changes with it.")))
        }
    }
}
