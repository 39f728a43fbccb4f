//! What an MCP server's answer holds, within limits.

use bytes::Bytes;
use egress::{Answer, EgressError};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use http::StatusCode;
use rmcp::model::{ClientJsonRpcMessage, ClientRequest, ErrorData, JsonRpcMessage, ServerJsonRpcMessage};
use rmcp::transport::streamable_http_client::SseError;
use sse_stream::{Sse, SseStream};

use super::super::call::CallError;

/// The largest answer, a stream with all its events included: far more than a model reads.
pub(super) const LIMIT_BYTES: usize = 4 * 1024 * 1024;

/// The events of an answer, at most [`LIMIT_BYTES`] of them.
pub(super) fn events(answer: Answer) -> BoxStream<'static, Result<Sse, SseError>> {
    let pieces = stream::unfold((Some(answer), 0), |(answer, taken)| async move {
        let mut answer = answer?;
        match answer.piece().await? {
            Ok(piece) if taken + piece.len() <= LIMIT_BYTES => {
                let taken = taken + piece.len();
                Some((Ok(piece), (Some(answer), taken)))
            }
            Ok(_) => Some((Err(EgressError::TooLarge { limit_bytes: LIMIT_BYTES }), (None, taken))),
            Err(error) => Some((Err::<Bytes, _>(error), (None, taken))),
        }
    });
    SseStream::from_bytes_stream(pieces.boxed()).boxed()
}

/// The message in a whole answer; `None` where there is none.
pub(super) fn message(
    asked: &ClientJsonRpcMessage,
    has_session: bool,
    status: StatusCode,
    body: &[u8],
    is_json: bool,
) -> Option<ServerJsonRpcMessage> {
    let parsed = is_json.then(|| serde_json::from_slice::<ServerJsonRpcMessage>(body).ok()).flatten();
    if status.is_success() {
        return parsed;
    }
    let is_denial = matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
    if is_denial || !status.is_client_error() {
        return None;
    }
    let error = parsed.and_then(|parsed| match parsed {
        JsonRpcMessage::Error(error) => Some(error),
        _ => None,
    });
    let ClientJsonRpcMessage::Request(request) = asked else { return None };
    if matches!(request.request, ClientRequest::DiscoverRequest(_)) && !has_session {
        // A server of before this request existed refuses it in ways of its own; the library then greets it as of old.
        let unknown = || ErrorData::invalid_request(format!("answered with status {}", status.as_u16()), None);
        let error = error.map_or_else(unknown, |error| error.error);
        return Some(ServerJsonRpcMessage::error(error, Some(request.id.clone())));
    }
    error.map(JsonRpcMessage::Error)
}

/// A status that is no answer, in words.
pub(super) fn refused(status: StatusCode) -> CallError {
    let code = status.as_u16();
    let message = match code {
        401 | 403 => format!(
            "the MCP server did not accept the credentials (status {code}); mend the tool's connection or headers"
        ),
        300..=399 => format!(
            "the MCP server answered with a redirect (status {code}), which is not followed; name the final address"
        ),
        404 => "the MCP server has nothing at this address (status 404); mend `server_url`".to_owned(),
        _ => format!("the MCP server answered with status {code}"),
    };
    CallError::http(code, message)
}
