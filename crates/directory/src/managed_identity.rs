//! Managed identities for programs on this machine: they ask without a secret of their own, as on a virtual machine (IMDS),
//! or with the one that their operator gave them, as in App Service.
//!
//! Whoever reaches the port is the identity, so it listens on the own machine alone, and only the identities that the
//! operator names answer.

mod answer;
mod caller;

use std::sync::Arc;

use access::{HandlerResult, PublicRequest, Routes, Verb};
use arm::Scope;
use identity::{Issuer, Subject, is_enabled};
use store::{Secret, World};
use uuid::Uuid;

use answer::{Form, Refused, Token};

/// The identities that answer on this machine.
pub struct ManagedIdentities {
    issuer: Issuer,
    /// The resources whose identities answer; the first where none is named.
    resources: Vec<Scope>,
    /// What a caller of the App Service form sends.
    header: Secret,
}

impl ManagedIdentities {
    /// The identities of `resources`, the first of which answers where a program names none; `header` is the secret of
    /// the App Service form.
    pub fn new(issuer: Issuer, resources: Vec<Scope>, header: Secret) -> ManagedIdentities {
        ManagedIdentities { issuer, resources, header }
    }
}

/// The routes of a listener that only this machine reaches; they are never mounted on the server's port.
pub fn managed_identity_routes(identities: Arc<ManagedIdentities>) -> Routes<ManagedIdentities> {
    const OWN_MACHINE: &str = "listens on the own machine alone, for the identities that the operator names";
    Routes::new(identities).public(Verb::Get, "/metadata/identity/oauth2/token", machine, OWN_MACHINE).public(
        Verb::Get,
        "/msi/token",
        app_service,
        OWN_MACHINE,
    )
}

async fn machine(identities: Arc<ManagedIdentities>, request: PublicRequest) -> HandlerResult {
    let told = caller::of_machine(&request).and_then(|()| token(&identities, &request));
    answer::reply(Form::Machine, &request, told)
}

async fn app_service(identities: Arc<ManagedIdentities>, request: PublicRequest) -> HandlerResult {
    let told = caller::of_app_service(&request, &identities.header).and_then(|()| token(&identities, &request));
    answer::reply(Form::AppService, &request, told)
}

fn token(identities: &ManagedIdentities, request: &PublicRequest) -> Result<Token, Refused> {
    let resource = request.query.get("resource").filter(|resource| !resource.is_empty());
    let resource = resource.ok_or(Refused::NoResource)?;
    if identities.issuer.authority().resource(resource).is_none() {
        return Err(Refused::UnknownResource(resource.to_owned()));
    }
    let subject = identities.selected(request)?;
    let issued = identities.issuer.issue(&subject, resource, request.now);
    let access_token = issued.map_err(|_signing| Refused::Internal)?;
    Ok(Token { access_token, subject, resource: resource.to_owned() })
}

/// The names of a resource's id in the two forms.
const RESOURCE_ID: [&str; 2] = ["mi_res_id", "msi_res_id"];

impl ManagedIdentities {
    /// The identity that a request names, among those that answer here.
    fn selected(&self, request: &PublicRequest) -> Result<Subject, Refused> {
        let value = |name: &str| request.query.get(name).filter(|value| !value.is_empty());
        let resource_id = RESOURCE_ID.iter().find_map(|name| value(name));
        let mut here = self.resources.iter().filter_map(|resource| subject(resource, &request.world));
        let found = match (value("client_id"), value("object_id"), resource_id) {
            (None, None, None) => self.resources.first().and_then(|first| subject(first, &request.world)),
            (Some(id), None, None) => {
                let id = Uuid::parse_str(id).ok();
                here.find(|subject| id == Some(subject.app_id))
            }
            (None, Some(id), None) => {
                let id = Uuid::parse_str(id).ok();
                here.find(|subject| id == Some(subject.oid))
            }
            (None, None, Some(id)) => {
                let id = Scope::parse(id).ok();
                let named = self.resources.iter().find(|resource| id.as_ref() == Some(*resource));
                named.and_then(|named| subject(named, &request.world))
            }
            _ => return Err(Refused::SeveralSelectors),
        };
        found.ok_or(Refused::NoIdentity)
    }
}

/// The identity of a resource, if it has one that may sign in.
fn subject(resource: &Scope, world: &World) -> Option<Subject> {
    let object = world.directory.managed_by(resource).filter(|object| is_enabled(object))?;
    Subject::of_service_principal(object)
}
