//! Where is state kept, the same on SQLite and PostgreSQL?
//!
//! Invariant: no row changes without a permit that covers it, and no change is acknowledged before it is in a committed
//! transaction; what changes the world has its audit row and its change row in the same one (`tests/it/permit.rs`,
//! `tests/it/kill.rs`, `tests/it/data.rs`, `tests/it/data_kill.rs`).

#![forbid(unsafe_code)]

mod access_file;
mod activity;
mod audit;
mod change;
mod clock;
mod credential;
mod data;
mod directory;
mod engine;
mod error;
mod folder;
pub mod journal;
mod keeper;
mod kept_resource;
mod load;
mod lock;
mod master_key;
mod migrations;
mod open;
mod pages;
mod password;
mod read_only;
mod readers;
mod resource_index;
mod row;
mod seal;
mod secret;
mod sign_in;
mod store;
mod world;
mod write;

pub use activity::{Activity, ActivityQuery};
pub use audit::AuditState;
pub use clock::{Clock, SystemClock};
pub use credential::{
    CredentialIndex, CredentialInfo, CredentialKind, CredentialOwner, CredentialRef, KeyRef, NewCredential,
};
pub use data::{
    DataChange, DataError, DataKey, DataKind, DataObject, DataPage, DataPrecondition, DataQuery, DataStamp,
    NewDataObject,
};
pub use directory::{CUSTOM_SECURITY_ATTRIBUTES, DirectoryIndex, DirectoryObject, ObjectKind};
pub use error::{Conflict, StoreError};
pub use journal::{ConditionInputs, Durability, Journal, JournalError, Record, Writing};
pub use read_only::read_only;
pub use resource_index::ResourceIndex;
pub use row::{OPERATION_RESULTS, OPERATION_TARGET, Row};
pub use secret::Secret;
pub use sign_in::{NewSignIn, Renewal, SignIn, SignInIndex};
pub use store::Store;
pub use world::{TenantInfo, World, root_group_of};
pub use write::{Upserted, Written};
