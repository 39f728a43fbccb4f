//! Which application a person signs in to.

use std::sync::Arc;

use identity::is_enabled;
use serde_json::Value;
use store::{DirectoryObject, ObjectKind, World};
use uuid::Uuid;

use super::redirect::{self, Redirect};
use crate::token::OAuthError;

/// The public client that `az` and the Azure SDKs are built with.
const AZURE_CLI: Uuid = Uuid::from_u128(0x04b07795_8ddb_461a_bbee_02f9e1bf7b46);
/// As Entra's pages call it.
const AZURE_CLI_NAME: &str = "Microsoft Azure CLI";

/// An application that may sign people in.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    /// The application id.
    pub(crate) app_id: Uuid,
    /// The name that people see.
    pub(crate) name: String,
    /// The application, where it is one of the directory's own.
    application: Option<Arc<DirectoryObject>>,
}

impl Client {
    /// The client of this id: a known public one, or an application with a principal that may act here.
    pub(crate) fn find(client_id: &str, world: &World) -> Result<Client, OAuthError> {
        let unknown = || OAuthError::UnknownClient { client: client_id.to_owned() };
        let app_id = Uuid::parse_str(client_id).map_err(|_| unknown())?;
        if app_id == AZURE_CLI {
            return Ok(Client { app_id, name: AZURE_CLI_NAME.to_owned(), application: None });
        }
        let application = world.directory.by_app_id(app_id, ObjectKind::Application).ok_or_else(unknown)?;
        let principal = world.directory.by_app_id(app_id, ObjectKind::ServicePrincipal);
        let principal = principal.ok_or(OAuthError::NoServicePrincipal { client: app_id })?;
        if !is_enabled(principal) {
            return Err(OAuthError::Disabled { client: app_id });
        }
        let name = application.display_name.clone();
        Ok(Client { app_id, name, application: Some(Arc::clone(application)) })
    }

    /// Whether it is an application of the directory, which can have a secret.
    pub(crate) fn is_registered(&self) -> bool {
        self.application.is_some()
    }

    /// Whether it may act without proving itself, since it runs where no secret can be kept.
    pub(crate) fn is_public(&self) -> bool {
        let Some(application) = &self.application else { return true };
        application.properties.get("isFallbackPublicClient") == Some(&Value::Bool(true))
            || self.registered("publicClient").next().is_some()
    }

    /// The place that a code may be sent to, if `uri` is one of this client's.
    pub(crate) fn redirect(&self, uri: &str) -> Option<Redirect> {
        let needs_secret = if self.application.is_none() {
            redirect::is_bare_loopback(uri).then_some(false)
        } else if self.registered("publicClient").any(|known| redirect::matches(known, uri)) {
            Some(false)
        } else {
            self.registered("web").any(|known| redirect::matches(known, uri)).then_some(true)
        };
        needs_secret.map(|needs_secret| Redirect { uri: uri.to_owned(), needs_secret })
    }

    fn registered(&self, platform: &str) -> impl Iterator<Item = &str> {
        let properties = self.application.as_ref().and_then(|application| application.properties.get(platform));
        let uris = properties.and_then(|platform| platform.get("redirectUris")).and_then(Value::as_array);
        uris.into_iter().flatten().filter_map(Value::as_str)
    }
}
