//! Tokens of the machine's own identity and of an application, against a token endpoint of ours.

use std::sync::Arc;

use egress::{AzureIdentity, ClientGrant, Credential, Egress, EgressError, KeptToken, Secret, SecretSource};

use crate::mock::{Mock, json};
use crate::way::{get, settings, way, with_variables};

const AUDIENCE: &str = "https://cognitiveservices.azure.com";

fn imds(mock: &Mock) -> Egress {
    Egress::new(with_variables(settings(&[]), &[("AZURE_POD_IDENTITY_AUTHORITY_HOST", &mock.url)])).unwrap()
}

fn host(egress: &Egress, client_id: Option<&str>) -> KeptToken {
    KeptToken::of_azure(egress, AzureIdentity::Host { client_id: client_id.map(str::to_owned) }, AUDIENCE).unwrap()
}

fn token(text: &str, expires_in: &str) -> crate::mock::Act {
    json(200, &format!("{{\"access_token\":\"{text}\",\"expires_in\":{expires_in},\"token_type\":\"Bearer\"}}"))
}

async fn revealed(tokens: &KeptToken) -> String {
    tokens.current().await.unwrap().reveal().to_owned()
}

#[tokio::test]
async fn the_machine_is_asked_once_and_the_token_kept() {
    let mock = Mock::plain().await;
    mock.will(token("t1", "\"86399\""));
    let tokens = host(&imds(&mock), Some("client-1"));
    assert_eq!((revealed(&tokens).await, revealed(&tokens).await), ("t1".to_owned(), "t1".to_owned()));
    let [seen] = &mock.seen()[..] else { panic!("{:?}", mock.seen()) };
    assert_eq!(seen.headers["metadata"], "true");
    assert_eq!(
        seen.target,
        "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fcognitiveservices.azure.com&client_id=client-1"
    );
}

#[tokio::test]
async fn an_app_service_names_its_own_endpoint() {
    let mock = Mock::plain().await;
    let soon = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() + 7200;
    mock.will(json(200, &format!("{{\"access_token\":\"t1\",\"expires_on\":\"{soon}\"}}")));
    let endpoint = format!("{}/msi/token", mock.url);
    let variables = [("IDENTITY_ENDPOINT", endpoint.as_str()), ("IDENTITY_HEADER", "the-header-secret")];
    let egress = Egress::new(with_variables(settings(&[]), &variables)).unwrap();
    let tokens = host(&egress, None);
    assert_eq!((revealed(&tokens).await, revealed(&tokens).await), ("t1".to_owned(), "t1".to_owned()));
    let [seen] = &mock.seen()[..] else { panic!("{:?}", mock.seen()) };
    assert_eq!(seen.headers["x-identity-header"], "the-header-secret");
    assert_eq!(seen.target, "/msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fcognitiveservices.azure.com");
}

#[tokio::test]
async fn the_machines_endpoint_is_open_to_token_requests_alone() {
    let mock = Mock::plain().await;
    let egress = imds(&mock);
    let _tokens = host(&egress, None);
    assert!(matches!(get(&egress, &mock.url).await, Err(EgressError::Refused(_))));
    assert_eq!(mock.connections(), 0);
}

#[tokio::test]
async fn a_token_is_renewed_before_it_expires_and_the_old_one_serves_while_that_fails() {
    let mock = Mock::plain().await;
    mock.will(token("t1", "200"));
    mock.will(json(500, "{}"));
    mock.will(token("t2", "3600"));
    let tokens = host(&imds(&mock), None);
    assert_eq!(revealed(&tokens).await, "t1");
    assert_eq!(revealed(&tokens).await, "t1");
    assert_eq!(revealed(&tokens).await, "t2");
    assert_eq!((revealed(&tokens).await.as_str(), mock.seen().len()), ("t2", 3));
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_for_all_who_hold_it() {
    let mock = Mock::plain().await;
    mock.will(token("t1", "3600"));
    mock.will(token("t2", "3600"));
    let tokens = Arc::new(host(&imds(&mock), None));
    let old = tokens.current().await.unwrap();
    let renewals = (0..8).map(|_| {
        let (tokens, old) = (Arc::clone(&tokens), old.clone());
        tokio::spawn(async move { tokens.renewed(&old).await.unwrap().reveal().to_owned() })
    });
    for renewal in renewals.collect::<Vec<_>>() {
        assert_eq!(renewal.await.unwrap(), "t2");
    }
    assert_eq!(mock.seen().len(), 2);
}

#[tokio::test]
async fn many_who_need_the_first_token_ask_once() {
    let mock = Mock::plain().await;
    mock.will(token("t1", "3600"));
    let tokens = Arc::new(host(&imds(&mock), None));
    let asks = (0..16).map(|_| {
        let tokens = Arc::clone(&tokens);
        tokio::spawn(async move { revealed(&tokens).await })
    });
    for ask in asks.collect::<Vec<_>>() {
        assert_eq!(ask.await.unwrap(), "t1");
    }
    assert_eq!(mock.seen().len(), 1);
}

#[tokio::test]
async fn a_failure_is_that_of_all_who_waited_for_it_and_of_nobody_after() {
    let mock = Mock::plain().await;
    mock.will(json(500, "oops"));
    let tokens = host(&imds(&mock), None);
    let (one, two, three) = tokio::join!(tokens.current(), tokens.current(), tokens.current());
    assert_eq!((one.is_err(), &one, &two), (true, &two, &three));
    assert_eq!(mock.seen().len(), 1);
    mock.will(token("t1", "3600"));
    assert_eq!((revealed(&tokens).await.as_str(), mock.seen().len()), ("t1", 2));
}

#[tokio::test]
async fn an_application_shows_its_secret_to_its_authority() {
    let mock = Mock::plain().await;
    mock.will(token("t1", "3599"));
    let egress = Egress::new(with_variables(settings(&[&mock.url]), &[("APP_SECRET", "s&=cret/+ 1")])).unwrap();
    let identity = AzureIdentity::Client {
        authority: egress.target(&mock.url).unwrap().join(&["tenant-1"]),
        client_id: "client-1".to_owned(),
        secret: egress.credential(&SecretSource::Env("APP_SECRET".to_owned())).unwrap(),
    };
    let tokens = KeptToken::of_azure(&egress, identity, AUDIENCE).unwrap();
    assert_eq!(revealed(&tokens).await, "t1");
    let seen = mock.seen().remove(0);
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/tenant-1/oauth2/v2.0/token"));
    let form = std::str::from_utf8(&seen.body).unwrap();
    assert_eq!(
        form,
        "grant_type=client_credentials&client_id=client-1&client_secret=s%26%3Dcret%2F%2B%201&scope=https%3A%2F%2Fcognitiveservices.azure.com%2F.default"
    );
    assert!(!format!("{tokens:?}").contains("t1"));
}

#[tokio::test]
async fn no_token_says_what_the_endpoint_said_and_no_secret() {
    let mock = Mock::plain().await;
    let tokens = host(&imds(&mock), None);
    for (act, said) in [
        (
            json(400, "{\"error\":\"invalid_request\",\"error_description\":\"Identity not found\"}"),
            "Identity not found",
        ),
        (json(500, "oops"), "answered 500"),
        (json(200, "{\"access_token\":\"\"}"), "answered 200"),
    ] {
        mock.will(act);
        let error = tokens.current().await.unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
    assert_eq!(format!("{:?}", Secret::new("x".to_owned())), "***");
    let _ = way(&[]);
}

/// Tokens of a client at the mock, whose endpoint has a query and a slash at its end.
fn client(mock: &Mock, egress: &Egress, scope: &str) -> KeptToken {
    let grant = ClientGrant {
        token_url: egress.exact_target(&format!("{}/o/token/?tenant=1", mock.url)).unwrap(),
        client_id: "client-1".to_owned(),
        secret: Credential::from(Secret::new("the-clients-secret".to_owned())),
        scope: scope.to_owned(),
    };
    KeptToken::of_client(egress, grant)
}

#[tokio::test]
async fn a_client_is_given_a_token_by_any_server_and_names_a_scope_only_where_it_has_one() {
    let mock = Mock::plain().await;
    let egress = way(&[&mock.url]);
    for (scope, tail) in [("", ""), ("a b", "&scope=a%20b")] {
        mock.will(token("t1", "60"));
        let tokens = client(&mock, &egress, scope);
        assert_eq!((revealed(&tokens).await, revealed(&tokens).await), ("t1".to_owned(), "t1".to_owned()));
        let seen = mock.seen().pop().unwrap();
        assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/o/token/?tenant=1"));
        assert_eq!(seen.headers["content-type"], "application/x-www-form-urlencoded");
        let form = std::str::from_utf8(&seen.body).unwrap();
        let expected =
            "grant_type=client_credentials&client_id=client-1&client_secret=the-clients-secret".to_owned() + tail;
        assert_eq!(form, expected);
    }
    assert_eq!(mock.seen().len(), 2);
}

#[tokio::test]
async fn a_server_that_repeats_the_clients_secret_does_not_tell_it_on() {
    let mock = Mock::plain().await;
    let egress = way(&[&mock.url]);
    mock.will(json(401, "{\"error\":\"invalid_client\",\"error_description\":\"the-clients-secret is wrong\"}"));
    let error = client(&mock, &egress, "").current().await.unwrap_err().to_string();
    assert!(error.contains("answered 401: *** is wrong"), "{error}");
}
