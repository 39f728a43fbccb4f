//! How a connection proves itself, and which credentials each way takes.

use arm::ArmError;

use crate::fields::{Fields, invalid, listed};

/// A way to prove oneself.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct AuthType {
    /// As it is written.
    pub(super) name: &'static str,
    /// The members of `properties.credentials`.
    pub(super) members: &'static [Member],
}

/// A member of `properties.credentials`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) name: &'static str,
    pub(super) form: Form,
    pub(super) is_required: bool,
}

/// What a member holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A text that may be shown.
    Shown,
    /// A secret.
    Secret,
    /// Secrets by name.
    Secrets,
}

const fn shown(name: &'static str) -> Member {
    Member { name, form: Form::Shown, is_required: false }
}

const fn secret(name: &'static str) -> Member {
    Member { name, form: Form::Secret, is_required: false }
}

const fn required(member: Member) -> Member {
    Member { is_required: true, ..member }
}

const fn without_credentials(name: &'static str) -> AuthType {
    AuthType { name, members: &[] }
}

pub(super) const API_KEY: &str = "ApiKey";
pub(super) const AAD: &str = "AAD";
pub(super) const OAUTH2: &str = "OAuth2";
pub(super) const PROJECT_MANAGED_IDENTITY: &str = "ProjectManagedIdentity";
pub(super) const AGENTIC_IDENTITY_TOKEN: &str = "AgenticIdentityToken";
pub(super) const USER_ENTRA_TOKEN: &str = "UserEntraToken";

/// The ways that a gateway connection has.
pub(super) const OF_GATEWAYS: &[&str] =
    &[API_KEY, PROJECT_MANAGED_IDENTITY, AAD, OAUTH2, AGENTIC_IDENTITY_TOKEN, USER_ENTRA_TOKEN];

/// Every way there is.
const ALL: &[AuthType] = &[
    AuthType { name: API_KEY, members: &[required(secret("key"))] },
    AuthType { name: "AccountKey", members: &[required(secret("key"))] },
    AuthType { name: "CustomKeys", members: &[Member { name: "keys", form: Form::Secrets, is_required: true }] },
    AuthType { name: "AccessKey", members: &[required(shown("accessKeyId")), required(secret("secretAccessKey"))] },
    AuthType { name: "ManagedIdentity", members: &[shown("clientId"), shown("resourceId")] },
    AuthType {
        name: "ServicePrincipal",
        members: &[required(shown("clientId")), required(secret("clientSecret")), required(shown("tenantId"))],
    },
    AuthType {
        name: OAUTH2,
        members: &[
            shown("authUrl"),
            shown("clientId"),
            secret("clientSecret"),
            secret("developerToken"),
            secret("password"),
            secret("refreshToken"),
            shown("tenantId"),
            shown("username"),
        ],
    },
    AuthType { name: "PAT", members: &[required(secret("pat"))] },
    AuthType { name: "SAS", members: &[required(secret("sas"))] },
    AuthType {
        name: "UsernamePassword",
        members: &[required(shown("username")), required(secret("password")), secret("securityToken")],
    },
    without_credentials(AAD),
    without_credentials("None"),
    without_credentials(PROJECT_MANAGED_IDENTITY),
    without_credentials("AccountManagedIdentity"),
    without_credentials(AGENTIC_IDENTITY_TOKEN),
    without_credentials("AgenticUser"),
    without_credentials("AgentUserImpersonation"),
    without_credentials(USER_ENTRA_TOKEN),
    without_credentials("DelegatedSAS"),
];

/// The members that OAuth2 must have for a gateway, which is asked with client credentials.
pub(super) const CLIENT_CREDENTIALS: &[&str] = &["clientId", "clientSecret"];

/// The way that a connection's properties name: one of all, or of those that gateways have.
pub(super) fn read(properties: &Fields<'_>, is_gateway: bool) -> Result<&'static AuthType, ArmError> {
    let all: Vec<&'static str> = ALL.iter().map(|known| known.name).collect();
    let choices = if is_gateway { OF_GATEWAYS } else { &all };
    let given = properties.one_of("authType", choices)?;
    given.and_then(|given| ALL.iter().find(|known| known.name == given)).ok_or_else(|| {
        let path = properties.path_of("authType");
        invalid(&path, format!("`{path}` is required: {}", listed(choices)))
    })
}
