//! What can go wrong on the way out.

use std::path::PathBuf;

use crate::credential::CredentialError;
use crate::guard::Refused;
use crate::outgoing::HeaderError;

/// Why a request was not answered. Its text is for the operator: it may name hosts that a caller must not learn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EgressError {
    /// The guard does not let it go there.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The name has no address.
    #[error("`{origin}` cannot be resolved: {reason}")]
    Unresolved {
        /// Scheme, host and port.
        origin: String,
        /// The resolver's words.
        reason: String,
    },
    /// No connection, or no TLS.
    #[error("`{origin}` cannot be reached: {reason}")]
    Unreachable {
        /// Scheme, host and port.
        origin: String,
        /// What failed.
        reason: String,
    },
    /// It took too long.
    #[error("no {what} within {limit_ms} ms")]
    TimedOut {
        /// What was waited for.
        what: &'static str,
        /// How long, milliseconds.
        limit_ms: u64,
    },
    /// The other end broke the protocol, or went away in the middle.
    #[error("the connection broke: {reason}")]
    Broken {
        /// What happened.
        reason: String,
    },
    /// A body beyond its limit.
    #[error("the answer is larger than the limit of {limit_bytes} bytes")]
    TooLarge {
        /// The limit, bytes.
        limit_bytes: usize,
    },
    /// The answer is in a form that is not taken.
    #[error("the answer is not accepted: {reason}")]
    NotAccepted {
        /// What is wrong with it.
        reason: String,
    },
    /// The secret for it is not to be had.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// A header of our own that is not sent.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// The token endpoint gave no token.
    #[error("no token: {reason}")]
    NoToken {
        /// What it answered.
        reason: String,
    },
}

/// Why the way out cannot be opened as configured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// A line of `egress.allowed_targets`.
    #[error("`{given}` in `egress.allowed_targets`: {reason}")]
    Target {
        /// The line.
        given: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A line of `egress.allowed_domains`.
    #[error(
        "`{given}` in `egress.allowed_domains` is not a domain; give it as `api.openai.com` or `*.openai.azure.com`"
    )]
    Domain {
        /// The line.
        given: String,
    },
    /// A file of certificates.
    #[error("the certificates `{path}` cannot be used: {reason}")]
    Certificates {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// TLS itself.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}
