//! How are things named, and how do replies look?
//!
//! Invariant: this crate does no I/O and knows no resource type by name; what it knows are the levels of scopes
//! (root, management group, subscription, resource group) and the grammar of ids. Held by `cargo xtask tidy` (no I/O
//! dependency) and by `tests/it/paths.rs`.

mod account_host;
mod api_version;
mod arm_path;
mod error;
mod etag;
mod header;
mod layout;
mod paging;
mod path_error;
mod request_path;
mod resource;
mod resource_type;
mod scope;
mod suggest;
mod time;

pub use account_host::{AccountDomain, HostFamily, NotADomain};
pub use api_version::ApiVersion;
pub use arm_path::ArmPath;
pub use error::{ArmError, ErrorCode};
pub use etag::Precondition;
pub use header::steers_message;
pub use paging::{PAGE_SIZE, PAGE_SIZE_LIMIT, Page, Window};
pub use path_error::PathError;
pub use request_path::{MAX_PATH_BYTES, MAX_PATH_SEGMENTS, RequestPath};
pub use resource::{Map, Resource, ResourceIdentity, SystemData};
pub use resource_type::ResourceType;
pub use scope::{Scope, ScopeLevel};
pub use suggest::{nearest, nearest_n};
pub use time::wire_time;
