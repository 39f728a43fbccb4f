//! Device codes: a device waits with one code while its person enters another on a page.
//!
//! They live in memory: who asks for one is a stranger, and no stranger makes a row.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::scope::DelegatedScope;
use crate::random::{self, Digest, NoRandomness, sha256};

/// How long a person has to enter the code, seconds: Entra's quarter of an hour.
pub(crate) const LIFETIME_S: i64 = 900;
/// How often a device asks, seconds: RFC 8628's usual value.
pub(crate) const INTERVAL_S: i64 = 5;
/// How much earlier than that a device may ask, seconds: clocks are rounded.
const EARLY_S: i64 = 2;
/// Codes out at once; about half a kilobyte each.
const CODES_AT_ONCE: usize = 4096;
/// Codes out at once of one address: a classroom behind one router, and not a flood.
const CODES_PER_ADDRESS: usize = 256;
/// Letters of the code that a person types: consonants, which make no words, and none that look alike.
const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
/// Its length: 20^9 codes, of which few are out and few can be tried.
const USER_CODE_CHARS: usize = 9;
/// The largest multiple of the alphabet's length that a byte can be: beyond it a letter would be likelier than others.
const FAIR_BYTES: u8 = 240;

/// Both codes of a device.
pub(crate) struct Pair {
    /// What the device keeps.
    pub(crate) device_code: String,
    /// What the person types.
    pub(crate) user_code: String,
}

/// Why there is no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoCode {
    /// Too many are out.
    TooMany,
    /// The system gives no random numbers.
    NoRandomness,
}

impl From<NoRandomness> for NoCode {
    fn from(_: NoRandomness) -> NoCode {
        NoCode::NoRandomness
    }
}

/// Who asks for a code, and for what.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The application.
    pub(crate) client: Uuid,
    /// Its name, for the page.
    pub(crate) client_name: String,
    /// What for.
    pub(crate) scope: DelegatedScope,
    /// Where the device is.
    pub(crate) address: IpAddr,
}

/// What a device is told that asks whether its person is there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Poll {
    /// Not yet.
    Pending,
    /// Not so often.
    TooOften,
    /// The person said no.
    Declined,
    /// The time is over.
    Expired,
    /// There is no such code, or it is another client's, or it was good once.
    Unknown,
    /// This person signed in, for this. The code is spent.
    Approved(Uuid, DelegatedScope),
}

#[derive(Clone, Debug)]
enum State {
    Waiting,
    Approved(Uuid),
    Declined,
}

struct Waiting {
    asked: Asked,
    user_code: String,
    ends: Timestamp,
    asked_at: Option<Timestamp>,
    state: State,
}

#[derive(Default)]
struct Known {
    devices: HashMap<Digest, Waiting>,
    by_user_code: HashMap<String, Digest>,
}

/// The device codes that are out.
#[derive(Default)]
pub(crate) struct DeviceCodes {
    known: Mutex<Known>,
}

impl DeviceCodes {
    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a pair of codes.
    pub(crate) fn issue(&self, asked: Asked, now: Timestamp) -> Result<Pair, NoCode> {
        let (device_code, user_code) = (random::code()?, new_user_code()?);
        let ends = now.saturating_add(SignedDuration::from_secs(LIFETIME_S)).unwrap_or(Timestamp::MAX);
        let mut known = self.lock();
        known.forget_ended(now);
        let of_address = known.devices.values().filter(|other| other.asked.address == asked.address).count();
        // The same code twice is as good as never; who has it asks again.
        let is_taken = known.by_user_code.contains_key(&user_code);
        if known.devices.len() >= CODES_AT_ONCE || of_address >= CODES_PER_ADDRESS || is_taken {
            return Err(NoCode::TooMany);
        }
        let digest = sha256(device_code.as_bytes());
        known.by_user_code.insert(user_code.clone(), digest);
        let waiting = Waiting { asked, user_code: user_code.clone(), ends, asked_at: None, state: State::Waiting };
        known.devices.insert(digest, waiting);
        Ok(Pair { device_code, user_code })
    }

    /// The name of the application that waits for this user code.
    pub(crate) fn client_name(&self, user_code: &str, now: Timestamp) -> Option<String> {
        self.lock().waiting(user_code, now).map(|waiting| waiting.asked.client_name.clone())
    }

    /// Notes that `user` signed in with this user code; false when nobody waits for it any more.
    pub(crate) fn approve(&self, user_code: &str, user: Uuid, now: Timestamp) -> bool {
        self.settle(user_code, State::Approved(user), now)
    }

    /// Notes that the person said no.
    pub(crate) fn decline(&self, user_code: &str, now: Timestamp) -> bool {
        self.settle(user_code, State::Declined, now)
    }

    fn settle(&self, user_code: &str, state: State, now: Timestamp) -> bool {
        let mut known = self.lock();
        let Some(waiting) = known.waiting(user_code, now) else { return false };
        waiting.state = state;
        // A user code is good once, too.
        known.by_user_code.remove(&normal(user_code));
        true
    }

    /// Tells a device how its person is getting on.
    pub(crate) fn poll(&self, device_code: &str, client: Uuid, now: Timestamp) -> Poll {
        let mut known = self.lock();
        let digest = sha256(device_code.as_bytes());
        let Some(waiting) = known.devices.get_mut(&digest).filter(|waiting| waiting.asked.client == client) else {
            return Poll::Unknown;
        };
        if now >= waiting.ends {
            return Poll::Expired;
        }
        match waiting.state.clone() {
            State::Waiting => {
                let before = waiting.asked_at.replace(now);
                let too_early = |before: Timestamp| now.as_second() - before.as_second() < INTERVAL_S - EARLY_S;
                if before.is_some_and(too_early) { Poll::TooOften } else { Poll::Pending }
            }
            State::Declined => Poll::Declined,
            State::Approved(user) => {
                let scope = waiting.asked.scope.clone();
                known.devices.remove(&digest);
                Poll::Approved(user, scope)
            }
        }
    }
}

impl Known {
    fn waiting(&mut self, user_code: &str, now: Timestamp) -> Option<&mut Waiting> {
        let digest = self.by_user_code.get(&normal(user_code))?;
        self.devices.get_mut(digest).filter(|waiting| now < waiting.ends && matches!(waiting.state, State::Waiting))
    }

    /// Forgets what ended; for a while it is still said to have ended.
    fn forget_ended(&mut self, now: Timestamp) {
        let by_user_code = &mut self.by_user_code;
        self.devices.retain(|_, waiting| {
            let keep = now.as_second() < waiting.ends.as_second().saturating_add(LIFETIME_S);
            if !keep {
                by_user_code.remove(&waiting.user_code);
            }
            keep
        });
    }
}

/// A user code as it was made, whatever case, spaces and dashes it was typed with.
fn normal(typed: &str) -> String {
    let letters = typed.chars().filter(|one| !one.is_whitespace() && *one != '-');
    letters.take(USER_CODE_CHARS + 1).map(|one| one.to_ascii_uppercase()).collect()
}

fn new_user_code() -> Result<String, NoRandomness> {
    let mut code = String::with_capacity(USER_CODE_CHARS);
    while code.len() < USER_CODE_CHARS {
        let fair = random::bytes::<16>()?.into_iter().filter(|byte| *byte < FAIR_BYTES);
        let letters = fair.filter_map(|byte| ALPHABET.get(usize::from(byte) % ALPHABET.len()).copied());
        code.extend(letters.take(USER_CODE_CHARS - code.len()).map(char::from));
    }
    Ok(code)
}

#[cfg(test)]
mod tests;
