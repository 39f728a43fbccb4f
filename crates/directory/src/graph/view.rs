//! A directory object as Graph shows it, and its properties one by one as filters ask for them.

use access::RequestInfo;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use store::{CredentialInfo, CredentialKind, CredentialOwner, DirectoryObject, ObjectKind, World};
use uuid::Uuid;

use super::security_attributes;

/// Where a kind of object lives in Graph: the segment of the URL, and its name in `@odata.context`.
pub(super) fn collection(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::User => "users",
        ObjectKind::Group => "groups",
        ObjectKind::Application => "applications",
        ObjectKind::ServicePrincipal => "servicePrincipals",
    }
}

/// The `@odata.type` of a kind, which clients need in mixed lists.
pub(super) fn odata_type(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::User => "#microsoft.graph.user",
        ObjectKind::Group => "#microsoft.graph.group",
        ObjectKind::Application => "#microsoft.graph.application",
        ObjectKind::ServicePrincipal => "#microsoft.graph.servicePrincipal",
    }
}

/// Times as Graph prints them, to the second.
pub(super) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// One object as the answer to a request for it, with its `@odata.context`.
pub(super) fn entity(object: &DirectoryObject, world: &World, request: &RequestInfo) -> Value {
    let context = format!("{}/v1.0/$metadata#{}/$entity", request.public_url, collection(object.kind));
    let mut shown = Map::new();
    shown.insert("@odata.context".to_owned(), Value::String(context));
    shown.extend(body(object, world));
    Value::Object(shown)
}

/// One object as an element of a list of mixed kinds.
pub(super) fn typed(object: &DirectoryObject, world: &World) -> Value {
    let mut shown = Map::new();
    shown.insert("@odata.type".to_owned(), Value::String(odata_type(object.kind).to_owned()));
    shown.extend(body(object, world));
    Value::Object(shown)
}

/// One object as an element of a list of its kind.
pub(super) fn element(object: &DirectoryObject, world: &World) -> Value {
    Value::Object(body(object, world))
}

/// An object that is shown, with its custom security attributes; for whoever may read those.
pub(super) fn with_security_attributes(mut shown: Value, object: &DirectoryObject) -> Value {
    if let Value::Object(shown) = &mut shown {
        shown.insert(security_attributes::NAME.to_owned(), security_attributes::shown(object));
    }
    shown
}

fn body(object: &DirectoryObject, world: &World) -> Map<String, Value> {
    let mut shown = Map::new();
    for name in leading(object.kind) {
        let value = property(object, world, name).unwrap_or(Value::Null);
        shown.insert((*name).to_owned(), value);
    }
    for (name, value) in object.properties.iter().filter(|(name, _)| *name != security_attributes::NAME) {
        shown.entry(name.clone()).or_insert_with(|| value.clone());
    }
    shown
}

/// The properties that Graph always prints, in its order.
fn leading(kind: ObjectKind) -> &'static [&'static str] {
    match kind {
        ObjectKind::User => &[
            "id",
            "userPrincipalName",
            "displayName",
            "givenName",
            "surname",
            "mail",
            "mailNickname",
            "jobTitle",
            "officeLocation",
            "mobilePhone",
            "businessPhones",
            "preferredLanguage",
            "accountEnabled",
        ],
        ObjectKind::Group => &[
            "id",
            "displayName",
            "description",
            "mail",
            "mailNickname",
            "mailEnabled",
            "securityEnabled",
            "groupTypes",
            "visibility",
            "createdDateTime",
        ],
        ObjectKind::Application => &[
            "id",
            "appId",
            "displayName",
            "description",
            "identifierUris",
            "signInAudience",
            "publisherDomain",
            "tags",
            "appRoles",
            "requiredResourceAccess",
            "keyCredentials",
            "passwordCredentials",
            "web",
            "spa",
            "publicClient",
            "createdDateTime",
        ],
        ObjectKind::ServicePrincipal => &[
            "id",
            "appId",
            "displayName",
            "appDisplayName",
            "appOwnerOrganizationId",
            "accountEnabled",
            "alternativeNames",
            "servicePrincipalNames",
            "servicePrincipalType",
            "tags",
            "appRoles",
            "keyCredentials",
            "passwordCredentials",
            "createdDateTime",
        ],
    }
}

/// A property by its name in Graph; `None` where the object has none.
pub(super) fn property(object: &DirectoryObject, world: &World, name: &str) -> Option<Value> {
    match name {
        "id" => Some(json!(object.id)),
        "displayName" => Some(json!(object.display_name)),
        "appId" => object.app_id.map(|id| json!(id)),
        "userPrincipalName" => object.user_principal_name.as_ref().map(|upn| json!(upn)),
        "createdDateTime" => Some(json!(time(object.created_at))),
        "passwordCredentials" => Some(Value::Array(passwords(object.id, world))),
        _ if object.kind == ObjectKind::ServicePrincipal => principal_property(object, world, name),
        _ => stored(object, name),
    }
}

fn stored(object: &DirectoryObject, name: &str) -> Option<Value> {
    object.properties.get(name).cloned().or_else(|| default(object.kind, name))
}

/// What a service principal has of its application and of the resource that it belongs to.
fn principal_property(object: &DirectoryObject, world: &World, name: &str) -> Option<Value> {
    match name {
        "servicePrincipalNames" => Some(json!(service_principal_names(object, world))),
        "appDisplayName" => Some(json!(object.display_name)),
        "appOwnerOrganizationId" => world.tenant.as_ref().map(|tenant| json!(tenant.id)),
        "servicePrincipalType" if object.managed_by.is_some() => Some(json!("ManagedIdentity")),
        "servicePrincipalType" => Some(json!("Application")),
        "alternativeNames" => match &object.managed_by {
            Some(resource) => Some(json!(["isExplicit=False", resource.as_str()])),
            None => stored(object, name),
        },
        _ => stored(object, name),
    }
}

fn service_principal_names(object: &DirectoryObject, world: &World) -> Vec<String> {
    let Some(app_id) = object.app_id else {
        return Vec::new();
    };
    let application = world.directory.by_app_id(app_id, ObjectKind::Application);
    let uris = application.and_then(|application| application.properties.get("identifierUris"));
    let uris = uris.and_then(Value::as_array).into_iter().flatten();
    std::iter::once(app_id.to_string()).chain(uris.filter_map(Value::as_str).map(str::to_owned)).collect()
}

fn default(kind: ObjectKind, name: &str) -> Option<Value> {
    match (kind, name) {
        (ObjectKind::User, "businessPhones") => Some(json!([])),
        (ObjectKind::User | ObjectKind::ServicePrincipal, "accountEnabled") => Some(json!(true)),
        (ObjectKind::Group, "groupTypes") => Some(json!([])),
        (ObjectKind::Group, "mailEnabled") => Some(json!(false)),
        (ObjectKind::Group, "securityEnabled") => Some(json!(true)),
        (ObjectKind::Application, "signInAudience") => Some(json!("AzureADMyOrg")),
        (ObjectKind::Application, "identifierUris" | "requiredResourceAccess") => Some(json!([])),
        (ObjectKind::Application, "web") => Some(json!({"redirectUris": []})),
        (ObjectKind::Application, "spa" | "publicClient") => Some(json!({"redirectUris": []})),
        (ObjectKind::Application | ObjectKind::ServicePrincipal, "tags" | "appRoles" | "keyCredentials") => {
            Some(json!([]))
        }
        (ObjectKind::ServicePrincipal, "alternativeNames") => Some(json!([])),
        _ => None,
    }
}

fn passwords(object: Uuid, world: &World) -> Vec<Value> {
    world.credentials.of(&CredentialOwner::Object(object)).filter_map(password).collect()
}

/// A client secret without the secret; `None` for credentials of other kinds, which are never shown.
pub(super) fn password(info: &CredentialInfo) -> Option<Value> {
    let CredentialKind::ClientSecret { hint, display_name } = &info.kind else {
        return None;
    };
    Some(json!({
        "customKeyIdentifier": null,
        "displayName": display_name,
        "endDateTime": info.expires_at.map(time),
        "hint": hint,
        "keyId": info.id,
        "secretText": null,
        "startDateTime": time(info.created_at),
    }))
}
