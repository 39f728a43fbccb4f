//! How a provider is called: by whoever asks for its answer, and in the journal.

use std::sync::Arc;

/// What a provider is known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Called {
    /// An upstream of the operator's catalog. Its name is for the journal, never for a caller.
    Upstream(Arc<str>),
    /// The gateway at the other end of a connection, by the connection's name, which its callers use themselves.
    Connection(String),
}

impl Called {
    /// Its name in the operator's catalog, where it has one.
    pub(crate) fn in_catalog(&self) -> Option<&Arc<str>> {
        match self {
            Called::Upstream(name) => Some(name),
            Called::Connection(_) => None,
        }
    }

    /// For the operator: `upstream …`, to stand behind `the`.
    pub(crate) fn for_journal(&self) -> String {
        match self {
            Called::Upstream(name) => format!("upstream `{name}`"),
            Called::Connection(name) => format!("connection `{name}`"),
        }
    }

    /// For a caller: `provider of …`, to stand behind `the`.
    pub(crate) fn for_caller(&self) -> String {
        match self {
            Called::Upstream(_) => "provider of this deployment".to_owned(),
            Called::Connection(name) => format!("gateway of the connection `{name}`"),
        }
    }

    /// How a caller finds out more, where one can; with a blank in front.
    pub(crate) fn hint(&self) -> String {
        match self {
            Called::Upstream(_) => String::new(),
            Called::Connection(name) => format!(" `cupola connection test {name}` says what is wrong."),
        }
    }
}
