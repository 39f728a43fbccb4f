//! Which properties each kind of object has, of which shape, and which of them a filter may name.
//!
//! Source: Microsoft Graph's v1.0 schema. What is listed is stored and shown; the rest of a body is refused, so that a
//! typing error does not pass for a success.

use serde_json::Value;
use store::ObjectKind;

/// The shape of a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A text.
    Text,
    /// True or false.
    Flag,
    /// A list of texts.
    Texts,
    /// A list of anything.
    List,
    /// An object.
    Object,
    /// Read and acted upon by the handler; never stored as it is.
    Handled,
    /// Set by the server: ignored when a client repeats it.
    ReadOnly,
}

impl Shape {
    /// Whether a value has this shape. `null` always has: it stands for absence.
    pub(super) fn fits(self, value: &Value) -> bool {
        match (self, value) {
            (_, Value::Null) | (Shape::Handled | Shape::ReadOnly, _) => true,
            (Shape::Text, Value::String(text)) => text.chars().count() <= TEXT_LIMIT_CHARS,
            (Shape::Flag, Value::Bool(_)) | (Shape::List, Value::Array(_)) | (Shape::Object, Value::Object(_)) => true,
            (Shape::Texts, Value::Array(list)) => list.iter().all(Value::is_string),
            _ => false,
        }
    }

    /// What a message calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Shape::Text => "a text of at most 1024 characters",
            Shape::Flag => "true or false",
            Shape::Texts => "a list of texts",
            Shape::List => "a list",
            Shape::Object | Shape::Handled | Shape::ReadOnly => "an object",
        }
    }
}

/// Longest text of a property, as of Graph's longest short texts.
const TEXT_LIMIT_CHARS: usize = 1024;

/// The properties of a kind.
pub(super) fn properties(kind: ObjectKind) -> &'static [(&'static str, Shape)] {
    match kind {
        ObjectKind::User => USER,
        ObjectKind::Group => GROUP,
        ObjectKind::Application => APPLICATION,
        ObjectKind::ServicePrincipal => SERVICE_PRINCIPAL,
    }
}

/// What a filter over a kind may name.
pub(super) fn filterable(kind: ObjectKind) -> &'static [&'static str] {
    match kind {
        ObjectKind::User => &[
            "id",
            "userPrincipalName",
            "displayName",
            "mail",
            "mailNickname",
            "givenName",
            "surname",
            "accountEnabled",
            "department",
            "jobTitle",
            "userType",
        ],
        ObjectKind::Group => &["id", "displayName", "mail", "mailNickname", "mailEnabled", "securityEnabled"],
        ObjectKind::Application => &["id", "appId", "displayName", "identifierUris", "signInAudience", "tags"],
        ObjectKind::ServicePrincipal => &[
            "id",
            "appId",
            "displayName",
            "servicePrincipalNames",
            "servicePrincipalType",
            "accountEnabled",
            "alternativeNames",
            "tags",
        ],
    }
}

/// What a filter over objects of several kinds may name.
pub(super) const FILTERABLE_ANYWHERE: &[&str] = &["id", "displayName"];

const USER: &[(&str, Shape)] = &[
    ("userPrincipalName", Shape::Handled),
    ("displayName", Shape::Handled),
    ("passwordProfile", Shape::Handled),
    ("customSecurityAttributes", Shape::Handled),
    ("accountEnabled", Shape::Flag),
    ("mailNickname", Shape::Text),
    ("mail", Shape::Text),
    ("givenName", Shape::Text),
    ("surname", Shape::Text),
    ("jobTitle", Shape::Text),
    ("department", Shape::Text),
    ("companyName", Shape::Text),
    ("employeeId", Shape::Text),
    ("officeLocation", Shape::Text),
    ("mobilePhone", Shape::Text),
    ("businessPhones", Shape::Texts),
    ("otherMails", Shape::Texts),
    ("preferredLanguage", Shape::Text),
    ("usageLocation", Shape::Text),
    ("streetAddress", Shape::Text),
    ("city", Shape::Text),
    ("state", Shape::Text),
    ("country", Shape::Text),
    ("postalCode", Shape::Text),
    ("userType", Shape::Text),
    ("passwordPolicies", Shape::Text),
    ("onPremisesImmutableId", Shape::Text),
    ("id", Shape::ReadOnly),
    ("createdDateTime", Shape::ReadOnly),
];

const GROUP: &[(&str, Shape)] = &[
    ("displayName", Shape::Handled),
    ("description", Shape::Text),
    ("mailNickname", Shape::Text),
    ("mailEnabled", Shape::Flag),
    ("securityEnabled", Shape::Flag),
    ("groupTypes", Shape::Texts),
    ("visibility", Shape::Text),
    ("id", Shape::ReadOnly),
    ("mail", Shape::ReadOnly),
    ("createdDateTime", Shape::ReadOnly),
];

const APPLICATION: &[(&str, Shape)] = &[
    ("displayName", Shape::Handled),
    ("keyCredentials", Shape::Handled),
    ("passwordCredentials", Shape::Handled),
    ("description", Shape::Text),
    ("identifierUris", Shape::Texts),
    ("signInAudience", Shape::Text),
    ("isFallbackPublicClient", Shape::Flag),
    ("isDeviceOnlyAuthSupported", Shape::Flag),
    ("web", Shape::Object),
    ("spa", Shape::Object),
    ("publicClient", Shape::Object),
    ("api", Shape::Object),
    ("info", Shape::Object),
    ("optionalClaims", Shape::Object),
    ("parentalControlSettings", Shape::Object),
    ("appRoles", Shape::List),
    ("addIns", Shape::List),
    ("requiredResourceAccess", Shape::List),
    ("tags", Shape::Texts),
    ("notes", Shape::Text),
    ("groupMembershipClaims", Shape::Text),
    ("serviceManagementReference", Shape::Text),
    ("id", Shape::ReadOnly),
    ("appId", Shape::ReadOnly),
    ("publisherDomain", Shape::ReadOnly),
    ("createdDateTime", Shape::ReadOnly),
];

const SERVICE_PRINCIPAL: &[(&str, Shape)] = &[
    ("appId", Shape::Handled),
    ("customSecurityAttributes", Shape::Handled),
    ("displayName", Shape::Handled),
    ("keyCredentials", Shape::Handled),
    ("passwordCredentials", Shape::Handled),
    ("accountEnabled", Shape::Flag),
    ("appRoleAssignmentRequired", Shape::Flag),
    ("description", Shape::Text),
    ("notes", Shape::Text),
    ("homepage", Shape::Text),
    ("loginUrl", Shape::Text),
    ("logoutUrl", Shape::Text),
    ("preferredSingleSignOnMode", Shape::Text),
    ("replyUrls", Shape::Texts),
    ("tags", Shape::Texts),
    ("notificationEmailAddresses", Shape::Texts),
    ("id", Shape::ReadOnly),
    ("appDisplayName", Shape::ReadOnly),
    ("appOwnerOrganizationId", Shape::ReadOnly),
    ("appRoles", Shape::ReadOnly),
    ("alternativeNames", Shape::ReadOnly),
    ("servicePrincipalNames", Shape::ReadOnly),
    ("servicePrincipalType", Shape::ReadOnly),
    ("createdDateTime", Shape::ReadOnly),
];
