//! Long-running operations: how clients that expect to wait learn that a write is done.
//!
//! The work is one transaction and is done before the reply. What a client polls is the record of it: a row of the
//! subscription, written in the same transaction, which therefore survives a restart, and which the store drops after a day.

mod announce;
mod record;
mod result;

use access::Routes;

use crate::state::Control;

pub(crate) use announce::{accepted, announced};
pub(crate) use record::Operation;

pub(crate) fn mount(routes: Routes<Control>) -> Routes<Control> {
    routes
        .on(result::GroupResult, result::of_group)
        .on(result::AccountResult, result::of_account)
        .on(result::AccountStatus, result::status)
}
