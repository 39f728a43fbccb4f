#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue};

use super::error::OAuthError;
use super::form::TokenForm;

fn read(body: &str) -> Result<TokenForm, OAuthError> {
    TokenForm::read(body.as_bytes(), &HeaderMap::new())
}

fn resource(rest: &str) -> Result<String, OAuthError> {
    read(&format!("grant_type=client_credentials&client_id=a&client_secret=s&{rest}"))?.resource()
}

#[test]
fn default_is_stripped_once_and_the_rest_is_kept() {
    let cases = [
        ("scope=https%3A%2F%2Fai.azure.com%2F.default", "https://ai.azure.com"),
        ("scope=https://ai.azure.com//.default", "https://ai.azure.com/"),
        ("scope=https://management.core.windows.net//.default", "https://management.core.windows.net/"),
        ("scope=https://localhost:8443/arm/.default+offline_access+openid+profile", "https://localhost:8443/arm"),
        ("resource=https://management.azure.com/", "https://management.azure.com/"),
    ];
    for (form, aud) in cases {
        assert_eq!(resource(form).as_deref(), Ok(aud), "{form}");
    }
}

#[test]
fn a_scope_without_default_or_with_two_resources_is_refused() {
    for scope in ["https://ai.azure.com", "a/.default b/.default", "/.default", "openid"] {
        let refused = resource(&format!("scope={}", scope.replace(' ', "+"))).unwrap_err();
        assert_eq!(refused, OAuthError::InvalidScope { scope: scope.to_owned() });
    }
    assert_eq!(resource("x=y"), Err(OAuthError::MissingParameter { name: "scope" }));
}

#[test]
fn the_secret_may_come_by_http_basic() {
    let mut headers = HeaderMap::new();
    let encoded = format!("Basic {}", STANDARD.encode("app%201:s%3Acret"));
    headers.insert("authorization", HeaderValue::from_str(&encoded).unwrap());
    let form = TokenForm::read(b"grant_type=client_credentials", &headers).unwrap();
    assert_eq!((form.client_id.as_str(), form.client_secret.as_deref()), ("app 1", Some("s:cret")));
    let differs = TokenForm::read(b"grant_type=client_credentials&client_id=other", &headers).unwrap_err();
    assert!(matches!(differs, OAuthError::Malformed { .. }));
}

#[test]
fn what_is_missing_is_named() {
    assert_eq!(read("").unwrap_err(), OAuthError::MissingParameter { name: "grant_type" });
    let grant = read("grant_type=password&client_id=a").unwrap_err();
    assert_eq!(grant, OAuthError::UnsupportedGrant { grant: "password".to_owned() });
    let client = read("grant_type=client_credentials").unwrap_err();
    assert_eq!(client, OAuthError::MissingParameter { name: "client_id" });
    assert_eq!(read("grant_type=client_credentials&client_id=a").unwrap_err(), OAuthError::NoCredential);
}

#[test]
fn a_parameter_sent_twice_is_refused() {
    let twice = read("grant_type=client_credentials&client_id=a&client_id=b&client_secret=s").unwrap_err();
    assert!(matches!(twice, OAuthError::Malformed { .. }));
}

#[test]
fn a_secret_never_shows_in_debug_text() {
    let form = read("grant_type=client_credentials&client_id=a&client_secret=canary").unwrap();
    assert!(!format!("{form:?}").contains("canary"));
}
