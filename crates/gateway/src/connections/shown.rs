//! What a connection shows at its other end.

use egress::{ClientGrant, Credential, CredentialError, Egress, EgressError, KeptToken, Secret, SecretHeader};
use resources::connections::{GatewayAuth, GatewayConnection};

use super::secrets::Secrets;
use crate::upstream::Proof;

/// The members of a connection's credentials that hold secrets.
const KEY: &str = "key";
const CLIENT_SECRET: &str = "clientSecret";

/// What is shown, ready to be shown.
pub(crate) enum Shown {
    /// A key, in the header and the form that the gateway wants.
    Key(Proof),
    /// A token by client credentials, kept while it is good.
    Client(Box<KeptToken>),
    /// A token of an identity of this tenant, made for each request.
    Identity(Whose, String),
}

/// Of whom a token of this tenant is; with it goes the audience.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// Of the project.
    Project,
    /// Of the agent that asks.
    Agent,
    /// Of the user who asks, or for whom is asked.
    User,
}

impl Shown {
    /// Reads what a connection shows. A secret that is not there, or cannot stand in its header, is an error.
    pub(super) fn open(written: &GatewayConnection, secrets: &Secrets, egress: &Egress) -> Result<Shown, EgressError> {
        let secret = |member: &str| secrets.get(member).ok_or(EgressError::Credential(CredentialError::Empty));
        Ok(match &written.auth {
            GatewayAuth::ApiKey => {
                let secret = secret(KEY)?;
                Shown::Key(key(&written.key_header, &written.key_format, secret)?)
            }
            GatewayAuth::OAuth2 { client_id, token_url, scopes } => {
                let grant = ClientGrant {
                    token_url: egress.exact_target(token_url)?,
                    client_id: client_id.clone(),
                    secret: Credential::from(secret(CLIENT_SECRET)?),
                    scope: scopes.join(" "),
                };
                Shown::Client(Box::new(KeptToken::of_client(egress, grant)))
            }
            GatewayAuth::ProjectIdentity { audience } => Shown::Identity(Whose::Project, audience.clone()),
            GatewayAuth::AgentIdentity { audience } => Shown::Identity(Whose::Agent, audience.clone()),
            GatewayAuth::UserPassthrough { audience } => Shown::Identity(Whose::User, audience.clone()),
        })
    }

    /// As the journal calls it: the connection's `authType`.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Shown::Key(_) => "ApiKey",
            Shown::Client(_) => "OAuth2",
            Shown::Identity(Whose::Project, _) => "ProjectManagedIdentity",
            Shown::Identity(Whose::Agent, _) => "AgenticIdentityToken",
            Shown::Identity(Whose::User, _) => "UserEntraToken",
        }
    }

    /// The proof for one request; `token` is the identity's, where one is shown.
    pub(super) async fn proof(&self, token: Option<&Secret>) -> Result<Proof, EgressError> {
        match self {
            Shown::Key(proof) => Ok(proof.clone()),
            Shown::Client(kept) => bearer(kept.current().await?),
            Shown::Identity(..) => {
                let none = || EgressError::NoToken { reason: "no identity was chosen for this request".to_owned() };
                bearer(token.cloned().ok_or_else(none)?)
            }
        }
    }

    /// Another proof than the one that was refused; `None` where there is none.
    pub(super) async fn renewed(&self, refused: &Secret) -> Option<Proof> {
        let Shown::Client(kept) = self else { return None };
        let renewed = kept.renewed(refused).await.and_then(bearer);
        renewed.inspect_err(|error| tracing::warn!(%error, "a refused token could not be renewed")).ok()
    }
}

/// A key in its header.
pub(super) fn key(header: &str, format: &str, secret: Secret) -> Result<Proof, EgressError> {
    Ok(Proof { header: SecretHeader::formatted(header, format, &secret)?, secret })
}

fn bearer(secret: Secret) -> Result<Proof, EgressError> {
    Ok(Proof { header: SecretHeader::bearer(&secret)?, secret })
}
