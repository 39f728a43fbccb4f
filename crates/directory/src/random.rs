//! Random codes and digests: what a client is given to come back with.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Random bytes of a code: not to be guessed, however many are out.
const CODE_BYTES: usize = 32;

/// The digest of a code: maps are keyed by it, so that comparing tells nothing of the code.
pub(crate) type Digest = [u8; 32];

/// There was no randomness to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoRandomness;

/// `N` random bytes.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0_u8; N];
    rand::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// A random code of letters, digits, `-` and `_`.
pub(crate) fn code() -> Result<String, NoRandomness> {
    Ok(URL_SAFE_NO_PAD.encode(bytes::<CODE_BYTES>()?))
}

/// SHA-256.
pub(crate) fn sha256(text: &[u8]) -> Digest {
    let mut found = Digest::default();
    found.iter_mut().zip(digest(&SHA256, text).as_ref()).for_each(|(to, from)| *to = *from);
    found
}
