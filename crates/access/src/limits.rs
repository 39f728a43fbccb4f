//! The limits of a request, each with its reason.

use std::time::Duration;

/// Largest ARM, Graph or token body, bytes. ARM resources are small; larger ones are mistakes or attacks.
pub const CONTROL_BODY_LIMIT_BYTES: usize = 1024 * 1024;

/// Largest inference body, bytes: a long conversation with a few inline images.
pub const INFERENCE_BODY_LIMIT_BYTES: usize = 16 * 1024 * 1024;

/// How long a client may take to send its body before the request is given up, so that slow senders hold nothing.
pub const BODY_READ_TIMEOUT: Duration = Duration::from_secs(60);

/// Deepest JSON nesting accepted. Nothing Cupola understands is deeper, and recursion stays bounded.
pub const JSON_DEPTH_LIMIT: usize = 64;

/// Most names of one JSON object: more than any resource, schema or table of biases has, and a map of so many is built in a moment.
pub const JSON_NAMES_LIMIT: usize = 10_000;

/// Failed authentications written to the journal per second; the rest are counted in the next record written,
/// so that a flood of bad tokens cannot fill the disk.
pub const UNAUTHENTICATED_RECORDS_PER_S: u32 = 10;
