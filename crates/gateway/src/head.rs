//! The headers that tell where an answer comes from.

use access::Reply;

/// Deployment and region.
#[derive(Clone)]
pub(crate) struct Head {
    /// The deployment.
    pub(crate) deployment: String,
    /// The account's location.
    pub(crate) region: Option<String>,
}

impl Head {
    /// Puts the headers on a reply.
    pub(crate) fn on(&self, reply: Reply) -> Reply {
        let reply = reply.with_header("x-ms-deployment-name", &self.deployment);
        match &self.region {
            Some(region) => reply.with_header("x-ms-region", region),
            None => reply,
        }
    }
}
