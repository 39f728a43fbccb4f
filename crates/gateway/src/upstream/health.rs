//! What an answer's status says about who gave it, and whether another is asked instead.

use std::time::Duration;

use egress::{Answer, EgressError};
use http::StatusCode;

use super::breaker::Health;

/// The rest of a provider that says it is busy and not for how long.
const BUSY_REST: Duration = Duration::from_secs(1);
/// Anthropic's word for: all callers together ask too much.
const OVERLOADED: u16 = 529;

/// What a status says. A caller's own mistake says nothing.
pub(super) fn of_answer(answer: &Answer) -> Health {
    let status = answer.status();
    match status {
        StatusCode::TOO_MANY_REQUESTS => Health::Busy(retry_after(answer)),
        StatusCode::REQUEST_TIMEOUT
        | StatusCode::INTERNAL_SERVER_ERROR
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => Health::Bad(format!("it answered {}", status.as_u16())),
        status if status.as_u16() == OVERLOADED => Health::Bad("it answered 529, overloaded".to_owned()),
        _ => Health::Good,
    }
}

/// What no answer says.
pub(super) fn of_error(error: &EgressError) -> Health {
    Health::Bad(error.to_string())
}

fn retry_after(answer: &Answer) -> Duration {
    let number = |name: &str| answer.headers().get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
    let given = number("retry-after-ms").map(Duration::from_millis);
    given.or_else(|| number("retry-after").map(Duration::from_secs)).unwrap_or(BUSY_REST)
}
