#![allow(clippy::unwrap_used)]

use arm::AccountDomain;
use http::{HeaderValue, Request, Version};

use super::sound_path;

fn parts(uri: &str, host: Option<&str>) -> http::request::Parts {
    let mut builder = Request::builder().uri(uri);
    if let Some(host) = host {
        builder = builder.header("host", host);
    }
    builder.body(()).unwrap().into_parts().0
}

fn on(host: &str, path: &str) -> Option<String> {
    let domain = AccountDomain::new("corp.example", None).unwrap();
    sound_path(&parts(path, Some(host)), Some(&domain)).ok().map(|path| path.to_string())
}

#[test]
fn a_plain_path_is_sound() {
    assert_eq!(sound_path(&parts("/tenants?x=1", Some("localhost")), None).unwrap().as_str(), "/tenants");
}

#[test]
fn an_absolute_form_target_is_refused() {
    assert!(sound_path(&parts("https://other/tenants", Some("localhost")), None).is_err());
    assert!(sound_path(&parts("https://localhost/tenants", Some("localhost")), None).is_err());
}

#[test]
fn an_authority_that_differs_from_the_host_is_refused_on_http2() {
    let mut parts = parts("https://localhost/tenants", Some("other"));
    parts.version = Version::HTTP_2;
    assert!(sound_path(&parts, None).is_err());
    parts.headers.insert("host", HeaderValue::from_static("LOCALHOST"));
    assert!(sound_path(&parts, None).is_ok());
}

#[test]
fn several_host_headers_are_refused() {
    let mut parts = parts("/tenants", Some("localhost"));
    parts.headers.append("host", HeaderValue::from_static("localhost"));
    assert!(sound_path(&parts, None).is_err());
}

#[test]
fn the_host_of_an_account_is_a_spelling_of_its_path() {
    let models = Some("/accounts/acct/openai/v1/models".to_owned());
    for host in
        ["acct.openai.corp.example", "acct.services.ai.corp.example:8443", "acct.cognitiveservices.corp.example."]
    {
        assert_eq!(on(host, "/openai/v1/models"), models, "{host}");
    }
    assert_eq!(on("ACCT.OpenAI.Corp.Example", "/openai/v1/models"), Some("/accounts/ACCT/openai/v1/models".to_owned()));
    // Nothing of the public URL is there, and one account's host reaches no other's path.
    assert_eq!(on("acct.openai.corp.example", "/subscriptions"), Some("/accounts/acct/subscriptions".to_owned()));
    assert_eq!(on("acct.openai.corp.example", "/accounts/b/x"), Some("/accounts/acct/accounts/b/x".to_owned()));
}

#[test]
fn any_other_host_is_the_public_url() {
    for host in [
        "corp.example",
        "cupola.corp.example",
        "openai.corp.example",
        "acct.openai.corp.example.evil",
        "acct.openaixcorp.example",
        "127.0.0.1:8443",
        "[::1]:8443",
    ] {
        assert_eq!(on(host, "/subscriptions"), Some("/subscriptions".to_owned()), "{host}");
    }
    let parts = parts("/subscriptions", Some("acct.openai.corp.example"));
    assert_eq!(sound_path(&parts, None).unwrap().as_str(), "/subscriptions");
}

#[test]
fn a_host_that_is_no_name_is_refused() {
    for host in [
        ".openai.corp.example",
        "a/b.openai.corp.example",
        "a%2Fb.openai.corp.example",
        "a b.openai.corp.example",
        "a@b.openai.corp.example",
    ] {
        assert_eq!(on(host, "/openai/v1/models"), None, "{host}");
    }
    assert_eq!(on("...openai.corp.example", "/openai/v1/models"), None);
    // More labels than an account has: nobody is called so, which routing finds out.
    assert_eq!(on("a.b.openai.corp.example", "/x"), Some("/accounts/a.b/x".to_owned()));
}

#[test]
fn http2_names_the_account_by_its_authority() {
    let domain = AccountDomain::new("corp.example", None).unwrap();
    let mut parts = parts("https://acct.services.ai.corp.example/api/projects/p/openai/v1/models", None);
    parts.version = Version::HTTP_2;
    let path = sound_path(&parts, Some(&domain)).unwrap();
    assert_eq!(path.as_str(), "/accounts/acct/api/projects/p/openai/v1/models");
}
