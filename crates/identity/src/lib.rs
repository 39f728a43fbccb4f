//! Who is calling?
//!
//! Tokens are issued and verified here, by keys that only this crate holds open; what a caller may do is not decided here.
//!
//! Invariant: a [`rbac::VerifiedPrincipal`] is made in `verify.rs` alone, after every check of a token
//! (`tests/it/tokens.rs` tries each forgery).

mod authority;
mod keys;
mod signed;
mod token;
mod verify;

pub use authority::{Audience, Authority};
pub use keys::{KEY_LIFETIME_DAYS, KeyError, SigningKey, SigningKeys};
pub use token::{DELEGATED_SCOPE, IssueError, Issuer, Person, Subject, SubjectKind, TOKEN_LIFETIME_S};
pub use verify::{CLOCK_SKEW_S, TOKEN_LIMIT_BYTES, TokenError, Verifier, is_enabled, known_again, looks_like_jwt};
