//! GET /subscriptions/{s}/resources and …/resourceGroups/{rg}/resources: everything the caller may read, by type, name or group.

use std::collections::HashMap;
use std::sync::Arc;

use access::{Authorized, HandlerResult, Needs, NoBody, Operation, Route, page};
use arm::{ArmError, Resource, Scope, ScopeLevel};
use rbac::{AccessRequest, Attributes, Permission, Reads, Visible};
use resources::registry;
use serde_json::Value;
use store::World;
use uuid::Uuid;

use crate::filter::{self, Term, unsupported};
use crate::state::Control;
use crate::subscriptions::caller;

/// GET /subscriptions/{s}/resources. Any token: each resource is shown to those who may read it.
pub(crate) struct InSubscription;

impl Operation for InSubscription {
    const ROUTE: Route = Route::collection("Microsoft.Resources/subscriptions/resources");
    const NEEDS: Needs = Needs::AnyToken;
    type Mode = Reads;
    type Body = NoBody;
}

/// GET /subscriptions/{s}/resourceGroups/{rg}/resources
pub(crate) struct InGroup;

impl Operation for InGroup {
    const ROUTE: Route = Route::collection("Microsoft.Resources/subscriptions/resourceGroups/resources");
    const NEEDS: Needs = Needs::AnyToken;
    type Mode = Reads;
    type Body = NoBody;
}

pub(crate) async fn in_subscription(_: Arc<Control>, request: Authorized<InSubscription>) -> HandlerResult {
    list(&request, caller(&request.permit))
}

pub(crate) async fn in_group(_: Arc<Control>, request: Authorized<InGroup>) -> HandlerResult {
    list(&request, caller(&request.permit))
}

fn list<O: Operation>(request: &Authorized<O>, caller: Option<Uuid>) -> HandlerResult {
    let (world, base) = (request.world.as_ref(), &request.target);
    let wanted = Wanted::parse(request.query.get("$filter"))?;
    let attributes = access::circumstances(Attributes::none(), caller, world, request.now);
    let mut readable = Readable { world, base, caller, attributes, by_type: HashMap::new() };
    let found = world
        .resources
        .below(base)
        .filter(|resource| is_tracked(resource) && wanted.matches(resource) && readable.covers(resource))
        .map(|resource| (resource.id.key().to_owned(), resource));
    page(request, found, |resource| summary(resource))
}

/// Resources with a region; groups, deployments and assignments are not in this list, as in Azure.
fn is_tracked(resource: &Resource) -> bool {
    resource.id.level() == ScopeLevel::Resource
        && resource.location.is_some()
        && registry::find(&resource.resource_type).is_some_and(|entry| entry.stored)
}

fn summary(resource: &Resource) -> Value {
    let mut wire = resource.to_json();
    let Some(map) = wire.as_object_mut() else { return wire };
    map.retain(|name, _| !matches!(name.as_str(), "properties" | "systemData" | "etag"));
    Value::Object(std::mem::take(map))
}

/// Which resources the caller may read, asked once per type.
struct Readable<'a> {
    world: &'a World,
    base: &'a Scope,
    caller: Option<Uuid>,
    attributes: Attributes,
    by_type: HashMap<&'static str, Visible>,
}

impl Readable<'_> {
    fn covers(&mut self, resource: &Resource) -> bool {
        let (Some(caller), Some(entry)) = (self.caller, registry::find(&resource.resource_type)) else { return false };
        let visible = self.by_type.entry(entry.resource_type).or_insert_with(|| {
            let read = Permission::Action(format!("{}/read", entry.resource_type).into());
            let request =
                AccessRequest { principal: caller, permission: &read, scope: self.base, attributes: &self.attributes };
            rbac::visible_to(&request, &self.world.access)
        });
        visible.covers(&resource.id)
    }
}

/// The filter: `resourceGroup`, `resourceType`, `name` and `location`, each with `eq`, joined by `and`.
struct Wanted(Vec<(String, String)>);

impl Wanted {
    fn parse(text: Option<&str>) -> Result<Wanted, ArmError> {
        let known = ["resourcegroup", "resourcetype", "name", "location"];
        let term = |term| match term {
            Term::Equals { name, value } if known.contains(&name.to_ascii_lowercase().as_str()) => {
                Ok((name.to_ascii_lowercase(), value))
            }
            _ => Err(unsupported(text.unwrap_or_default())),
        };
        filter::parse(text)?.into_iter().map(term).collect::<Result<_, _>>().map(Wanted)
    }

    fn matches(&self, resource: &Resource) -> bool {
        self.0.iter().all(|(name, value)| {
            let is = |text: Option<&str>| text.is_some_and(|text| text.eq_ignore_ascii_case(value));
            match name.as_str() {
                "resourcegroup" => is(resource.id.resource_group()),
                "resourcetype" => is(Some(&resource.resource_type)),
                "name" => is(Some(&resource.name)) || is(Some(resource.id.name())),
                _ => is(resource.location.as_deref()),
            }
        })
    }
}
