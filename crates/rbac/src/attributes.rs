//! What conditions may read about a request.

use std::collections::BTreeMap;

/// Values by attribute name, for each of the four sources. Names are compared without case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// `@Request[…]`: what the body asks for.
    pub request: BTreeMap<String, Vec<String>>,
    /// `@Resource[…]`: what the target is.
    pub resource: BTreeMap<String, Vec<String>>,
    /// `@Principal[…]`: custom security attributes of the caller.
    pub principal: BTreeMap<String, Vec<String>>,
    /// `@Environment[…]`: the time (`UtcNow`), the network.
    pub environment: BTreeMap<String, Vec<String>>,
}

impl Attributes {
    /// Nothing to read: every comparison fails to decide.
    pub fn none() -> Attributes {
        Attributes::default()
    }

    /// Adds one `@Request` value.
    #[must_use]
    pub fn with_request(mut self, name: &str, value: impl Into<String>) -> Attributes {
        self.request.entry(name.to_owned()).or_default().push(value.into());
        self
    }

    /// Adds one `@Resource` value.
    #[must_use]
    pub fn with_resource(mut self, name: &str, value: impl Into<String>) -> Attributes {
        self.resource.entry(name.to_owned()).or_default().push(value.into());
        self
    }
}
