//! The headers that tell where an answer comes from.

use access::Reply;
use http::{HeaderName, HeaderValue};

static X_MS_DEPLOYMENT_NAME: HeaderName = HeaderName::from_static("x-ms-deployment-name");
static X_MS_REGION: HeaderName = HeaderName::from_static("x-ms-region");

/// Deployment and region; what a header cannot carry is left out.
pub(crate) struct Head {
    deployment: Option<HeaderValue>,
    region: Option<HeaderValue>,
}

impl Head {
    /// Of a deployment, and its account's location.
    pub(crate) fn new(deployment: &str, region: Option<&str>) -> Head {
        let value = |text: &str| HeaderValue::from_str(text).ok();
        Head { deployment: value(deployment), region: region.and_then(value) }
    }

    /// Puts the headers on a reply.
    pub(crate) fn on(&self, reply: Reply) -> Reply {
        let headers = [(&X_MS_DEPLOYMENT_NAME, &self.deployment), (&X_MS_REGION, &self.region)];
        headers.into_iter().fold(reply, |reply, (name, value)| match value {
            Some(value) => reply.with_ready(name, value.clone()),
            None => reply,
        })
    }
}
