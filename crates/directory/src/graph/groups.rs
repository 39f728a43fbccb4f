//! Groups.

use std::sync::Arc;

use access::{Authorized, Failure, HandlerResult};
use serde_json::Value;
use store::{DirectoryObject, ObjectKind, Row, World};

use super::body::{Body, new_object};
use super::error::bad_request;
use super::{lookup, operations as op, page, reply};
use crate::state::Directory;

pub(super) async fn list(_: Arc<Directory>, ask: Authorized<op::ListGroups>) -> HandlerResult {
    page::of_kind(&ask, ObjectKind::Group)
}

pub(super) async fn show(_: Arc<Directory>, ask: Authorized<op::ShowGroup>) -> HandlerResult {
    reply::shown(&ask, ObjectKind::Group)
}

pub(super) async fn create(directory: Arc<Directory>, ask: Authorized<op::CreateGroup>) -> HandlerResult {
    let body = Body::checked(&ask.body.0, ObjectKind::Group)?;
    body.required("displayName")?;
    body.required("mailNickname")?;
    body.required_flag("mailEnabled")?;
    body.required_flag("securityEnabled")?;
    security_group(&body)?;
    let object = new_object(&body, ask.now)?;
    reply::created(&directory, &ask, object, Vec::new()).await
}

pub(super) async fn update(directory: Arc<Directory>, ask: Authorized<op::UpdateGroup>) -> HandlerResult {
    let body = Body::checked(&ask.body.0, ObjectKind::Group)?;
    security_group(&body)?;
    let change = |group: &Arc<DirectoryObject>, _: &World| {
        let mut object = DirectoryObject::clone(group);
        body.lay_over(&mut object.properties);
        if let Some(name) = body.display_name()? {
            object.display_name = name.to_owned();
        }
        Ok(vec![Row::PutObject(object)])
    };
    reply::changed(&directory, &ask, ObjectKind::Group, change).await
}

pub(super) async fn delete(directory: Arc<Directory>, ask: Authorized<op::DeleteGroup>) -> HandlerResult {
    let id = lookup::named(&ask, ObjectKind::Group)?.id;
    reply::done(&directory, &ask, vec![Row::DeleteObject(id)]).await
}

/// Groups here are for access, not for mail, and their members are named, not computed.
fn security_group(body: &Body<'_>) -> Result<(), Failure> {
    let flag = |name: &str| body.get(name).and_then(Value::as_bool);
    if flag("mailEnabled") == Some(true) || flag("securityEnabled") == Some(false) {
        return Err(bad_request("Only security groups are supported: 'mailEnabled' false and 'securityEnabled' true."));
    }
    let kinds = body.get("groupTypes").and_then(Value::as_array);
    if kinds.is_some_and(|kinds| !kinds.is_empty()) {
        return Err(bad_request("Only groups with assigned members are supported: 'groupTypes' must be empty."));
    }
    Ok(())
}
