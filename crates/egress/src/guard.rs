//! Where requests may go: what the operator listed, and else only public hosts over https.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::address::{Reach, reach};
use crate::error::{EgressError, SetupError};
use crate::resolver::Resolve;
use crate::target::{Host, Origin, Target};

/// Names by which machines ask their cloud for their own credentials.
const METADATA_NAMES: [&str; 3] = ["metadata.google.internal", "metadata.goog", "instance-data"];
/// Names that no public resolver knows: whoever writes them means a host of their own.
const LOCAL_SUFFIXES: [&str; 7] = [".localhost", ".internal", ".local", ".home.arpa", ".intranet", ".lan", ".corp"];

/// Why a target is not asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Not a URL that can be read in one way.
    #[error("the URL is not accepted: {0}")]
    Form(&'static str),
    /// It needs the operator's word.
    #[error("`{origin}` is {what}; the operator must list it in `egress.allowed_targets`")]
    NotListed {
        /// Scheme, host and port.
        origin: String,
        /// What makes it need a listing.
        what: &'static str,
    },
    /// The operator restricts public hosts, and this is none of them.
    #[error("`{origin}` is not in `egress.allowed_domains`")]
    Domain {
        /// Scheme, host and port.
        origin: String,
    },
    /// No listing can admit it.
    #[error("`{origin}` is a link-local, metadata or reserved address, which is never asked")]
    Never {
        /// Scheme, host and port.
        origin: String,
    },
}

impl Refused {
    pub(crate) fn form(reason: &'static str) -> Refused {
        Refused::Form(reason)
    }

    fn not_listed(origin: &Origin, what: &'static str) -> Refused {
        Refused::NotListed { origin: origin.to_string(), what }
    }

    fn never(origin: &Origin) -> Refused {
        Refused::Never { origin: origin.to_string() }
    }
}

/// One line of `egress.allowed_domains`.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Domain {
    /// `api.openai.com`
    Exactly(String),
    /// `*.openai.azure.com`: any host below. Kept with its leading dot.
    Below(String),
}

impl Domain {
    fn parse(text: &str) -> Result<Domain, SetupError> {
        let (bare, is_below) = text.strip_prefix("*.").map_or((text, false), |rest| (rest, true));
        let name = bare.to_ascii_lowercase();
        let is_name = Target::parse(&format!("https://{bare}"))
            .is_ok_and(|target| target.origin.host == Host::Name(name.clone()));
        match (is_name, is_below) {
            (false, _) => Err(SetupError::Domain { given: text.to_owned() }),
            (true, true) => Ok(Domain::Below(format!(".{name}"))),
            (true, false) => Ok(Domain::Exactly(name)),
        }
    }

    fn covers(&self, host: &str) -> bool {
        match self {
            Domain::Exactly(name) => host == name,
            Domain::Below(suffix) => host.ends_with(suffix.as_str()),
        }
    }
}

/// One line of `egress.allowed_targets`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Listing {
    origin: Origin,
    /// `http://127.0.0.1:*`: whatever the port.
    any_port: bool,
}

impl Listing {
    /// Reads `scheme://host`, `scheme://host:port` or `scheme://host:*`.
    fn parse(text: &str) -> Result<Listing, SetupError> {
        let wrong = |reason: String| SetupError::Target { given: text.to_owned(), reason };
        let (bare, any_port) = text.strip_suffix(":*").map_or((text, false), |bare| (bare, true));
        let target = Target::parse(bare).map_err(|error| wrong(error.to_string()))?;
        if target.to_string() != target.origin.to_string() {
            return Err(wrong("give scheme, host and port alone".to_owned()));
        }
        let host = bare.rsplit('/').next().unwrap_or_default();
        if any_port && host.contains(':') && !host.ends_with(']') {
            return Err(wrong("give one port, or `*`".to_owned()));
        }
        never_by_name(&target.origin).map_err(|error| wrong(error.to_string()))?;
        Ok(Listing { origin: Origin::clone(&target.origin), any_port })
    }

    fn admits(&self, origin: &Origin) -> bool {
        let Origin { is_https, host, port } = &self.origin;
        *is_https == origin.is_https && *host == origin.host && (self.any_port || *port == origin.port)
    }
}

/// What is admitted at all.
enum Rules {
    /// What the operator listed, and public hosts: all, or those of some domains.
    Governed { listed: Vec<Listing>, domains: Option<Vec<Domain>> },
    /// This one origin, wherever it is: the token endpoint of the machine itself, which is found in a metadata range.
    Only(Origin),
}

/// The rules, and who resolves names for them.
pub(crate) struct Guard {
    rules: Rules,
    resolver: Arc<dyn Resolve>,
}

impl Guard {
    /// The operator's rules. A listing of what is never admitted is an error: it would be silently without effect.
    pub(crate) fn new(
        allowed_targets: &[String],
        allowed_domains: Option<&[String]>,
        resolver: Arc<dyn Resolve>,
    ) -> Result<Guard, SetupError> {
        let listed = allowed_targets.iter().map(|text| Listing::parse(text)).collect::<Result<_, _>>()?;
        let domains = allowed_domains
            .map(|domains| domains.iter().map(|text| Domain::parse(text)).collect::<Result<_, _>>())
            .transpose()?;
        Ok(Guard { rules: Rules::Governed { listed, domains }, resolver })
    }

    /// Admits one origin and nothing else.
    pub(crate) fn only(origin: Origin, resolver: Arc<dyn Resolve>) -> Guard {
        Guard { rules: Rules::Only(origin), resolver }
    }

    /// What can be said without asking a resolver.
    pub(crate) fn admit(&self, origin: &Origin) -> Result<(), Refused> {
        let Rules::Governed { domains, .. } = &self.rules else {
            return self.only_this(origin);
        };
        never_by_name(origin)?;
        if self.is_listed(origin) {
            return Ok(());
        }
        if !origin.is_https {
            return Err(Refused::not_listed(origin, "plain http"));
        }
        let local = match &origin.host {
            Host::Address(address) => reach(*address) != Reach::Global,
            Host::Name(name) => !name.contains('.') || LOCAL_SUFFIXES.iter().any(|suffix| name.ends_with(suffix)),
        };
        if local {
            return Err(Refused::not_listed(origin, "a loopback or private host"));
        }
        let is_covered = |domains: &Vec<Domain>| match &origin.host {
            Host::Name(name) => domains.iter().any(|domain| domain.covers(name)),
            Host::Address(_) => false,
        };
        if domains.as_ref().is_none_or(is_covered) {
            Ok(())
        } else {
            Err(Refused::Domain { origin: origin.to_string() })
        }
    }

    /// The addresses to connect to, every one of them checked. One bad address refuses the whole answer: a name that is both public
    /// and private is a trap, not a spare.
    pub(crate) async fn resolve(&self, origin: &Origin) -> Result<Vec<SocketAddr>, EgressError> {
        self.admit(origin)?;
        let found = match &origin.host {
            Host::Address(address) => vec![SocketAddr::new(*address, origin.port)],
            Host::Name(name) => {
                let answer = self.resolver.resolve(name, origin.port).await;
                let unknown = |reason: String| EgressError::Unresolved { origin: origin.to_string(), reason };
                let found = answer.map_err(|error| unknown(error.to_string()))?;
                if found.is_empty() {
                    return Err(unknown("it has no address".to_owned()));
                }
                found
            }
        };
        for address in &found {
            self.check_address(origin, address)?;
        }
        // The resolver does not choose the port.
        Ok(found.into_iter().map(|address| SocketAddr::new(address.ip(), origin.port)).collect())
    }

    fn check_address(&self, origin: &Origin, address: &SocketAddr) -> Result<(), Refused> {
        if matches!(self.rules, Rules::Only(_)) {
            return Ok(());
        }
        match reach(address.ip()) {
            Reach::Global => Ok(()),
            Reach::Local if self.is_listed(origin) => Ok(()),
            Reach::Local => Err(Refused::not_listed(origin, "at a loopback or private address")),
            Reach::Never => Err(Refused::never(origin)),
        }
    }

    fn is_listed(&self, origin: &Origin) -> bool {
        matches!(&self.rules, Rules::Governed { listed, .. } if listed.iter().any(|listing| listing.admits(origin)))
    }

    fn only_this(&self, origin: &Origin) -> Result<(), Refused> {
        match &self.rules {
            Rules::Only(one) if one == origin => Ok(()),
            _ => Err(Refused::not_listed(origin, "not the token endpoint of this machine")),
        }
    }
}

/// What no listing admits, as far as its text tells.
fn never_by_name(origin: &Origin) -> Result<(), Refused> {
    let is_never = match &origin.host {
        Host::Address(address) => reach(*address) == Reach::Never,
        Host::Name(name) => METADATA_NAMES.contains(&name.as_str()),
    };
    if is_never { Err(Refused::never(origin)) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
