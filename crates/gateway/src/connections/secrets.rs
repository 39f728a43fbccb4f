//! The secrets of a connection, opened for the time that it is kept ready.

use std::collections::BTreeMap;

use egress::Secret;
use store::{CredentialKind, CredentialOwner, Store, StoreError, World};

use access::StandIn;
use arm::Scope;

/// Opens the secrets of a stored connection, by the member of `properties.credentials` that they stand in, for who was let through to
/// use it.
pub fn connection_secrets(
    store: &Store,
    stand_in: &StandIn,
    world: &World,
    connection: &Scope,
) -> Result<BTreeMap<String, Secret>, StoreError> {
    let permit = stand_in.for_connection_secrets();
    let mut secrets = BTreeMap::new();
    for info in world.credentials.of(&CredentialOwner::Connection(connection.clone())) {
        if let CredentialKind::ConnectionSecret(member) = &info.kind {
            let opened = store.reveal(&permit, &info.reference())?;
            secrets.insert(member.clone(), Secret::new(opened.expose().to_owned()));
        }
    }
    Ok(secrets)
}

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
        connection_secrets(store, stand_in, world, connection).map(Secrets)
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
