//! Tokens for Azure: those of the machine this process runs on, and those of an application with a client secret.

use http::HeaderValue;
use http::header::HeaderName;

use crate::client::Egress;
use crate::credential::{Credential, CredentialError};
use crate::error::EgressError;
use crate::kept_token::{Ask, ClientGrant};
use crate::target::{Origin, Target};

/// Where a virtual machine asks for its own token; `AZURE_POD_IDENTITY_AUTHORITY_HOST` names another place, as for the Azure SDKs.
const IMDS: &str = "http://169.254.169.254";
const IMDS_VARIABLE: &str = "AZURE_POD_IDENTITY_AUTHORITY_HOST";
const IMDS_PATH: [&str; 4] = ["metadata", "identity", "oauth2", "token"];
const IMDS_VERSION: &str = "2018-02-01";
/// Where an App Service, a Function or a Container App asks.
const APP_SERVICE_VARIABLE: &str = "IDENTITY_ENDPOINT";
const APP_SERVICE_SECRET_VARIABLE: &str = "IDENTITY_HEADER";
const APP_SERVICE_VERSION: &str = "2019-08-01";

/// Who asks for tokens.
pub enum AzureIdentity {
    /// The machine's managed identity; with a client id, one of several.
    Host {
        /// The client id of a user-assigned identity.
        client_id: Option<String>,
    },
    /// An application, by its client secret.
    Client {
        /// The authority with the tenant, such as `https://login.microsoftonline.com/{tenant}`.
        authority: Target,
        /// The application's client id.
        client_id: String,
        /// Its secret.
        secret: Credential,
    },
}

/// Who is asked for the tokens of `identity`, and the way there.
pub(crate) fn ask(egress: &Egress, identity: AzureIdentity, audience: &str) -> Result<(Egress, Ask), EgressError> {
    match identity {
        AzureIdentity::Host { client_id } => of_host(egress, client_id.as_deref(), audience),
        AzureIdentity::Client { authority, client_id, secret } => {
            let token_url = authority.join(&["oauth2", "v2.0", "token"]);
            let scope = format!("{audience}/.default");
            Ok((egress.clone(), Ask::Client(ClientGrant { token_url, client_id, secret, scope })))
        }
    }
}

/// The machine's endpoint: an App Service names its own, else it is the metadata address.
fn of_host(egress: &Egress, client_id: Option<&str>, audience: &str) -> Result<(Egress, Ask), EgressError> {
    let app_service = egress.variable(APP_SERVICE_VARIABLE).zip(egress.variable(APP_SERVICE_SECRET_VARIABLE));
    let (target, version, header, value) = match app_service {
        Some((endpoint, secret)) => {
            let mut value = HeaderValue::from_str(&secret).map_err(|_| CredentialError::NotPrintable)?;
            value.set_sensitive(true);
            (Target::parse(&endpoint)?, APP_SERVICE_VERSION, HeaderName::from_static("x-identity-header"), value)
        }
        None => {
            let host = egress.variable(IMDS_VARIABLE).unwrap_or_else(|| IMDS.to_owned());
            let target = Target::parse(&host)?.join(&IMDS_PATH);
            (target, IMDS_VERSION, HeaderName::from_static("metadata"), HeaderValue::from_static("true"))
        }
    };
    let mut target = target.with_query("api-version", version).with_query("resource", audience);
    if let Some(client_id) = client_id {
        target = target.with_query("client_id", client_id);
    }
    // This one place may be asked though it is in a metadata range, and this client can ask nothing else.
    Ok((egress.only(Origin::clone(&target.origin)), Ask::Host { target, header, value }))
}
