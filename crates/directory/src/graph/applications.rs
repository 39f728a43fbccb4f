//! Applications: what a service principal is the principal of.

use std::sync::Arc;

use access::{Authorized, Failure, HandlerResult};
use serde_json::Value;
use store::{DirectoryObject, ObjectKind, Row, World};
use uuid::Uuid;

use super::body::{Body, new_object};
use super::error::{bad_request, taken};
use super::{lookup, operations as op, page, reply};
use crate::state::Directory;

pub(super) async fn list(_: Arc<Directory>, ask: Authorized<op::ListApplications>) -> HandlerResult {
    page::of_kind(&ask, ObjectKind::Application)
}

pub(super) async fn show(_: Arc<Directory>, ask: Authorized<op::ShowApplication>) -> HandlerResult {
    reply::shown(&ask, ObjectKind::Application)
}

pub(super) async fn create(directory: Arc<Directory>, ask: Authorized<op::CreateApplication>) -> HandlerResult {
    let body = Body::checked(&ask.body.0, ObjectKind::Application)?;
    body.refuse_credentials()?;
    let object = DirectoryObject { app_id: Some(Uuid::new_v4()), ..new_object(&body, ask.now)? };
    own_identifier_uris(&object, &ask.world)?;
    reply::created(&directory, &ask, object, Vec::new()).await
}

pub(super) async fn update(directory: Arc<Directory>, ask: Authorized<op::UpdateApplication>) -> HandlerResult {
    let body = Body::checked(&ask.body.0, ObjectKind::Application)?;
    body.refuse_credentials()?;
    let change = |application: &Arc<DirectoryObject>, world: &World| {
        let mut object = DirectoryObject::clone(application);
        body.lay_over(&mut object.properties);
        let mut rows = Vec::new();
        if let Some(name) = body.display_name()? {
            object.display_name = name.to_owned();
            rows.extend(principal(&object, world).map(|principal| {
                Row::PutObject(DirectoryObject { display_name: name.to_owned(), ..DirectoryObject::clone(principal) })
            }));
        }
        own_identifier_uris(&object, world)?;
        rows.push(Row::PutObject(object));
        Ok(rows)
    };
    reply::changed(&directory, &ask, ObjectKind::Application, change).await
}

/// The application goes with its principal in this tenant, as in Entra.
pub(super) async fn delete(directory: Arc<Directory>, ask: Authorized<op::DeleteApplication>) -> HandlerResult {
    let object = lookup::named(&ask, ObjectKind::Application)?;
    let principal = principal(object, &ask.world).map(|principal| Row::DeleteObject(principal.id));
    let rows = principal.into_iter().chain([Row::DeleteObject(object.id)]).collect();
    reply::done(&directory, &ask, rows).await
}

fn principal<'a>(application: &DirectoryObject, world: &'a World) -> Option<&'a Arc<DirectoryObject>> {
    world.directory.by_app_id(application.app_id?, ObjectKind::ServicePrincipal)
}

/// Identifier URIs name one application of the tenant.
fn own_identifier_uris(object: &DirectoryObject, world: &World) -> Result<(), Failure> {
    let own: Vec<&str> = identifier_uris(object).collect();
    if own.iter().any(|uri| uri.is_empty() || uri.chars().any(|character| character.is_control() || character == ' ')) {
        return Err(bad_request("Invalid value specified for property 'identifierUris' of resource 'Application'."));
    }
    let others = world.directory.of_kind(ObjectKind::Application).filter(|other| other.id != object.id);
    let mut theirs = others.flat_map(|other| identifier_uris(other));
    if !own.is_empty() && theirs.any(|uri| own.iter().any(|own| own.eq_ignore_ascii_case(uri))) {
        return Err(taken("identifierUris"));
    }
    Ok(())
}

fn identifier_uris(object: &DirectoryObject) -> impl Iterator<Item = &str> {
    let list = object.properties.get("identifierUris").and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str)
}
