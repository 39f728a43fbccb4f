//! Errors of either family.

use dialect::anthropic::{AnthropicError, kind_of, status_of};
use dialect::exchange::Failure;
use serde_json::json;

#[test]
fn an_error_of_any_shape_is_read() {
    let read = |body: &str| {
        let Failure { status, code, message } = Failure::read(429, body.as_bytes());
        assert_eq!(status, 429);
        (code, message)
    };
    let said = |code: &str, message: &str| (code.to_owned(), message.to_owned());
    for (body, expected) in [
        (r#"{"error":{"message":"slow","type":"t","param":null,"code":"rate"}}"#, said("rate", "slow")),
        (r#"{"error":{"message":"slow","type":"requests","code":null}}"#, said("requests", "slow")),
        (r#"{"type":"error","error":{"type":"rate_limit_error","message":"slow"}}"#, said("rate_limit_error", "slow")),
        (r#"{"error":"slow"}"#, said("429", "slow")),
        (r#"{"error":{"code":429,"message":"slow"}}"#, said("429", "slow")),
        (r#"{"statusCode":401,"message":"slow"}"#, said("401", "slow")),
        (r#"{"detail":"slow"}"#, said("429", "slow")),
        ("<html>", said("429", "the provider answered 429 and did not say why")),
        ("", said("429", "the provider answered 429 and did not say why")),
    ] {
        assert_eq!(read(body), expected, "{body}");
    }
}

#[test]
fn a_long_message_is_cut() {
    let body = json!({"error": {"message": "ä".repeat(9000)}}).to_string();
    assert_eq!(Failure::read(500, body.as_bytes()).message.chars().count(), 2000);
}

#[test]
fn each_status_has_its_type_and_each_type_its_status() {
    for (status, kind) in [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (402, "billing_error"),
        (403, "permission_error"),
        (404, "not_found_error"),
        (413, "request_too_large"),
        (429, "rate_limit_error"),
        (500, "api_error"),
        (529, "overloaded_error"),
    ] {
        assert_eq!(kind_of(status), kind);
        assert_eq!(status_of(kind), Some(status));
    }
    assert_eq!((kind_of(422), kind_of(502), kind_of(503)), ("invalid_request_error", "api_error", "overloaded_error"));
    assert_eq!(status_of("a_new_error"), None);
}

#[test]
fn an_error_as_anthropic_clients_read_it() {
    let mut error =
        AnthropicError::from(Failure::read(404, br#"{"error":{"code":"DeploymentNotFound","message":"gone"}}"#));
    let body = json!({"type": "error", "error": {"type": "not_found_error", "message": "gone"}});
    assert_eq!(error.to_json(), body);
    error.request_id = Some("r-1".to_owned());
    assert_eq!(error.to_json()["request_id"], "r-1");
}
