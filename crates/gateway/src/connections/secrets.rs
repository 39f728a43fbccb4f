//! The secrets of a connection, opened for the time that it is kept ready.

use std::collections::BTreeMap;

use egress::Secret;
use store::{CredentialKind, CredentialOwner, Store, StoreError, World};

use access::StandIn;
use arm::Scope;

/// Secrets by the member of `properties.credentials` that they stand in.
#[derive(Default)]
pub(crate) struct Secrets(BTreeMap<String, Secret>);

impl Secrets {
    /// Those of a stored connection. Whoever uses it was let through to it.
    pub(super) fn of(
        store: &Store,
        stand_in: &StandIn,
        world: &World,
        connection: &Scope,
    ) -> Result<Secrets, StoreError> {
        let permit = stand_in.for_connection_secrets();
        let mut secrets = BTreeMap::new();
        for info in world.credentials.of(&CredentialOwner::Connection(connection.clone())) {
            if let CredentialKind::ConnectionSecret(member) = &info.kind {
                let opened = store.reveal(&permit, &info.reference())?;
                secrets.insert(member.clone(), Secret::new(opened.expose().to_owned()));
            }
        }
        Ok(Secrets(secrets))
    }

    /// The same with those that come with a connection which is about to be written.
    pub(super) fn with(mut self, given: BTreeMap<String, Secret>) -> Secrets {
        self.0.extend(given);
        self
    }

    /// One of them.
    pub(super) fn get(&self, member: &str) -> Option<Secret> {
        self.0.get(member).cloned()
    }
}
