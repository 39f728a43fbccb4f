//! An operation: a route, what it needs, and what its permit can do.

use arm::Scope;
use rbac::{Attributes, DirectoryRight, Permission, RowKind};
use uuid::Uuid;

use crate::body::FromBody;
use crate::failure::Failure;
use crate::input::Input;
use crate::linked::Linked;
use crate::route::Route;

/// What a caller must hold for an operation.
#[derive(Clone, Copy, Debug)]
pub enum Needs {
    /// ARM's grammar: the action follows from the type and the verb; lists are filtered by what is visible.
    Derived,
    /// Each of these, at the target.
    All(&'static [Permission]),
    /// A right in the directory.
    Directory(DirectoryRight),
    /// Any valid token: the reply holds nothing that the caller's own assignments do not already show.
    AnyToken,
    /// Any valid token where the caller asks about itself ([`Operation::is_own`]); else this action, at the target.
    OwnOr(&'static str),
}

/// One thing a client can ask for. Mounting it with [`crate::Routes::on`] is the only way to a handler.
pub trait Operation: Send + Sync + Sized + 'static {
    /// Where it is reached.
    const ROUTE: Route;
    /// What a caller must hold.
    const NEEDS: Needs;
    /// Whether its permit reads or writes.
    type Mode: rbac::Mode;
    /// The kinds of rows its permit may write or reveal, owned by the target or below.
    const ROWS: &'static [RowKind] = &[];
    /// What it reads from the body.
    type Body: FromBody;

    /// Where it is decided, when that is not the target: for a list that hangs on a word which is no resource.
    fn place(target: &Scope) -> Scope {
        target.clone()
    }

    /// The attributes that conditions may read (`@Request[…]`, `@Resource[…]`), from the same snapshot as the decision.
    fn attributes(_input: &Input<'_, Self::Body>) -> Attributes {
        Attributes::default()
    }

    /// What the request needs at other places than its target, each of it; the first that is missing refuses.
    fn linked(_input: &Input<'_, Self::Body>) -> Vec<Linked> {
        Vec::new()
    }

    /// For [`Needs::OwnOr`]: does this request ask about the caller itself? What cannot be read is not its own.
    fn is_own(_input: &Input<'_, Self::Body>, _caller: Uuid) -> bool {
        false
    }

    /// A failure in the form that this operation's clients read, whoever failed; for those that read another than their plane's.
    fn told(failure: Failure) -> Failure {
        failure
    }
}
