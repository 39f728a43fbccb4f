//! Sign-ins: that a person signed in to a client, and which refresh token is the next that goes on with it.
//!
//! A refresh token is replaced when it is used. Those of one sign-in are its family: each has a number, and only the digest
//! of the newest is kept. Each but the first follows from the one before it by a key of this server, so whoever used one
//! can be given its successor once more, although no token is kept.

use std::sync::Arc;

use imbl::OrdMap;
use jiff::Timestamp;
use uuid::Uuid;

use crate::seal::Digest;
use crate::secret::Secret;

/// A sign-in to be kept, the only time that its refresh token passes by.
#[derive(Clone, Debug)]
pub struct NewSignIn {
    /// Its id, unique at the user.
    pub id: Uuid,
    /// Who signed in, by object id.
    pub user: Uuid,
    /// The application that they signed in to, by application id.
    pub client: Uuid,
    /// The resource that was asked for first.
    pub resource: String,
    /// The refresh token in clear.
    pub token: Secret,
    /// When they signed in.
    pub created_at: Timestamp,
    /// From when on its refresh token is refused.
    pub expires_at: Timestamp,
}

/// The next refresh token of a sign-in, in place of the one before it.
#[derive(Clone, Debug)]
pub struct Renewal {
    /// Who signed in, by object id.
    pub user: Uuid,
    /// The sign-in.
    pub id: Uuid,
    /// The number of the refresh token that is replaced; another one is a conflict.
    pub generation: u32,
    /// The next refresh token in clear.
    pub token: Secret,
    /// When it replaces the one before it.
    pub replaced_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Timestamp,
}

/// How many of the latest replacements are kept of a sign-in: more than one person's tools make within seconds.
pub(crate) const REPLACED_KEPT: usize = 16;

/// A sign-in as it is kept: nothing of it can be presented as a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// Its id, unique at the user.
    pub id: Uuid,
    /// Who signed in, by object id.
    pub user: Uuid,
    /// The application that they signed in to, by application id.
    pub client: Uuid,
    /// The resource that was asked for first.
    pub resource: String,
    /// The number of its refresh token, counted from 0.
    pub generation: u32,
    /// When they signed in.
    pub created_at: Timestamp,
    /// From when on its refresh token is refused.
    pub expires_at: Timestamp,
    pub(crate) digest: Digest,
    /// When the latest tokens were replaced, the newest first.
    pub(crate) replaced: Vec<Timestamp>,
}

impl SignIn {
    /// When the refresh token of this number was replaced; `None` if it was not, or too many others since.
    pub fn replaced_at(&self, generation: u32) -> Option<Timestamp> {
        let newer = self.generation.checked_sub(generation)?.checked_sub(1)?;
        self.replaced.get(usize::try_from(newer).ok()?).copied()
    }
}

/// All sign-ins.
#[derive(Clone, Default, PartialEq)]
pub struct SignInIndex {
    by_user: OrdMap<(Uuid, Uuid), Arc<SignIn>>,
}

impl SignInIndex {
    /// One sign-in of a user.
    pub fn get(&self, user: Uuid, id: Uuid) -> Option<&Arc<SignIn>> {
        self.by_user.get(&(user, id))
    }

    /// All sign-ins of a user, by id.
    pub fn of(&self, user: Uuid) -> impl Iterator<Item = &Arc<SignIn>> {
        self.by_user.range((user, Uuid::nil())..=(user, Uuid::max())).map(|(_, sign_in)| sign_in)
    }

    pub(crate) fn put(&mut self, sign_in: Arc<SignIn>) {
        self.by_user.insert((sign_in.user, sign_in.id), sign_in);
    }

    pub(crate) fn remove(&mut self, user: Uuid, id: Uuid) {
        self.by_user.remove(&(user, id));
    }
}
