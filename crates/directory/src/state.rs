//! What the directory's handlers share.

use identity::Issuer;
use store::Store;

use crate::throttle::Throttle;

/// The directory of one server: its store, its issuer of tokens, and the memory of failed sign-ins.
pub struct Directory {
    pub(crate) store: Store,
    pub(crate) issuer: Issuer,
    pub(crate) throttle: Throttle,
}

impl Directory {
    /// A directory over `store` that issues tokens by `issuer`.
    pub fn new(store: Store, issuer: Issuer) -> Directory {
        Directory { store, issuer, throttle: Throttle::default() }
    }
}
