//! Why is it allowed or not, who may, and what may somebody do? Pure: facts in, values out.
//!
//! The index decides; what is here reads the same facts as text, so that it can name the pattern, the group and the part
//! of a condition that decided. That both say the same is held by `tests/it/explain.rs`, `who_can.rs` and `what_can.rs`.

mod advice;
mod az;
mod condition;
mod deny;
mod deny_ref;
mod explanation;
mod grant;
mod group_paths;
mod holding;
mod inclusion;
mod inquiry;
mod meant;
mod mend;
mod nearest;
mod reason;
mod text;
mod wanted;
mod what_can;
mod who_can;

pub use advice::Advice;
pub use condition::{ConditionOf, ConditionReport};
pub use deny::DenyTrace;
pub use deny_ref::DenyRef;
pub use explanation::{Asked, Decision, Explanation, explain};
pub use grant::GrantTrace;
pub use holding::Holding;
pub use inclusion::MatchedPermission;
pub use meant::MatchedAs;
pub use mend::Mend;
pub use nearest::{ConditionMissTrace, NearestMisses, NotActionMiss, PlaneMiss};
pub use text::NameOf;
pub use what_can::{AllowedAt, Held, Place, WhatCan, what_can};
pub use who_can::{Able, GrantPath, WhoCan, who_can};
