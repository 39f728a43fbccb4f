//! Tokens of this tenant's identities for the other ends of connections, signed by the server's own issuer.

use arm::Scope;
use egress::Secret;
use gateway::{NoIdentityToken, Tokens};
use identity::{Audience, Issuer, Person, Subject, is_enabled};
use jiff::Timestamp;
use store::{DirectoryObject, World};
use uuid::Uuid;

/// What a token of a resource or an agent may be for though this server takes it too: inference, as API Management's own examples
/// check it, and a second account behind a connection asks for. What that identity may do here is what was assigned to it.
const OPEN: [Audience; 1] = [Audience::CognitiveServices];

/// Signs by an issuer.
pub struct IssuedTokens(pub Issuer);

impl IssuedTokens {
    /// A token that opens this server itself would let the other end act here in that name; `open` are the audiences that it may
    /// be for all the same.
    fn is_for_others(&self, audience: &str, open: &[Audience]) -> Result<(), NoIdentityToken> {
        match self.0.authority().resource(audience) {
            Some(own) if !open.contains(&own) => Err(NoIdentityToken::Ours { audience: audience.to_owned() }),
            _ => Ok(()),
        }
    }

    fn sign(&self, subject: &Subject, audience: &str, now: Timestamp) -> Result<Secret, NoIdentityToken> {
        let signed = self.0.issue(subject, audience, now);
        signed.map(Secret::new).map_err(|error| NoIdentityToken::Signing { reason: error.to_string() })
    }
}

impl Tokens for IssuedTokens {
    fn of_resource(
        &self,
        world: &World,
        resource: &Scope,
        audience: &str,
        now: Timestamp,
    ) -> Result<Secret, NoIdentityToken> {
        self.is_for_others(audience, &OPEN)?;
        self.sign(&subject_of(world, resource)?, audience, now)
    }

    fn of_principal(
        &self,
        world: &World,
        principal: Uuid,
        audience: &str,
        now: Timestamp,
    ) -> Result<Secret, NoIdentityToken> {
        self.is_for_others(audience, &OPEN)?;
        let object = enabled(world, principal)?;
        let subject = Subject::of_service_principal(object).ok_or(NoIdentityToken::Unknown { principal })?;
        self.sign(&subject, audience, now)
    }

    fn of_user(
        &self,
        world: &World,
        user: Uuid,
        through: &Scope,
        audience: &str,
        now: Timestamp,
    ) -> Result<Secret, NoIdentityToken> {
        self.is_for_others(audience, &[])?;
        let person = Person::of_user(enabled(world, user)?).ok_or(NoIdentityToken::NotAUser { principal: user })?;
        let client = subject_of(world, through)?.app_id;
        self.sign(&person.subject(client), audience, now)
    }
}

/// The identity that a resource has.
fn subject_of(world: &World, resource: &Scope) -> Result<Subject, NoIdentityToken> {
    let none = || NoIdentityToken::NoIdentity { resource: resource.clone() };
    let object = world.directory.managed_by(resource).ok_or_else(none)?;
    Subject::of_service_principal(enabled(world, object.id)?).ok_or_else(none)
}

/// Somebody who may sign in.
fn enabled(world: &World, principal: Uuid) -> Result<&DirectoryObject, NoIdentityToken> {
    let object = world.directory.object(principal).ok_or(NoIdentityToken::Unknown { principal })?;
    if is_enabled(object) { Ok(object) } else { Err(NoIdentityToken::Disabled { principal }) }
}
