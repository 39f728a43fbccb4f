//! Request bodies: read under a limit, decoded into owned values before the decision that may look at them.

use std::sync::OnceLock;

use bytes::{Bytes, BytesMut};
use http_body::Body;
use http_body_util::BodyExt;
use serde_json::Value;
use tape::{Node, Tape};

use crate::json;
use crate::limits::{BODY_READ_TIMEOUT, CONTROL_BODY_LIMIT_BYTES, INFERENCE_BODY_LIMIT_BYTES, JSON_DEPTH_LIMIT};

/// An error of a body that ends the connection.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
/// A request's body as it arrives.
pub type RequestBody = http_body_util::combinators::UnsyncBoxBody<Bytes, BoxError>;

/// Why a body was not accepted; the plane's envelope is added by [`crate::refusal`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// Larger than the operation's limit.
    #[error("the body is larger than the limit of {limit_bytes} bytes")]
    TooLarge {
        /// The limit, bytes.
        limit_bytes: usize,
    },
    /// Not what the operation reads.
    #[error("{reason}")]
    Malformed {
        /// What was expected and where it went wrong.
        reason: String,
    },
    /// The client took too long, or went away.
    #[error("the body did not arrive completely")]
    Incomplete,
}

/// A body that an operation can read.
pub trait FromBody: Sized + Send + 'static {
    /// Largest accepted size, bytes.
    const LIMIT_BYTES: usize;
    /// Decodes the whole body.
    fn from_body(bytes: Bytes) -> Result<Self, BodyError>;
}

/// The operation reads no body; what is sent (SDKs send `{}` or nothing) is discarded under the limit.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoBody;

impl FromBody for NoBody {
    const LIMIT_BYTES: usize = CONTROL_BODY_LIMIT_BYTES;
    fn from_body(_: Bytes) -> Result<NoBody, BodyError> {
        Ok(NoBody)
    }
}

/// A JSON object of the control plane or the directory.
#[derive(Clone, Debug)]
pub struct Json(pub Value);

impl FromBody for Json {
    const LIMIT_BYTES: usize = CONTROL_BODY_LIMIT_BYTES;
    fn from_body(bytes: Bytes) -> Result<Json, BodyError> {
        parse_json(&bytes).map(Json)
    }
}

/// A JSON object of an inference request: its bytes as they came, gone over once. A value is built of it only for who asks.
#[derive(Clone, Debug)]
pub struct InferenceJson {
    tape: Tape<Bytes>,
    value: OnceLock<Value>,
}

impl FromBody for InferenceJson {
    const LIMIT_BYTES: usize = INFERENCE_BODY_LIMIT_BYTES;
    fn from_body(bytes: Bytes) -> Result<InferenceJson, BodyError> {
        let tape = match Tape::of(bytes.clone(), JSON_DEPTH_LIMIT).filter(|tape| tape.root().is_object()) {
            Some(tape) if !tape.is_doubtful() => return Ok(InferenceJson { tape, value: OnceLock::new() }),
            tape => tape,
        };
        // What is in doubt is decided by the parser, and what is wrong is said by it.
        let value = parse_json(&bytes)?;
        let unread = || BodyError::Malformed { reason: "the body is not valid JSON".to_owned() };
        Ok(InferenceJson { tape: tape.ok_or_else(unread)?, value: value.into() })
    }
}

impl From<Value> for InferenceJson {
    fn from(value: Value) -> InferenceJson {
        let text = Bytes::from(value.to_string());
        let tape = Tape::skim(text).unwrap_or_default();
        InferenceJson { tape, value: value.into() }
    }
}

impl InferenceJson {
    /// The bytes as they came, for forwarding.
    pub fn bytes(&self) -> &Bytes {
        self.tape.bytes()
    }

    /// The bytes, gone over once.
    pub fn tape(&self) -> &Tape<Bytes> {
        &self.tape
    }

    /// The object, whose fields are read where they stand.
    pub fn root(&self) -> Node<'_> {
        self.tape.root()
    }

    /// The same as a value, built when it is first asked for.
    pub fn value(&self) -> &Value {
        self.value.get_or_init(|| json::parse(self.bytes()).unwrap_or_default())
    }

    /// The same, to be kept.
    pub fn into_value(self) -> Value {
        self.value();
        self.value.into_inner().unwrap_or_default()
    }
}

/// Parses JSON whose top level is an object, with bounded nesting.
fn parse_json(bytes: &[u8]) -> Result<Value, BodyError> {
    let malformed = |reason: String| BodyError::Malformed { reason };
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(malformed("the body is empty; a JSON object was expected".to_owned()));
    }
    if depth(bytes) > JSON_DEPTH_LIMIT {
        return Err(malformed(format!("the JSON is nested deeper than {JSON_DEPTH_LIMIT} levels")));
    }
    let value = json::parse(bytes).map_err(|error| malformed(format!("the body is not valid JSON: {error}")))?;
    if value.is_object() { Ok(value) } else { Err(malformed("the body must be a JSON object".to_owned())) }
}

/// The deepest nesting of brackets outside strings, found without recursion.
fn depth(bytes: &[u8]) -> usize {
    let (mut deepest, mut open, mut in_string, mut escaped) = (0_usize, 0_usize, false, false);
    for byte in bytes {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_string = !in_string,
            (false, b'{' | b'[') => {
                open += 1;
                deepest = deepest.max(open);
            }
            (false, b'}' | b']') => open = open.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Reads a whole body of at most `limit_bytes`, and stops at the first frame beyond.
pub(crate) async fn read(body: RequestBody, limit_bytes: usize) -> Result<Bytes, BodyError> {
    tokio::time::timeout(BODY_READ_TIMEOUT, read_frames(body, limit_bytes)).await.unwrap_or(Err(BodyError::Incomplete))
}

async fn read_frames(mut body: RequestBody, limit_bytes: usize) -> Result<Bytes, BodyError> {
    let too_large = BodyError::TooLarge { limit_bytes };
    if body.size_hint().lower() > limit_bytes as u64 {
        return Err(too_large);
    }
    // Most bodies come in one piece, which is taken as it is.
    let (mut first, mut bytes) = (Bytes::new(), BytesMut::new());
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| BodyError::Incomplete)?;
        let Ok(data) = frame.into_data() else { continue };
        if first.len() + bytes.len() + data.len() > limit_bytes {
            return Err(too_large);
        }
        if first.is_empty() && bytes.is_empty() {
            first = data;
        } else {
            bytes.extend_from_slice(&std::mem::take(&mut first));
            bytes.extend_from_slice(&data);
        }
    }
    Ok(if bytes.is_empty() { first } else { bytes.freeze() })
}

#[cfg(test)]
mod tests;
