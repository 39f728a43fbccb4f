//! Who can hold a role, and who was proved to be calling.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The kinds of principals that a role can be assigned to. A managed identity is a service principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum PrincipalType {
    /// A person.
    User,
    /// A group of users, groups and service principals.
    Group,
    /// An application or a managed identity.
    ServicePrincipal,
}

impl PrincipalType {
    /// As it stands on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            PrincipalType::User => "User",
            PrincipalType::Group => "Group",
            PrincipalType::ServicePrincipal => "ServicePrincipal",
        }
    }
}

impl fmt::Display for PrincipalType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A principal type that is not one of the three.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a principal type; `User`, `Group` and `ServicePrincipal` are")]
pub struct UnknownPrincipalType(pub String);

impl FromStr for PrincipalType {
    type Err = UnknownPrincipalType;

    fn from_str(text: &str) -> Result<PrincipalType, UnknownPrincipalType> {
        [PrincipalType::User, PrincipalType::Group, PrincipalType::ServicePrincipal]
            .into_iter()
            .find(|kind| kind.as_str().eq_ignore_ascii_case(text))
            .ok_or_else(|| UnknownPrincipalType(text.to_owned()))
    }
}

/// A principal whose token was checked. The fields are private and the one maker is pinned to `identity/src/verify.rs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedPrincipal {
    tenant: Uuid,
    object_id: Uuid,
    kind: PrincipalType,
    label: Arc<str>,
    token_id: Arc<str>,
}

impl VerifiedPrincipal {
    /// States that a token of this principal was verified. `label` is for messages only: user principal name or
    /// application id; nothing is decided by it.
    pub fn verified(
        tenant: Uuid,
        object_id: Uuid,
        kind: PrincipalType,
        label: impl Into<Arc<str>>,
        token_id: impl Into<Arc<str>>,
    ) -> Self {
        VerifiedPrincipal { tenant, object_id, kind, label: label.into(), token_id: token_id.into() }
    }

    /// The tenant that issued the token.
    pub fn tenant(&self) -> Uuid {
        self.tenant
    }

    /// The object id, which decisions are made by.
    pub fn object_id(&self) -> Uuid {
        self.object_id
    }

    /// What kind of principal it is.
    pub fn kind(&self) -> PrincipalType {
        self.kind
    }

    /// User principal name or application id, for messages.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// [`VerifiedPrincipal::label`], shared instead of copied.
    pub fn to_label(&self) -> Arc<str> {
        Arc::clone(&self.label)
    }

    /// The token's `uti`.
    pub fn token_id(&self) -> &str {
        &self.token_id
    }
}
