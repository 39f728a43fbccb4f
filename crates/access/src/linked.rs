//! What a request reaches besides its target: places that its body, or the row it would change, names.

use arm::{ArmError, Scope};
use rbac::Permission;

/// A further permission that a request needs, at a place of its own. Evaluated after the operation's own need, from the same
/// snapshot; `@Resource[…]` of the target says nothing about this place, so conditions read no such values here.
#[derive(Clone, Debug)]
pub struct Linked {
    pub(crate) permission: Permission,
    pub(crate) scope: Scope,
    pub(crate) refusal: Option<ArmError>,
}

impl Linked {
    /// The permission at the place; without it the answer is `LinkedAuthorizationFailed`.
    pub fn at(permission: Permission, scope: Scope) -> Linked {
        Linked { permission, scope, refusal: None }
    }

    /// The answer where ARM has an error of its own for it; the decision is added to it.
    #[must_use]
    pub fn or_refuse(mut self, refusal: ArmError) -> Linked {
        self.refusal = Some(refusal);
        self
    }
}
