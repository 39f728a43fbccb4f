//! Tokens of this tenant's identities, for who answers at the other end of a connection.

use arm::Scope;
use egress::Secret;
use jiff::Timestamp;
use store::World;
use uuid::Uuid;

/// Signs tokens of identities. Whether the one who asks may use that identity was decided before.
pub trait Tokens: Send + Sync {
    /// A token of the identity that a resource has of its own; its `xms_mirid` names the resource.
    fn of_resource(
        &self,
        world: &World,
        resource: &Scope,
        audience: &str,
        now: Timestamp,
    ) -> Result<Secret, NoIdentityToken>;

    /// A token of a service principal, such as an agent's, by its object id.
    fn of_principal(
        &self,
        world: &World,
        principal: Uuid,
        audience: &str,
        now: Timestamp,
    ) -> Result<Secret, NoIdentityToken>;

    /// A token of a user, by object id, got on their behalf by the identity of a resource.
    fn of_user(
        &self,
        world: &World,
        user: Uuid,
        through: &Scope,
        audience: &str,
        now: Timestamp,
    ) -> Result<Secret, NoIdentityToken>;
}

/// Why there is no token of an identity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoIdentityToken {
    /// The resource has none.
    #[error("`{resource}` has no identity of its own")]
    NoIdentity {
        /// Its id.
        resource: Scope,
    },
    /// Nobody has this object id (any more).
    #[error("there is no principal `{principal}` (any more)")]
    Unknown {
        /// The object id.
        principal: Uuid,
    },
    /// It may not sign in.
    #[error("the principal `{principal}` is disabled")]
    Disabled {
        /// The object id.
        principal: Uuid,
    },
    /// Only a user's sign-in can be passed on.
    #[error("the caller `{principal}` is not a user")]
    NotAUser {
        /// The object id.
        principal: Uuid,
    },
    /// With such a token its holder could act here in that name.
    #[error("a token for `{audience}` would open this server itself; give the gateway an `audience` of its own")]
    Ours {
        /// What it was to be for.
        audience: String,
    },
    /// The signing key does not sign.
    #[error("the token cannot be signed: {reason}")]
    Signing {
        /// What happened.
        reason: String,
    },
}
