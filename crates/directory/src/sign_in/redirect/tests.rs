#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use super::{Redirect, is_bare_loopback, matches};

#[test]
fn a_command_line_client_waits_on_any_port_of_its_own_machine() {
    for uri in
        ["http://localhost", "http://localhost/", "http://localhost:8400", "http://127.0.0.1:50000/", "http://[::1]:1"]
    {
        assert!(is_bare_loopback(uri), "{uri}");
    }
}

#[test]
fn what_only_looks_like_the_own_machine_is_refused() {
    let others = [
        "https://localhost:8400",
        "http://localhost.evil.example",
        "http://localhost:8400.evil.example",
        "http://localhost:8400@evil.example",
        "http://localhost@evil.example",
        "http://localhost:80:80",
        "http://localhost:",
        "http://localhost:0",
        "http://localhost:70000",
        "http://localhost:+80",
        "http://localhost:8400/path",
        "http://localhost:8400?next=https://evil.example",
        "http://localhost:8400#fragment",
        "http://localhost:8400\\@evil.example",
        "http://127.0.0.1.evil.example",
        "http://127.0.0.2",
        "HTTP://LOCALHOST:1",
        " http://localhost:1",
        "",
    ];
    for uri in others {
        assert!(!is_bare_loopback(uri), "{uri}");
    }
}

#[test]
fn a_registered_uri_is_compared_as_text() {
    let web = "https://app.contoso.com/signed-in";
    assert!(matches(web, web));
    for sent in [
        "https://app.contoso.com/signed-in/",
        "https://app.contoso.com/signed-in?x=1",
        "https://app.contoso.com/Signed-In",
        "https://app.contoso.com/signed-in/../admin",
        "https://app.contoso.com.evil.example/signed-in",
        "http://app.contoso.com/signed-in",
    ] {
        assert!(!matches(web, sent), "{sent}");
    }
    assert!(matches("http://localhost/auth", "http://localhost:5000/auth"), "a loopback's port is free");
    assert!(!matches("http://localhost/auth", "http://127.0.0.1:5000/auth"));
    assert!(!matches("http://localhost/auth", "http://localhost:5000/other"));
    assert!(!matches("http://app.contoso.com/x", "http://app.contoso.com/x"), "plain text over the network");
    assert!(!matches("javascript:alert(1)", "javascript:alert(1)"));
    assert!(!matches("https://a/\r\nx", "https://a/\r\nx"));
}

#[test]
fn the_origin_of_a_redirect_is_what_a_policy_names() {
    let of = |uri: &str| Redirect { uri: uri.to_owned(), needs_secret: false }.origin().to_owned();
    assert_eq!(of("http://localhost:8400/"), "http://localhost:8400");
    assert_eq!(of("http://localhost:8400"), "http://localhost:8400");
    assert_eq!(of("https://app.contoso.com?x=/"), "https://app.contoso.com");
}
