//! The verbs that every resource type has. Each (type, verb) is one route.

mod delete;
mod get;
mod head;
mod list;
mod patch;
mod put;
mod write;

use std::sync::Arc;

use access::{Reply, RequestInfo, Routes};
use arm::{Precondition, Resource};
use http::{HeaderMap, StatusCode};
use resources::{Kind, View};
use store::World;

use crate::state::{Control, site};

/// Mounts PUT, PATCH, GET, DELETE and the list of a type.
pub(crate) fn mount<K: Kind>(routes: Routes<Control>) -> Routes<Control> {
    routes
        .on(put::Put::<K>::new(), put::put::<K>)
        .on(patch::Patch::<K>::new(), patch::patch::<K>)
        .on(get::Get::<K>::new(), get::get::<K>)
        .on(delete::Delete::<K>::new(), delete::delete::<K>)
        .on(list::List::<K>::new(), list::list::<K>)
}

/// Mounts HEAD, which asks whether a resource is there.
pub(crate) fn mount_head<K: Kind>(routes: Routes<Control>) -> Routes<Control> {
    routes.on(head::Head::<K>::new(), head::head::<K>)
}

/// Declares an operation on a type: a name that carries the type and nothing else.
macro_rules! typed_operation {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub(crate) struct $name<K>(std::marker::PhantomData<fn() -> K>);

        impl<K> $name<K> {
            pub(crate) fn new() -> Self {
                $name(std::marker::PhantomData)
            }
        }
    };
}
pub(crate) use typed_operation;

/// A resource on the wire, as `world` shows it.
pub(crate) fn shown<K: Kind>(
    resource: &Resource,
    control: &Control,
    world: &World,
    request: &RequestInfo,
) -> serde_json::Value {
    let parent = resource.id.parent().and_then(|parent| world.resources.get(&parent)).map(Arc::as_ref);
    K::present(resource, &View { site: site(world, request), catalog: &control.catalog, parent })
}

/// An answer with a resource and its etag.
pub(crate) fn reply<K: Kind>(
    status: u16,
    resource: &Resource,
    control: &Control,
    world: &World,
    request: &RequestInfo,
) -> Reply {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    Reply::json(status, &shown::<K>(resource, control, world, request)).with_header("etag", &resource.etag)
}

/// What the client demands of the stored revision.
pub(crate) fn precondition(headers: &HeaderMap) -> Precondition {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    Precondition::from_headers(text("if-match"), text("if-none-match"))
}
