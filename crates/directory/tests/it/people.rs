//! People who sign in, step by step, as their clients and browsers do.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde_json::{Value, json};

use crate::contoso::{Answer, Contoso, TENANT, URL, USER_NAME, USER_PASSWORD, pairs};

/// The public client that `az` is built with.
pub(crate) const AZ: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
pub(crate) const ARM_SCOPE: &str = "https://localhost:8443/arm/.default offline_access openid profile";
pub(crate) const REDIRECT: &str = "http://localhost:8400";
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// The challenge of the verifier above (RFC 7636, appendix B).
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// The claims of a token in an answer.
pub(crate) fn claims(answer: &Answer, token: &str) -> Value {
    let token = answer.body[token].as_str().unwrap_or_else(|| panic!("no {token}: {answer:?}"));
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&payload).unwrap()
}

#[track_caller]
pub(crate) fn refused(answer: &Answer, error: &str, number: u64) {
    assert_eq!(answer.body["error"], error, "{answer:?}");
    assert_eq!(answer.body["error_codes"], json!([number]));
    assert!(answer.status.is_client_error());
    assert!(answer.body.get("access_token").is_none());
}

/// The address of the sign-in page, with some parameters replaced or, by an empty value, left away.
pub(crate) fn authorize(changes: &[(&str, &str)]) -> String {
    let mut fields = vec![
        ("client_id", AZ),
        ("response_type", "code"),
        ("response_mode", "form_post"),
        ("redirect_uri", REDIRECT),
        ("scope", ARM_SCOPE),
        ("state", "st&<a>te"),
        ("nonce", "n0nce"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("prompt", "select_account"),
        ("client_info", "1"),
    ];
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        fields.push((*name, *value));
    }
    fields.retain(|(_, value)| !value.is_empty());
    format!("/organizations/oauth2/v2.0/authorize?{}", pairs(&fields))
}

/// A hidden field of a page.
pub(crate) fn hidden(page: &Answer, name: &str) -> Option<String> {
    let (_, rest) = page.text.split_once(&format!("name=\"{name}\" value=\""))?;
    let value = rest.split('"').next()?;
    let plain = value.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#x27;", "'");
    Some(plain.replace("&#x2f;", "/").replace("&amp;", "&"))
}

pub(crate) const GOOD: [(&str, &str); 3] =
    [("username", USER_NAME), ("password", USER_PASSWORD), ("action", "sign-in")];

/// A code, by the page.
pub(crate) async fn code(contoso: &Contoso, changes: &[(&str, &str)]) -> String {
    let page = contoso.submit(&authorize(changes), &GOOD).await;
    assert_eq!(page.status, StatusCode::OK, "{page:?}");
    hidden(&page, "code").unwrap()
}

/// Brings a code, with some fields replaced.
pub(crate) async fn redeem(contoso: &Contoso, code: &str, changes: &[(&str, &str)]) -> Answer {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("client_id", AZ),
        ("code", code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    for (name, value) in changes {
        form.retain(|(known, _)| known != name);
        form.push((*name, *value));
    }
    form.retain(|(_, value)| !value.is_empty());
    contoso.sign_in("organizations", &form).await
}

/// All tokens of the user, by the page.
pub(crate) async fn signed_in(contoso: &Contoso) -> Answer {
    let code = code(contoso, &[]).await;
    let answer = redeem(contoso, &code, &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer
}

/// Brings a refresh token for a resource.
pub(crate) async fn renew(contoso: &Contoso, token: &str, scope: &str) -> Answer {
    let form = [("grant_type", "refresh_token"), ("client_id", AZ), ("refresh_token", token), ("scope", scope)];
    contoso.sign_in(&TENANT.to_string(), &form).await
}

pub(crate) fn refresh_token(answer: &Answer) -> String {
    answer.body["refresh_token"].as_str().unwrap_or_else(|| panic!("no refresh token: {answer:?}")).to_owned()
}

/// Whether an access token of an answer is good at Graph, and whose it is.
pub(crate) async fn me(contoso: &Contoso, refresh_token: &str) -> Answer {
    let graph = renew(contoso, refresh_token, &format!("{URL}//.default offline_access")).await;
    contoso.call(graph.body["access_token"].as_str().unwrap(), "GET", "/v1.0/me", None).await
}
