//! Managed identities, as programs of the own machine ask for them.

use std::net::SocketAddr;
use std::sync::Arc;

use access::App;
use directory::{ManagedIdentities, managed_identity_routes};
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json};

use crate::contoso::{Contoso, MANAGED, MANAGED_APP, URL, account};

const MACHINE: &str = "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://ai.azure.com/";
const APP_SERVICE: &str = "/msi/token?api-version=2019-08-01&resource=https://ai.azure.com/";
const SECRET: &str = "operators-secret";
const METADATA: (&str, &str) = ("metadata", "true");
const HEADER: (&str, &str) = ("x-identity-header", SECRET);

fn app(contoso: &Contoso) -> App {
    let identities = ManagedIdentities::new(contoso.issuer.clone(), vec![account()], SECRET.to_owned().into());
    let app = App::builder(contoso.store.clone(), contoso.verifier.clone(), URL, contoso.clock.clone());
    app.mount(managed_identity_routes(Arc::new(identities))).build().unwrap()
}

async fn ask_from(app: &App, peer: &str, path: &str, headers: &[(&str, &str)]) -> (StatusCode, Value) {
    let mut request = Request::builder().uri(path);
    if !headers.iter().any(|(name, _)| *name == "host") {
        request = request.header("host", "127.0.0.1:8880");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = Full::default().map_err(|never: std::convert::Infallible| match never {}).boxed_unsync();
    let peer: SocketAddr = peer.parse().unwrap();
    let (head, body) = app.handle(request.body(body).unwrap(), peer).await.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    (head.status, serde_json::from_slice(&bytes).unwrap())
}

async fn ask(app: &App, path: &str, headers: &[(&str, &str)]) -> (StatusCode, Value) {
    ask_from(app, "127.0.0.1:50000", path, headers).await
}

#[tokio::test]
async fn both_forms_give_the_identity_of_the_named_resource() {
    let contoso = Contoso::new().await;
    let app = app(&contoso);
    let id = account();
    let selectors = [
        String::new(),
        format!("&client_id={MANAGED_APP}"),
        format!("&object_id={MANAGED}"),
        format!("&mi_res_id={id}"),
        format!("&msi_res_id={}", id.as_str().to_uppercase()),
    ];
    for selector in &selectors {
        for (path, header) in [(MACHINE, METADATA), (APP_SERVICE, HEADER)] {
            let (status, body) = ask(&app, &format!("{path}{selector}"), &[header]).await;
            assert_eq!(status, StatusCode::OK, "{path}{selector}: {body}");
            assert_eq!((&body["client_id"], &body["token_type"]), (&json!(MANAGED_APP), &json!("Bearer")));
            assert_eq!(body["resource"], "https://ai.azure.com/", "as it was asked for");
            let expires_on: i64 = body["expires_on"].as_str().unwrap().parse().unwrap();
            assert_eq!(expires_on, crate::contoso::START_S + 3599);
            let world = contoso.store.world();
            let accepted = [identity::Audience::Foundry];
            let token = body["access_token"].as_str().unwrap();
            let known = contoso.verifier.verify(token, &accepted, &world, store::Clock::now(&*contoso.clock)).unwrap();
            assert_eq!(known.object_id(), MANAGED);
        }
    }
}

#[tokio::test]
async fn who_did_not_mean_to_ask_or_is_not_here_gets_nothing() {
    let contoso = Contoso::new().await;
    let app = app(&contoso);
    let wrong: [&[(&str, &str)]; 7] = [
        &[],
        &[("metadata", "false")],
        &[METADATA, ("x-forwarded-for", "10.0.0.1")],
        &[METADATA, ("forwarded", "for=10.0.0.1")],
        &[METADATA, ("host", "evil.example")],
        &[METADATA, ("host", "127.0.0.1.evil.example")],
        &[METADATA, ("host", "10.0.0.1")],
    ];
    for headers in wrong {
        let (status, body) = ask(&app, MACHINE, headers).await;
        assert_eq!((status, &body["error"]), (StatusCode::BAD_REQUEST, &json!("invalid_request")), "{headers:?}");
    }
    assert_eq!(ask_from(&app, "10.0.0.9:1", MACHINE, &[METADATA]).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(ask(&app, MACHINE, &[METADATA, ("host", "169.254.169.254")]).await.0, StatusCode::OK);
    for headers in [&[][..], &[METADATA], &[("x-identity-header", "wrong")], &[("x-identity-header", "")]] {
        let (status, body) = ask(&app, APP_SERVICE, headers).await;
        assert_eq!((status, &body["statusCode"]), (StatusCode::UNAUTHORIZED, &json!(401)), "{headers:?}");
        assert!(!body.to_string().contains(SECRET));
    }
    assert_eq!(ask(&app, APP_SERVICE, &[HEADER, ("x-forwarded-for", "10.0.0.1")]).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_identity_that_the_operator_did_not_name_does_not_answer() {
    let contoso = Contoso::new().await;
    let app = app(&contoso);
    let admin = crate::contoso::ADMIN_APP;
    for selector in [
        format!("client_id={admin}"),
        "client_id=x".to_owned(),
        format!("object_id={}", crate::contoso::ADMIN),
        "mi_res_id=/subscriptions/s".to_owned(),
        format!("client_id={MANAGED_APP}&object_id={MANAGED}"),
    ] {
        let (status, body) = ask(&app, &format!("{MACHINE}&{selector}"), &[METADATA]).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{selector}: {body}");
        assert!(body.get("access_token").is_none());
    }
    for path in ["/metadata/identity/oauth2/token", "/metadata/identity/oauth2/token?resource=https://evil.example"] {
        assert_eq!(ask(&app, path, &[METADATA]).await.0, StatusCode::BAD_REQUEST);
    }
    let now = store::Clock::now(&*contoso.clock);
    let mut object = store::DirectoryObject::clone(contoso.store.world().directory.object(MANAGED).unwrap());
    object.properties.insert("accountEnabled".to_owned(), json!(false));
    let permit = crate::contoso::permit(rbac::Task::DemoTenant, now);
    contoso.store.write(&permit, vec![store::Row::PutObject(object)]).await.unwrap();
    let (status, body) = ask(&app, MACHINE, &[METADATA]).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "a disabled identity: {body}");
}
