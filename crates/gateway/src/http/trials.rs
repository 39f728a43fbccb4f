//! `POST …/connections/{name}/test`: what a request through a connection would need, tried step by step.

use std::borrow::Cow;
use std::sync::Arc;

use access::{
    Authorized, BodyError, Failure, FromBody, HandlerResult, Input, Json, Linked, Needs, Operation, Reply, Route,
    Routes,
};
use arm::{ArmError, ErrorCode, Resource, Scope};
use bytes::Bytes;
use http::StatusCode;
use rbac::{Permission, Reads};
use resources::projects;
use serde_json::{Map, Value};
use store::World;

use crate::Serving;
use crate::connections::{Tried, Uses};

/// What it needs at the project whose identity a connection of the account shows.
const AT_PROJECT: Permission =
    Permission::Action(Cow::Borrowed("Microsoft.CognitiveServices/accounts/projects/connections/test/action"));

/// What is tried: the model to ask, and for a connection of an account the project to act for. No body is an empty one.
pub(crate) struct Wishes {
    model: Option<String>,
    project: Option<String>,
}

impl FromBody for Wishes {
    const LIMIT_BYTES: usize = Json::LIMIT_BYTES;

    fn from_body(bytes: Bytes) -> Result<Wishes, BodyError> {
        let map = if bytes.iter().all(u8::is_ascii_whitespace) {
            Map::new()
        } else {
            let Json(Value::Object(map)) = Json::from_body(bytes)? else {
                return Err(malformed("an object was expected"));
            };
            map
        };
        if let Some(other) = map.keys().find(|name| !["model", "project"].contains(&name.as_str())) {
            return Err(malformed(&format!("`{other}` is not known here; a test takes `model` and `project`")));
        }
        let text = |name: &str| match map.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
            Some(_) => Err(malformed(&format!("`{name}`: expected a name"))),
        };
        let (model, project) = (text("model")?, text("project")?);
        // A name with a slash would reach below the project.
        if project.as_ref().is_some_and(|name| name.contains('/')) {
            return Err(malformed("`project`: expected the name of a project, without a `/`"));
        }
        Ok(Wishes { model, project })
    }
}

fn malformed(reason: &str) -> BodyError {
    BodyError::Malformed { reason: reason.to_owned() }
}

/// Tries a connection of an account.
pub(crate) struct TestAccountConnection;

impl Operation for TestAccountConnection {
    const ROUTE: Route = Route::action("Microsoft.CognitiveServices/accounts/connections/test");
    const NEEDS: Needs = Needs::Derived;
    type Mode = Reads;
    type Body = Wishes;

    fn linked(input: &Input<'_, Wishes>) -> Vec<Linked> {
        let project = input.body.project.as_deref().and_then(|name| project_of(input.target, name));
        project.map(|project| Linked::at(AT_PROJECT, project)).into_iter().collect()
    }
}

/// Tries a connection of a project.
pub(crate) struct TestProjectConnection;

impl Operation for TestProjectConnection {
    const ROUTE: Route = Route::action("Microsoft.CognitiveServices/accounts/projects/connections/test");
    const NEEDS: Needs = Needs::Derived;
    type Mode = Reads;
    type Body = Wishes;
}

pub(super) fn mount(routes: Routes<Serving>) -> Routes<Serving> {
    routes.on(TestAccountConnection, test).on(TestProjectConnection, test)
}

/// A project of the account that a connection hangs on.
fn project_of(connection: &Scope, name: &str) -> Option<Scope> {
    Some(connection.parent()?.child("projects", name))
}

/// 200 also where the connection fails: the trial itself went well.
async fn test<O: Operation<Mode = Reads, Body = Wishes>>(
    serving: Arc<Serving>,
    request: Authorized<O>,
) -> HandlerResult {
    let world = &request.world;
    let resource = found(world, &request.target, "connection")?;
    let place = place(world, &request.target, request.body.project.as_deref())?;
    let connections = serving.connections.as_ref().ok_or_else(crate::failure::no_connections)?;
    let uses = Uses::by_caller(&request.permit).ok_or_else(crate::failure::broken)?;
    let tried = Tried {
        world,
        resource,
        place,
        caller: uses.caller,
        model: request.body.model.as_deref(),
        id: request.request.id,
        now: request.now,
        record: Some(&request.record),
    };
    // Before anybody is asked: a client that goes away leaves its trace.
    request.record.note(|record| {
        record.connection = Some(resource.id.to_string());
        record.connection_identity = Some(uses.identity);
    });
    let report = connections.test_stored(&tried).await?;
    Ok(Reply::json(StatusCode::OK, &report.to_json()))
}

/// The project that is acted for: the one that a connection hangs on, or the one that was named; else the account.
fn place<'a>(world: &'a World, connection: &Scope, named: Option<&str>) -> Result<&'a Resource, Failure> {
    let parent = connection.parent().unwrap_or_else(Scope::root);
    let is_project = parent.resource_type().is_some_and(|kind| kind.as_str().eq_ignore_ascii_case(projects::TYPE));
    match named {
        Some(name) if is_project && !parent.name().eq_ignore_ascii_case(name) => {
            let message = format!("`project`: this connection is one of the project `{}`; leave it out", parent.name());
            Err(Failure::arm(ArmError::new(ErrorCode::InvalidRequestContent, message).with_target("project")))
        }
        Some(name) if !is_project => found(world, &parent.child("projects", name), "project"),
        _ => found(world, &parent, "account"),
    }
}

fn found<'a>(world: &'a World, id: &Scope, noun: &str) -> Result<&'a Resource, Failure> {
    let found = world.resources.get(id).map(Arc::as_ref);
    found.ok_or_else(|| {
        let message = format!("The {noun} '{}' was not found.", id.as_str());
        Failure::arm(ArmError::new(ErrorCode::ResourceNotFound, message))
    })
}
