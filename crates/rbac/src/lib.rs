//! May this principal perform this action at this scope, and why?
//!
//! Invariant: pure (no I/O, no clock, no HTTP), and no `Permit` is made elsewhere: its fields are private and its makers
//! are `decide`, `decide_visible`, `any_token`, `for_key`, `for_protocol` and `for_task`, each called from one file.
//! Held by the compile-fail tests on [`Permit`], by `clippy.toml` and by `cargo xtask tidy`.

mod action_pattern;
mod advice;
mod attributes;
pub mod built_in;
mod case;
mod condition;
mod decide;
mod denial;
mod deny_assignment;
mod evaluate;
mod explain;
mod misses;
mod owner;
mod permission;
mod permit;
mod principal;
mod role_assignment;
mod role_definition;
mod snapshot;
mod verdict;
mod visible;

pub use action_pattern::ActionPattern;
pub use advice::{RoleRef, roles_that_would_grant, roles_that_would_grant_at};
pub use attributes::{Attributes, Environment, Values};
pub use built_in::{built_in, by_name, catalogue};
pub use case::{Case, CaseError, Decided, read_cases};
pub use condition::{
    Condition, ConditionError, Hint, MAX_CONDITION_BYTES, MAX_CONDITION_NESTING, Position, Seen, Trace, Truth,
};
pub use decide::{Ask, any_token, decide, decide_visible, for_key, for_protocol, for_task};
pub use denial::{Denial, DenialReason, Refusal};
pub use deny_assignment::DenyAssignment;
pub use evaluate::{AccessRequest, could_allow, evaluate};
pub use explain::{
    Able, Advice, AllowedAt, Asked, ConditionMissTrace, ConditionOf, ConditionReport, Decision, DenyRef, DenyTrace,
    Explanation, GrantPath, GrantTrace, Held, Holding, MatchedAs, MatchedPermission, Mend, NameOf, NearestMisses,
    NotActionMiss, Place, PlaneMiss, WhatCan, WhoCan, explain, what_can, who_can,
};
pub use misses::{ConditionMiss, GrantedElsewhere, HeldRole, Misses};
pub use owner::{Owner, RowKind};
pub use permission::{DirectoryRight, DirectoryRole, Permission};
pub use permit::{Caller, KeySlot, Mode, PERMIT_LIFETIME_S, Permit, ProtocolPurpose, Reads, Task, Writes};
pub use principal::{PrincipalType, UnknownPrincipalType, VerifiedPrincipal};
pub use role_assignment::{FactError, RoleAssignment};
pub use role_definition::{RoleDefinition, RolePermission};
pub use snapshot::{Assigned, DecodeError, Edit, Facts, IndexBytes, Outcome, Question, Snapshot};
pub use verdict::{DenyAssignmentRef, Grant, Verdict};
pub use visible::{Visible, has_any_assignment, has_any_assignment_near, visible, visible_to};
