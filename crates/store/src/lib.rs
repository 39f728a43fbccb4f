//! Where is state kept, the same on SQLite and PostgreSQL?
//!
//! Invariant: no row changes without a permit that covers it, and no change is acknowledged before it, its audit row and
//! its change row are in one committed transaction (`tests/it/permit.rs`, `tests/it/kill.rs`).

#![forbid(unsafe_code)]

mod audit;
mod change;
mod clock;
mod credential;
mod directory;
mod engine;
mod error;
mod folder;
pub mod journal;
mod load;
mod lock;
mod master_key;
mod migrations;
mod open;
mod password;
mod resource_index;
mod row;
mod seal;
mod secret;
mod sign_in;
mod store;
mod world;
mod write;

pub use audit::AuditState;
pub use clock::{Clock, SystemClock};
pub use credential::{
    CredentialIndex, CredentialInfo, CredentialKind, CredentialOwner, CredentialRef, KeyRef, NewCredential,
};
pub use directory::{DirectoryIndex, DirectoryObject, ObjectKind};
pub use error::{Conflict, StoreError};
pub use journal::{Journal, JournalError, Record};
pub use resource_index::ResourceIndex;
pub use row::{OPERATION_RESULTS, OPERATION_TARGET, Row};
pub use secret::Secret;
pub use sign_in::{NewSignIn, Renewal, SignIn, SignInIndex};
pub use store::Store;
pub use world::{TenantInfo, World};
pub use write::{Upserted, Written};
