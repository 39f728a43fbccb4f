//! What the directory's handlers share.

use identity::Issuer;
use store::Store;

use crate::sign_in::Waiting;
use crate::sign_in::codes::Codes;
use crate::sign_in::device_codes::DeviceCodes;
use crate::throttle::Throttle;

/// The directory of one server: its store, its issuer of tokens, the memory of failed sign-ins and of those under way.
pub struct Directory {
    pub(crate) store: Store,
    pub(crate) issuer: Issuer,
    pub(crate) throttle: Throttle,
    pub(crate) codes: Codes,
    pub(crate) device_codes: DeviceCodes,
    pub(crate) waiting: Waiting,
}

impl Directory {
    /// A directory over `store` that issues tokens by `issuer`.
    pub fn new(store: Store, issuer: Issuer) -> Directory {
        Directory {
            store,
            issuer,
            throttle: Throttle::default(),
            codes: Codes::default(),
            device_codes: DeviceCodes::default(),
            waiting: Waiting::default(),
        }
    }
}
