//! Runs: a model is asked, its calls are made, and it is asked again until it has answered.
//!
//! [`step`] says what comes next and does nothing; `drive` does it and says nothing of what comes next. What is kept of a run is what
//! it was begun with and the list of what happened, so that a restart works out the same state again.

mod door;
mod drive;
mod going;
mod instructions;
mod keeper;
mod object;
mod resume;
mod start;
mod state;
mod step;
mod teller;
mod tools;
mod turn;
mod wanted;

pub(crate) use going::Runs;
pub(crate) use resume::resume;
pub(crate) use start::{Request, start};
pub(crate) use state::Door;
pub(crate) use wanted::needs_run;
