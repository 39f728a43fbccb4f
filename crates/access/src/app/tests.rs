#![allow(clippy::unwrap_used)]

use http::Request;

use super::sound_path;

fn parts(uri: &str, host: Option<&str>) -> http::request::Parts {
    let mut builder = Request::builder().uri(uri);
    if let Some(host) = host {
        builder = builder.header("host", host);
    }
    builder.body(()).unwrap().into_parts().0
}

#[test]
fn a_plain_path_is_sound() {
    assert_eq!(sound_path(&parts("/tenants?x=1", Some("localhost"))).unwrap().as_str(), "/tenants");
}

#[test]
fn an_absolute_form_target_is_refused() {
    assert!(sound_path(&parts("https://other/tenants", Some("localhost"))).is_err());
}

#[test]
fn an_authority_that_differs_from_the_host_is_refused_on_http2() {
    let mut parts = parts("https://localhost/tenants", Some("other"));
    parts.version = http::Version::HTTP_2;
    assert!(sound_path(&parts).is_err());
}
