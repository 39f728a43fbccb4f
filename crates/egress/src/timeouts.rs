//! How long is waited, and how much is taken, each with its reason.

use std::time::Duration;

/// From a name to an encrypted connection: a few round trips around the world.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// One address of several: a dead one must leave time for the next.
pub(crate) const CONNECT_ATTEMPT_TIMEOUT: Duration = Duration::from_secs(4);
/// Until the head of the answer: whole answers come only when a model has thought to its end, and the OpenAI clients wait as long.
const FIRST_BYTE_TIMEOUT: Duration = Duration::from_secs(600);
/// Between two pieces of a body: reasoning models are silent for minutes, a dead connection for ever.
const IDLE_TIMEOUT: Duration = Duration::from_secs(300);
/// An idle connection is kept for this long: shorter than what servers and load balancers keep theirs.
pub(crate) const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(50);
/// Idle connections kept for one origin.
pub(crate) const POOL_MAX_IDLE_PER_HOST: usize = 64;
/// A silent HTTP/2 connection is asked whether it lives after this long, and closed when it does not answer.
pub(crate) const PING_INTERVAL: Duration = Duration::from_secs(30);
pub(crate) const PING_TIMEOUT: Duration = Duration::from_secs(10);
/// A token comes at once or not at all.
pub(crate) const TOKEN_TIMEOUT: Duration = Duration::from_secs(30);
/// The head of an answer: rate limits, policies and cookies fit, an attack does not.
pub(crate) const MAX_HEADER_BYTES: usize = 64 * 1024;

/// The waits that a request is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// From a name to an encrypted connection.
    pub connect: Duration,
    /// From the request to the head of its answer.
    pub first_byte: Duration,
    /// Between two pieces of the answer's body.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Timeouts {
        Timeouts { connect: CONNECT_TIMEOUT, first_byte: FIRST_BYTE_TIMEOUT, idle: IDLE_TIMEOUT }
    }
}

/// Milliseconds, for an error.
pub(crate) fn millis(limit: Duration) -> u64 {
    u64::try_from(limit.as_millis()).unwrap_or(u64::MAX)
}
