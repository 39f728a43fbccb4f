//! What may leave this process, and where may it go? (the only HTTP client)
//!
//! A request leaves as an [`Outgoing`] to a [`Target`], and only [`Egress::target`] makes one. The connector resolves the name, refuses
//! what the operator did not admit, and connects to the very address that it checked.
//!
//! Invariant: no connection reaches an address that the guard did not check for it, no redirect is followed, and no header of a caller
//! leaves unless it is on the short list (`tests/it/guard.rs`, `tests/it/headers.rs`, `conformance/egress`).

mod address;
mod answer;
mod azure_token;
mod client;
mod connector;
mod credential;
mod error;
mod guard;
mod headers;
mod in_turn;
mod kept_token;
mod outgoing;
mod resolver;
mod target;
mod timeouts;
mod tls;
mod transport;

pub use answer::Answer;
pub use azure_token::AzureIdentity;
pub use client::{Egress, Settings};
pub use credential::{Credential, CredentialError, Secret, SecretSource};
pub use error::{EgressError, SetupError};
pub use guard::Refused;
pub use in_turn::InTurn;
pub use kept_token::{ClientGrant, KeptToken};
pub use outgoing::{HeaderError, Outgoing, OwnHeaders, Patience, SecretHeader};
pub use resolver::{Resolve, Resolving, SystemResolver};
pub use target::Target;
pub use timeouts::Timeouts;
