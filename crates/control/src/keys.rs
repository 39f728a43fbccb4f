//! Resource keys: made here, sealed by the store.

use std::fmt::Write as _;

use arm::Scope;
use jiff::Timestamp;
use rbac::KeySlot;
use store::{CredentialKind, CredentialOwner, NewCredential, Row, Secret};
use uuid::Uuid;
use zeroize::Zeroizing;

/// Random bytes of a key: as many as its keyed digest has, so guessing either is equally hopeless.
const KEY_BYTES: usize = 32;

/// The source of randomness failed; nothing was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the source of randomness failed")]
pub struct NoRandomness;

/// A new key for a slot of an account; it replaces the one in that slot.
pub(crate) fn new_key(account: &Scope, slot: KeySlot, now: Timestamp) -> Result<Row, NoRandomness> {
    Ok(Row::PutCredential(NewCredential {
        id: Uuid::new_v4(),
        owner: CredentialOwner::Account(account.clone()),
        kind: CredentialKind::ResourceKey(slot),
        secret: Secret::from(random_text()?),
        created_at: now,
        expires_at: None,
    }))
}

/// Random text of 64 hexadecimal digits: safe in headers, shells and URLs.
fn random_text() -> Result<Zeroizing<String>, NoRandomness> {
    let mut bytes = Zeroizing::new([0_u8; KEY_BYTES]);
    aws_lc_rs::rand::fill(bytes.as_mut_slice()).map_err(|_unspecified| NoRandomness)?;
    let mut text = Zeroizing::new(String::with_capacity(2 * KEY_BYTES));
    for byte in bytes.iter() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}
