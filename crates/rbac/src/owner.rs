//! Who owns a stored row, and what kinds of rows there are: what a permit must cover.

use arm::Scope;

/// The owner of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The resource that it belongs to.
    Scope(Scope),
    /// The directory of the tenant.
    Directory,
    /// The server itself.
    Server,
}

/// What a row is. An operation lists the kinds that it may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RowKind {
    /// An ARM resource that is none of the next two.
    Resource,
    /// A role assignment.
    Assignment,
    /// A custom role.
    RoleDefinition,
    /// A user, group, application or service principal.
    Principal,
    /// A member of a group.
    Membership,
    /// A resource key, client secret or password.
    Credential,
    /// A directory role held by a principal.
    DirectoryRole,
    /// The key that signs tokens.
    SigningKey,
    /// A person's sign-in: the family of their refresh tokens.
    SignIn,
    /// What inference and agents keep of an account or project: a response, a conversation, a run.
    DataObject,
}
