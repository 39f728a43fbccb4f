//! What conditions may read about a request.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, OnceLock};

use jiff::Timestamp;

/// Values by attribute name. Names are compared without case.
pub type Values = BTreeMap<String, Vec<String>>;

/// The name of the environment's time.
const UTC_NOW: &str = "UtcNow";
/// The name of the environment's private link.
const IS_PRIVATE_LINK: &str = "isPrivateLink";
/// There are no private links, so that no request comes by one.
static NOT_BY_PRIVATE_LINK: LazyLock<[String; 1]> = LazyLock::new(|| ["false".to_owned()]);

/// The values of each of the four sources. Made for every request, so that it costs nothing until a condition reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// `@Request[…]`: what the body asks for.
    pub request: Values,
    /// `@Resource[…]`: what the target is.
    pub resource: Values,
    /// `@Principal[…]`: custom security attributes of the caller, shared with the directory; `None` where there are none.
    pub principal: Option<Arc<Values>>,
    /// `@Environment[…]`: the time, the network.
    pub environment: Environment,
}

/// What conditions may read about when and from where a request comes.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    now: Option<Timestamp>,
    /// Text is made of the time when a condition first reads it.
    utc_now: OnceLock<[String; 1]>,
    /// Said by hand, which goes before what is known.
    given: Values,
}

impl Environment {
    /// Of a request at this time: `UtcNow`, and `isPrivateLink`, which is false.
    pub fn at(now: Timestamp) -> Environment {
        Environment { now: Some(now), ..Environment::default() }
    }

    fn get(&self, is_meant: impl Fn(&str) -> bool) -> Option<&[String]> {
        if let Some(given) = find(&self.given, &is_meant) {
            return Some(given);
        }
        let now = self.now?;
        if is_meant(UTC_NOW) {
            return Some(self.utc_now.get_or_init(|| [now.to_string()]).as_slice());
        }
        is_meant(IS_PRIVATE_LINK).then(|| NOT_BY_PRIVATE_LINK.as_slice())
    }
}

/// An environment of which only this is known.
impl From<Values> for Environment {
    fn from(given: Values) -> Environment {
        Environment { given, ..Environment::default() }
    }
}

/// Whether the time was read yet makes no difference.
impl PartialEq for Environment {
    fn eq(&self, other: &Environment) -> bool {
        (self.now, &self.given) == (other.now, &other.given)
    }
}

impl Eq for Environment {}

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

    /// The custom security attributes of the caller, if there are any.
    #[must_use]
    pub fn with_principal(mut self, values: Option<Arc<Values>>) -> Attributes {
        self.principal = values;
        self
    }

    /// The time of the request; what was said of the environment by hand stays.
    #[must_use]
    pub fn with_now(mut self, now: Timestamp) -> Attributes {
        let given = std::mem::take(&mut self.environment.given);
        self.environment = Environment { given, ..Environment::at(now) };
        self
    }

    /// The values of the `@Request[…]` attribute whose name is meant; `None` where it has none. So are the other three.
    pub(crate) fn of_request(&self, is_meant: impl Fn(&str) -> bool) -> Option<&[String]> {
        find(&self.request, is_meant)
    }

    /// The values of a `@Resource[…]` attribute.
    pub(crate) fn of_resource(&self, is_meant: impl Fn(&str) -> bool) -> Option<&[String]> {
        find(&self.resource, is_meant)
    }

    /// The values of a `@Principal[…]` attribute.
    pub(crate) fn of_principal(&self, is_meant: impl Fn(&str) -> bool) -> Option<&[String]> {
        find(self.principal.as_deref()?, is_meant)
    }

    /// The values of an `@Environment[…]` attribute.
    pub(crate) fn of_environment(&self, is_meant: impl Fn(&str) -> bool) -> Option<&[String]> {
        self.environment.get(is_meant)
    }
}

fn find(known: &Values, is_meant: impl Fn(&str) -> bool) -> Option<&[String]> {
    let (_, values) = known.iter().find(|(name, _)| is_meant(name))?;
    Some(values.as_slice()).filter(|values| !values.is_empty())
}

#[cfg(test)]
mod tests;
