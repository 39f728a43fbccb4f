//! Who may do something, what somebody may do, and why a decision came out as it did: as operations, and as functions of
//! a world for who has the data folder itself.

mod decision;
mod decisions;
mod names;
mod principal;
mod what_can;
mod who_can;

use access::Routes;
use arm::{ArmError, ErrorCode};

use crate::state::Control;

pub use decision::decision;
pub use principal::{UnknownPrincipal, find_principal};
pub use what_can::what_can;
pub use who_can::{UnreadableAction, permission, who_can};

pub(crate) fn mount(routes: Routes<Control>) -> Routes<Control> {
    routes
        .on(who_can::WhoCan, who_can::answer)
        .on(what_can::WhatCan, what_can::answer)
        .on(decisions::GetDecision, decisions::get)
}

/// A query parameter that is missing or cannot be read.
fn wrong(name: &str, problem: &str) -> ArmError {
    ArmError::new(ErrorCode::InvalidRequestContent, format!("`{name}`: {problem}")).with_target(name)
}
