//! What clients ask before they sign in.

use http::{Request, StatusCode};
use serde_json::json;

use crate::contoso::{Answer, Contoso, TENANT, URL};

async fn anonymous(contoso: &Contoso, path: &str) -> Answer {
    let request = Request::builder().uri(path).header("host", "evil.example").body(Vec::new()).unwrap();
    contoso.send(request).await
}

#[tokio::test]
async fn cloud_register_finds_every_endpoint_at_the_configured_url() {
    let contoso = Contoso::new().await;
    let cloud = anonymous(&contoso, "/metadata/endpoints?api-version=2022-09-01").await;
    assert_eq!(cloud.status, StatusCode::OK);
    assert_eq!(cloud.body["authentication"]["loginEndpoint"], URL);
    assert_eq!(cloud.body["authentication"]["audiences"], json!([format!("{URL}/arm")]));
    assert_eq!(cloud.body["resourceManager"], URL);
    assert_eq!(cloud.body["microsoftGraphResourceId"], format!("{URL}/"));
    assert!(cloud.body["name"].is_string() && cloud.body["suffixes"].is_object());
    assert!(!cloud.body.to_string().contains("evil"), "never from the Host header");
}

#[tokio::test]
async fn openid_configuration_answers_for_each_name_of_the_tenant() {
    let contoso = Contoso::new().await;
    let tenant = TENANT.to_string();
    for name in [tenant.as_str(), "contoso.com", "Contoso.com", "organizations", "common"] {
        for path in [
            format!("/{name}/v2.0/.well-known/openid-configuration"),
            format!("/{name}/.well-known/openid-configuration"),
        ] {
            let document = anonymous(&contoso, &path).await;
            assert_eq!(document.status, StatusCode::OK, "{path}");
            assert_eq!(document.body["issuer"], format!("{URL}/{TENANT}/v2.0"));
            assert_eq!(document.body["token_endpoint"], format!("{URL}/{TENANT}/oauth2/v2.0/token"));
            assert!(document.body["device_authorization_endpoint"].is_string(), "MSAL reads it");
        }
    }
    let unknown = anonymous(&contoso, "/fabrikam.com/v2.0/.well-known/openid-configuration").await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
    assert_eq!(unknown.body["error_codes"], json!([90002]));
}

#[tokio::test]
async fn the_published_keys_have_no_private_part() {
    let contoso = Contoso::new().await;
    let keys = anonymous(&contoso, &format!("/{TENANT}/discovery/v2.0/keys")).await;
    assert_eq!(keys.status, StatusCode::OK);
    let key = keys.body["keys"][0].as_object().unwrap();
    assert_eq!(key.keys().map(String::as_str).collect::<Vec<_>>(), ["kty", "use", "alg", "kid", "n", "e"]);
    assert_eq!(anonymous(&contoso, "/common/discovery/v2.0/keys").await.status, StatusCode::OK);
}

#[tokio::test]
async fn instance_discovery_vouches_for_this_server_alone() {
    let contoso = Contoso::new().await;
    let path = "/common/discovery/instance?authorization_endpoint=https://evil.example/x/oauth2/v2.0/authorize&api-version=1.0";
    let found = anonymous(&contoso, path).await;
    assert_eq!(found.status, StatusCode::OK);
    assert_eq!(found.body["metadata"][0]["aliases"], json!(["localhost:8443"]));
    assert!(!found.body.to_string().contains("evil"));
}
