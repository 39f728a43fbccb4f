//! One activity as the two events that clients pair by `operationId`: it started, it succeeded.

use arm::{ArmError, ErrorCode, Resource, Scope};
use jiff::Timestamp;
use resources::{deny_assignments, role_assignments};
use serde_json::{Map, Value, json};
use store::Activity;
use uuid::Uuid;

/// What `$select` may name.
const FIELDS: &[&str] = &[
    "authorization",
    "caller",
    "category",
    "channels",
    "claims",
    "correlationId",
    "description",
    "eventDataId",
    "eventName",
    "eventTimestamp",
    "httpRequest",
    "id",
    "level",
    "operationId",
    "operationName",
    "properties",
    "resourceGroupName",
    "resourceId",
    "resourceProviderName",
    "resourceType",
    "status",
    "subStatus",
    "submissionTimestamp",
    "subscriptionId",
    "tenantId",
];
/// The claim that holds the caller's object id.
const OBJECT_ID: &str = "http://schemas.microsoft.com/identity/claims/objectidentifier";
/// The claim that holds a user's sign-in name.
const UPN: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn";
/// Ticks (of 100 ns, since the year 1) of 1970, by which ids of events are told apart.
const TICKS_OF_1970: i64 = 621_355_968_000_000_000;

/// The fields that a client wants of each event.
pub(super) struct Fields(Option<Vec<&'static str>>);

impl Fields {
    pub(super) fn parse(text: Option<&str>) -> Result<Fields, ArmError> {
        let names = text.unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty());
        let known = |name: &str| {
            FIELDS.iter().copied().find(|field| field.eq_ignore_ascii_case(name)).ok_or_else(|| {
                let short: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
                let hint = arm::nearest(name, FIELDS.iter().copied()).map(|near| format!("; did you mean `{near}`?"));
                let message = format!("`$select`: events have no `{short}`{}", hint.unwrap_or_default());
                ArmError::new(ErrorCode::InvalidParameter, message).with_target("$select")
            })
        };
        let names = names.map(known).collect::<Result<Vec<_>, _>>()?;
        Ok(Fields((!names.is_empty()).then_some(names)))
    }

    pub(super) fn of(&self, mut event: Value) -> Value {
        if let (Some(names), Some(map)) = (&self.0, event.as_object_mut()) {
            map.retain(|name, _| names.contains(&name.as_str()));
        }
        event
    }
}

/// Which of the two.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    End,
    Start,
}

/// The end, then the start: newest first, as the list goes.
pub(super) fn events(activity: &Activity, tenant: Uuid) -> impl Iterator<Item = Value> + use<'_> {
    [Half::End, Half::Start].into_iter().map(move |half| event(activity, half, tenant))
}

fn event(activity: &Activity, half: Half, tenant: Uuid) -> Value {
    let target = &activity.target;
    let (time, name, status) = match half {
        Half::Start => (activity.started_at, ("BeginRequest", "Begin request"), "Started"),
        Half::End => (activity.ended_at, ("EndRequest", "End request"), "Succeeded"),
    };
    let same = |text: &str| json!({ "value": text, "localizedValue": text });
    let description =
        rbac::catalogue().find(&activity.action).map_or(activity.action.as_str(), |known| known.description);
    let data_id = event_id(activity, half);
    let provider = activity.action.split('/').next().unwrap_or_default();
    json!({
        "authorization": { "action": activity.action, "scope": target },
        "caller": activity.caller,
        "category": same("Administrative"),
        "channels": "Operation",
        "claims": claims(activity),
        "correlationId": activity.decision_id,
        "description": "",
        "eventDataId": data_id,
        "eventName": { "value": name.0, "localizedValue": name.1 },
        "eventTimestamp": arm::wire_time(time),
        "httpRequest": { "clientRequestId": activity.decision_id, "method": method(&activity.action) },
        "id": format!("{}/events/{data_id}/ticks/{}", in_front(target), ticks(time)),
        "level": "Informational",
        "operationId": activity.decision_id,
        "operationName": { "value": activity.action, "localizedValue": description },
        "properties": properties(activity, half),
        "resourceGroupName": target.resource_group().unwrap_or_default(),
        "resourceId": target,
        "resourceProviderName": same(provider),
        "resourceType": same(target.resource_type().as_ref().map_or("", arm::ResourceType::as_str)),
        "status": same(status),
        "subStatus": same(""),
        "submissionTimestamp": arm::wire_time(activity.ended_at),
        "subscriptionId": target.subscription_id().unwrap_or_default(),
        "tenantId": tenant,
    })
}

/// The verb is the last part of the action. Whether a write came as PUT or PATCH is not in it: both print PUT.
fn method(action: &str) -> &'static str {
    match action.rsplit('/').next() {
        Some("write") => "PUT",
        Some("delete") => "DELETE",
        _ => "POST",
    }
}

fn claims(activity: &Activity) -> Value {
    let name = if activity.principal_type == "User" { UPN } else { "appid" };
    json!({ OBJECT_ID: activity.principal, name: activity.caller })
}

/// Texts alone, as clients expect. Bodies are JSON in a text; `requestbody` is spelled as Azure spells it.
fn properties(activity: &Activity, half: Half) -> Value {
    let text = |name: &str, value: &str| (name.to_owned(), json!(value));
    let mut properties = Map::from_iter([
        text("entity", activity.target.as_str()),
        text("message", &activity.action),
        text("eventCategory", "Administrative"),
    ]);
    let body = match half {
        Half::Start => activity.after.as_ref().map(|after| ("requestbody", after)),
        Half::End => activity.after.as_ref().or(activity.before.as_ref()).map(|found| ("responseBody", found)),
    };
    properties.extend(body.map(|(name, resource)| text(name, &shown(resource).to_string())));
    Value::Object(properties)
}

/// A resource as its own GET showed it then. Nothing is said of principals that are gone now.
fn shown(resource: &Resource) -> Value {
    let is = |kind: &str| resource.resource_type.eq_ignore_ascii_case(kind);
    if is(role_assignments::TYPE) {
        return role_assignments::present(resource, &role_assignments::scope_of(resource), false);
    }
    if is(deny_assignments::TYPE) {
        return deny_assignments::present(resource, |_| false);
    }
    resource.to_json()
}

/// The two events of a decision have ids that follow from it, the same whenever they are read.
fn event_id(activity: &Activity, half: Half) -> Uuid {
    Uuid::from_u128(activity.decision_id.as_u128() ^ (1 + half as u128))
}

fn ticks(time: Timestamp) -> i64 {
    time.as_microsecond().saturating_mul(10).saturating_add(TICKS_OF_1970)
}

fn in_front(target: &Scope) -> &str {
    if target.is_root() { "" } else { target.as_str() }
}
