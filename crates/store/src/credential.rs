//! Credentials: what is known about each without its secret, and how a presented key is found.

use std::sync::Arc;

use arm::Scope;
use imbl::{HashMap, OrdMap};
use jiff::Timestamp;
use rbac::KeySlot;
use uuid::Uuid;

use crate::seal::Digest;
use crate::secret::Secret;

/// Whose credential it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CredentialOwner {
    /// An application, service principal or user, by object id.
    Object(Uuid),
    /// An account, by its id.
    Account(Scope),
    /// A connection, by its id.
    Connection(Scope),
    /// This server.
    Server,
}

/// What the credential is for; this decides how its secret is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialKind {
    /// An application's secret. Only a keyed digest is kept.
    ClientSecret {
        /// The first characters of the secret, as Graph shows them.
        hint: String,
        /// The name that its maker gave it.
        display_name: Option<String>,
    },
    /// A user's password. Only its Argon2id hash is kept.
    Password,
    /// One of an account's two keys: sealed, since it can be listed, and indexed by a keyed digest.
    ResourceKey(KeySlot),
    /// A private key that signs access tokens: sealed.
    SigningKey,
    /// A secret of a connection, by the member of its credentials that it is (`key`, `keys/NAME`): sealed, since it is sent on.
    ConnectionSecret(String),
}

/// A credential to be written, the only time that its secret passes by.
#[derive(Clone, Debug)]
pub struct NewCredential {
    /// Its id, unique at the owner.
    pub id: Uuid,
    /// Whose it is.
    pub owner: CredentialOwner,
    /// What it is for.
    pub kind: CredentialKind,
    /// The secret in clear.
    pub secret: Secret,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused; `None`: never.
    pub expires_at: Option<Timestamp>,
}

/// What may be shown of a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialInfo {
    /// Its id, unique at the owner.
    pub id: Uuid,
    /// Whose it is.
    pub owner: CredentialOwner,
    /// What it is for.
    pub kind: CredentialKind,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused; `None`: never.
    pub expires_at: Option<Timestamp>,
}

impl CredentialInfo {
    /// The name under which `Store::reveal` finds it.
    pub fn reference(&self) -> CredentialRef {
        CredentialRef { owner: self.owner.clone(), id: self.id }
    }
}

/// Which credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialRef {
    /// Whose it is.
    pub owner: CredentialOwner,
    /// Its id.
    pub id: Uuid,
}

/// The account and slot that a presented resource key belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRef {
    /// The account.
    pub account: Scope,
    /// Which of its two keys.
    pub slot: KeySlot,
}

/// What is kept in place of the secret.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Protected {
    /// A keyed digest: can be compared, not opened.
    Verifier(Digest),
    /// An Argon2id hash in PHC form.
    PasswordHash(String),
    /// Ciphertext.
    Sealed(String),
    /// Ciphertext and the digest it is found by.
    SealedAndIndexed { sealed: String, index: Digest },
}

/// A credential as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct StoredCredential {
    pub(crate) info: CredentialInfo,
    pub(crate) protected: Protected,
}

/// All credentials, without a secret in clear.
#[derive(Clone, Default, PartialEq)]
pub struct CredentialIndex {
    by_owner: OrdMap<(CredentialOwner, Uuid), Arc<StoredCredential>>,
    keys: HashMap<Digest, KeyRef>,
}

impl CredentialIndex {
    /// One credential.
    pub fn get(&self, owner: &CredentialOwner, id: Uuid) -> Option<&CredentialInfo> {
        self.stored(owner, id).map(|stored| &stored.info)
    }

    /// Everything that an owner has, by id.
    pub fn of<'a>(&'a self, owner: &CredentialOwner) -> impl Iterator<Item = &'a CredentialInfo> + use<'a> {
        self.stored_of(owner).map(|stored| &stored.info)
    }

    /// The secret that is a member of a connection's credentials.
    pub fn connection_secret(&self, connection: &Scope, member: &str) -> Option<&CredentialInfo> {
        let is_it =
            |info: &&CredentialInfo| matches!(&info.kind, CredentialKind::ConnectionSecret(named) if named == member);
        self.of(&CredentialOwner::Connection(connection.clone())).find(is_it)
    }

    /// The key in a slot of an account.
    pub fn resource_key(&self, account: &Scope, slot: KeySlot) -> Option<&CredentialInfo> {
        self.of(&CredentialOwner::Account(account.clone())).find(|info| info.kind == CredentialKind::ResourceKey(slot))
    }

    pub(crate) fn stored(&self, owner: &CredentialOwner, id: Uuid) -> Option<&Arc<StoredCredential>> {
        self.by_owner.get(&(owner.clone(), id))
    }

    pub(crate) fn stored_of<'a>(
        &'a self,
        owner: &CredentialOwner,
    ) -> impl Iterator<Item = &'a Arc<StoredCredential>> + use<'a> {
        let range = (owner.clone(), Uuid::nil())..=(owner.clone(), Uuid::max());
        self.by_owner.range(range).map(|(_, stored)| stored)
    }

    pub(crate) fn key(&self, index: &Digest) -> Option<&KeyRef> {
        self.keys.get(index)
    }

    pub(crate) fn put(&mut self, stored: Arc<StoredCredential>) {
        self.remove(&stored.info.owner, stored.info.id);
        if let (Protected::SealedAndIndexed { index, .. }, Some(key)) = (&stored.protected, key_ref(&stored.info)) {
            self.keys.insert(*index, key);
        }
        self.by_owner.insert((stored.info.owner.clone(), stored.info.id), stored);
    }

    pub(crate) fn remove(&mut self, owner: &CredentialOwner, id: Uuid) {
        let Some(gone) = self.by_owner.remove(&(owner.clone(), id)) else {
            return;
        };
        if let Protected::SealedAndIndexed { index, .. } = &gone.protected {
            self.keys.remove(index);
        }
    }
}

fn key_ref(info: &CredentialInfo) -> Option<KeyRef> {
    match (&info.owner, &info.kind) {
        (CredentialOwner::Account(account), CredentialKind::ResourceKey(slot)) => {
            Some(KeyRef { account: account.clone(), slot: *slot })
        }
        _ => None,
    }
}
