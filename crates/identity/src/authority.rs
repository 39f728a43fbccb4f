//! The authority: the public names of this server, from configuration and never from a request.

use std::sync::Arc;

use uuid::Uuid;

/// A resource that a token can be for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    /// The control plane.
    Arm,
    /// The directory, Microsoft Graph's shape.
    Graph,
    /// Account inference.
    CognitiveServices,
    /// Account inference and the project API.
    Foundry,
    /// Account inference by the older Azure AI clients.
    MachineLearning,
}

/// The names that clients ask for, fixed by the cloud that the clients were built for.
const PUBLIC_NAMES: [(Audience, &str); 6] = [
    (Audience::Arm, "https://management.azure.com"),
    (Audience::Arm, "https://management.core.windows.net"),
    (Audience::Graph, "https://graph.microsoft.com"),
    (Audience::CognitiveServices, "https://cognitiveservices.azure.com"),
    (Audience::Foundry, "https://ai.azure.com"),
    (Audience::MachineLearning, "https://ml.azure.com"),
];

/// The public URL and the tenant, from which issuer, endpoints and audiences follow.
#[derive(Clone, Debug)]
pub struct Authority {
    public_url: Arc<str>,
    tenant: Uuid,
}

impl Authority {
    /// `public_url` is the configured one, such as `https://localhost:8443`; trailing slashes are dropped.
    pub fn new(public_url: &str, tenant: Uuid) -> Authority {
        Authority { public_url: public_url.trim_end_matches('/').into(), tenant }
    }

    /// The public URL, without a trailing slash.
    pub fn public_url(&self) -> &str {
        &self.public_url
    }

    /// The tenant that this authority speaks for.
    pub fn tenant(&self) -> Uuid {
        self.tenant
    }

    /// The `iss` of every token issued here.
    pub fn issuer(&self) -> String {
        format!("{}/{}/v2.0", self.public_url, self.tenant)
    }

    /// Where tokens are asked for.
    pub fn token_endpoint(&self) -> String {
        format!("{}/{}/oauth2/v2.0/token", self.public_url, self.tenant)
    }

    /// Where a browser would sign in.
    pub fn authorization_endpoint(&self) -> String {
        format!("{}/{}/oauth2/v2.0/authorize", self.public_url, self.tenant)
    }

    /// Where a device without a browser would sign in.
    pub fn device_authorization_endpoint(&self) -> String {
        format!("{}/{}/oauth2/v2.0/devicecode", self.public_url, self.tenant)
    }

    /// Where a person enters the code that a device shows.
    pub fn verification_uri(&self) -> String {
        format!("{}/devicecode", self.public_url)
    }

    /// Where the public keys are.
    pub fn jwks_uri(&self) -> String {
        format!("{}/{}/discovery/v2.0/keys", self.public_url, self.tenant)
    }

    /// The audience of the control plane as `az cloud register` learns it.
    pub fn arm_resource(&self) -> String {
        format!("{}/arm", self.public_url)
    }

    /// The audience that `resource` names; a scope is a resource with `/.default` behind it, trailing slashes do not matter.
    pub fn resource(&self, resource: &str) -> Option<Audience> {
        let name = resource.strip_suffix("/.default").unwrap_or(resource).trim_end_matches('/');
        // The names that most tokens have come first, and cost no text.
        let public = PUBLIC_NAMES.iter().find(|(_, known)| name.eq_ignore_ascii_case(known));
        if let Some((audience, _)) = public {
            return Some(*audience);
        }
        if name.eq_ignore_ascii_case(&self.public_url) {
            return Some(Audience::Graph);
        }
        name.eq_ignore_ascii_case(&self.arm_resource()).then_some(Audience::Arm)
    }

    /// The name under which messages speak of an audience.
    pub fn name_of(&self, audience: Audience) -> String {
        match audience {
            Audience::Arm => self.arm_resource(),
            Audience::Graph => self.public_url.to_string(),
            Audience::CognitiveServices => "https://cognitiveservices.azure.com".to_owned(),
            Audience::Foundry => "https://ai.azure.com".to_owned(),
            Audience::MachineLearning => "https://ml.azure.com".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
