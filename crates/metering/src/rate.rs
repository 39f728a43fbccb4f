//! The rate of a deployment.

/// What a deployment admits in a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Tokens, read and written together.
    pub tokens_per_minute: u64,
    /// Requests.
    pub requests_per_minute: u64,
}
