//! The headers that tell a client where to ask.

use access::{Authorized, Operation as AnyOperation, Reply};
use arm::ScopeLevel;
use http::StatusCode;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use resources::Polling;

use super::Operation;

/// Seconds until a client asks: without it SDKs wait half a minute.
const RETRY_AFTER_S: &str = "1";
/// Where a resource without a region of its own is said to be.
const NO_REGION: &str = "local";

/// `reply` with the headers of `polling`.
pub(crate) fn announced<O: AnyOperation>(
    reply: Reply,
    polling: Polling,
    operation: &Operation,
    region: Option<&str>,
    request: &Authorized<O>,
) -> Reply {
    let url = |kind: &str| address(kind, operation, region, request);
    let (status, result) = match polling {
        Polling::None => return reply,
        Polling::AsyncOperation => (true, false),
        Polling::Location => (false, true),
        Polling::Both => (true, true),
    };
    let reply = if status { reply.with_header("azure-asyncoperation", &url("operationStatuses")) } else { reply };
    let reply = if result { reply.with_header("location", &url("operationResults")) } else { reply };
    reply.with_header("retry-after", RETRY_AFTER_S)
}

/// 202: where the result of a removal is found.
pub(crate) fn accepted<O: AnyOperation>(
    polling: Polling,
    operation: &Operation,
    region: Option<&str>,
    request: &Authorized<O>,
) -> Reply {
    announced(Reply::empty(StatusCode::ACCEPTED), polling, operation, region, request)
}

/// The absolute URL of an operation's status or result, with the api-version that the client speaks.
fn address<O: AnyOperation>(
    kind: &str,
    operation: &Operation,
    region: Option<&str>,
    request: &Authorized<O>,
) -> String {
    let subscription = operation.target.subscription_id().unwrap_or_default();
    let version =
        utf8_percent_encode(request.query.get("api-version").unwrap_or_default(), NON_ALPHANUMERIC).to_string();
    let version = version.replace("%2D", "-");
    let below = match operation.target.level() {
        ScopeLevel::Resource => {
            let kind_of = operation.target.resource_type();
            let namespace = kind_of.as_ref().map_or("Microsoft.Resources", |kind| kind.namespace());
            format!("providers/{namespace}/locations/{}/{kind}", region.unwrap_or(NO_REGION))
        }
        _ => "operationresults".to_owned(),
    };
    format!(
        "{}/subscriptions/{subscription}/{below}/{}?api-version={version}",
        request.request.public_url, operation.id
    )
}
