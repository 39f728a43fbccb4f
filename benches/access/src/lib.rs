//! How fast is a decision, and does another engine decide alike?
//!
//! Invariant: everything is made from one seed, so two runs measure the same requests on the same tenant.

pub mod cedar;
pub mod request;
pub mod roles;
pub mod spread;
pub mod tenant;
