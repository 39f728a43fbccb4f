//! Azure OpenAI: dated routes with a deployment in the path, or its v1 routes; a key or a token.

use egress::{AzureIdentity, Egress, EgressError, KeptToken, Secret, SecretHeader, SecretSource, Target};
use resources::model_catalog::{
    AZURE_AUDIENCE, AZURE_AUTHORITY, ClientSecret, SecretPlace, Upstream, UpstreamCredential,
};

use super::Proof;
use super::key::Key;
use crate::protocol::Protocol;

/// The header of a key.
const KEY_HEADER: &str = "api-key";

/// Where it is, and what it is shown.
pub(super) struct Endpoint {
    base: Target,
    api_version: Option<String>,
    has_responses: bool,
    shown: Shown,
}

enum Shown {
    Key(Key),
    Token(Box<KeptToken>),
}

impl Endpoint {
    pub(super) fn open(written: &Upstream, egress: &Egress) -> Result<Endpoint, EgressError> {
        let base = egress.target(&written.base_url)?.join(&["openai"]);
        let header = written.header.as_deref().unwrap_or(KEY_HEADER);
        let key = |source: SecretSource| Key::open(&source, header, egress).map(Shown::Key);
        let token = |identity: AzureIdentity, audience: &Option<String>| {
            let audience = audience.as_deref().unwrap_or(AZURE_AUDIENCE);
            KeptToken::of_azure(egress, identity, audience).map(|tokens| Shown::Token(Box::new(tokens)))
        };
        let shown = match &written.credential {
            Some(UpstreamCredential::Env(name)) => key(SecretSource::Env(name.clone()))?,
            Some(UpstreamCredential::File(path)) => key(SecretSource::File(path.clone()))?,
            Some(UpstreamCredential::ClientSecret(client)) => token(application(client, egress)?, &client.audience)?,
            Some(UpstreamCredential::HostIdentity(host)) => {
                token(AzureIdentity::Host { client_id: host.client_id.clone() }, &host.audience)?
            }
            // The catalog demands a credential for this kind.
            None => return Err(egress::CredentialError::Empty.into()),
        };
        let has_responses = written.responses.unwrap_or(true);
        Ok(Endpoint { base, api_version: written.api_version.clone(), has_responses, shown })
    }

    /// A dated route names the deployment in its path, but for responses; the v1 routes read it from the body.
    pub(super) fn target(&self, protocol: Protocol, deployment: &str) -> Option<Target> {
        let path = protocol.path();
        match (protocol, &self.api_version) {
            (Protocol::Messages, _) => None,
            (Protocol::Responses, _) if !self.has_responses => None,
            (_, None) => Some(self.base.join(&["v1"]).join(path)),
            (Protocol::Responses, Some(version)) => Some(self.base.join(path).with_query("api-version", version)),
            (_, Some(version)) => {
                Some(self.base.join(&["deployments", deployment]).join(path).with_query("api-version", version))
            }
        }
    }

    pub(super) async fn proof(&self) -> Result<Proof, EgressError> {
        match &self.shown {
            Shown::Key(key) => key.proof(),
            // It may have to be asked for first.
            Shown::Token(tokens) => of_token(Box::pin(tokens.current()).await?),
        }
    }

    /// Another token than the one that was refused; `None` for keys, and where there is none.
    pub(super) async fn renewed(&self, refused: &Secret) -> Option<Proof> {
        let Shown::Token(tokens) = &self.shown else { return None };
        let renewed = tokens.renewed(refused).await.and_then(of_token);
        renewed.inspect_err(|error| tracing::warn!(%error, "a refused token could not be renewed")).ok()
    }
}

fn of_token(secret: Secret) -> Result<Proof, EgressError> {
    Ok(Proof { header: SecretHeader::bearer(&secret)?, secret })
}

fn application(client: &ClientSecret, egress: &Egress) -> Result<AzureIdentity, EgressError> {
    let authority = egress.target(client.authority.as_deref().unwrap_or(AZURE_AUTHORITY))?;
    let source = match &client.secret {
        SecretPlace::Env(name) => SecretSource::Env(name.clone()),
        SecretPlace::File(path) => SecretSource::File(path.clone()),
    };
    Ok(AzureIdentity::Client {
        authority: authority.join(&[&client.tenant_id]),
        client_id: client.client_id.clone(),
        secret: egress.credential(&source)?,
    })
}
