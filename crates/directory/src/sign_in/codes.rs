//! Authorization codes: short-lived, good once, bound to the client, the place and the proof key that asked for them.
//!
//! They live in memory: a restart costs a sign-in that was under way, and no stranger makes a row.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::redirect::Redirect;
use super::scope::DelegatedScope;
use crate::random::{self, Digest, NoRandomness, sha256};

/// How long a code is good: a client brings it at once; without scripts a person presses a button first.
const LIFETIME: SignedDuration = SignedDuration::from_mins(5);
/// Codes out at once. Each took a password, so a person cannot make many; beyond it the oldest are forgotten.
const CODES_AT_ONCE: usize = 4096;

/// What a code stands for.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    /// The application that it is for.
    pub(crate) client: Uuid,
    /// Where it is sent to.
    pub(crate) redirect: Redirect,
    /// The challenge of its proof key: the SHA-256 of the verifier.
    pub(crate) challenge: Digest,
    /// Who signed in.
    pub(crate) user: Uuid,
    /// What for.
    pub(crate) scope: DelegatedScope,
    /// What the id token has to repeat.
    pub(crate) nonce: Option<String>,
}

/// What became of a code that was brought.
pub(crate) enum Taken {
    /// It is good, once.
    Good(Box<Grant>),
    /// It was brought before; what came of it then is to be ended: a user and their sign-in.
    Again(Uuid, Uuid),
    /// It is not known, or no longer.
    Unknown,
}

struct Code {
    grant: Grant,
    ends: Timestamp,
    /// The sign-in that came of it.
    spent_on: Option<Uuid>,
}

/// The codes that are out.
#[derive(Default)]
pub(crate) struct Codes {
    known: Mutex<HashMap<Digest, Code>>,
}

impl Codes {
    /// Makes a code.
    pub(crate) fn issue(&self, grant: Grant, now: Timestamp) -> Result<String, NoRandomness> {
        let code = random::code()?;
        let ends = now.saturating_add(LIFETIME).unwrap_or(Timestamp::MAX);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, code| now < code.ends);
        if known.len() >= CODES_AT_ONCE {
            let oldest = known.iter().min_by_key(|(_, code)| code.ends).map(|(digest, _)| *digest);
            oldest.map(|oldest| known.remove(&oldest));
        }
        known.insert(sha256(code.as_bytes()), Code { grant, ends, spent_on: None });
        Ok(code)
    }

    /// Takes a code that is brought; it is spent, on the sign-in `sign_in` if all else is right.
    pub(crate) fn take(&self, code: &str, sign_in: Uuid, now: Timestamp) -> Taken {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(found) = known.get_mut(&sha256(code.as_bytes())).filter(|code| now < code.ends) else {
            return Taken::Unknown;
        };
        match found.spent_on.replace(sign_in) {
            None => Taken::Good(Box::new(found.grant.clone())),
            Some(before) => {
                found.spent_on = Some(before);
                Taken::Again(found.grant.user, before)
            }
        }
    }
}
