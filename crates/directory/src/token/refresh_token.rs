//! Refresh tokens: opaque to everybody else; to this server they name the sign-in that they belong to, and their number.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use store::Secret;
use uuid::Uuid;

use crate::random::{self, NoRandomness};

/// Marks the format.
const FORMAT: u8 = 1;
/// What makes a token more than its name, bytes: random in the first of a sign-in, in the others of the one before.
const SECRET_BYTES: usize = 32;
/// Format, user, sign-in, number, secret.
const LENGTH_BYTES: usize = 1 + 16 + 16 + 4 + SECRET_BYTES;

/// The sign-in and the number that a refresh token names. Whether it is that token is the store's to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// Who signed in.
    pub(super) user: Uuid,
    /// The sign-in.
    pub(super) sign_in: Uuid,
    /// Which of its refresh tokens, counted from 0.
    pub(super) generation: u32,
}

impl Named {
    /// A new token of this name.
    pub(super) fn token(self) -> Result<Secret, NoRandomness> {
        Ok(self.with(&random::bytes::<SECRET_BYTES>()?))
    }

    /// The token of this name with that secret.
    pub(super) fn with(self, secret: &[u8; SECRET_BYTES]) -> Secret {
        let mut bytes = Vec::with_capacity(LENGTH_BYTES);
        bytes.push(FORMAT);
        bytes.extend_from_slice(self.user.as_bytes());
        bytes.extend_from_slice(self.sign_in.as_bytes());
        bytes.extend_from_slice(&self.generation.to_be_bytes());
        bytes.extend_from_slice(secret);
        Secret::from(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// What a token names; `None` for text that is none.
    pub(super) fn read(token: &str) -> Option<Named> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok().filter(|bytes| bytes.len() == LENGTH_BYTES)?;
        let (format, rest) = bytes.split_first()?;
        let (user, rest) = rest.split_first_chunk::<16>()?;
        let (sign_in, rest) = rest.split_first_chunk::<16>()?;
        let (generation, _) = rest.split_first_chunk::<4>()?;
        (*format == FORMAT).then(|| Named {
            user: Uuid::from_bytes(*user),
            sign_in: Uuid::from_bytes(*sign_in),
            generation: u32::from_be_bytes(*generation),
        })
    }
}
