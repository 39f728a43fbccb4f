//! An operation: a route, what it needs, and what its permit can do.

use rbac::{Attributes, DirectoryRight, Permission, RowKind};

use crate::body::FromBody;
use crate::input::Input;
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

    /// The attributes that conditions may read (`@Request[…]`, `@Resource[…]`), from the same snapshot as the decision.
    fn attributes(_input: &Input<'_, Self::Body>) -> Attributes {
        Attributes::default()
    }
}
