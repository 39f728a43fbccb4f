//! Discovery: what clients ask before they sign in.

use std::sync::Arc;

use access::{HandlerResult, PublicRequest, Reply};
use http::StatusCode;
use serde_json::{Value, json};

use crate::state::Directory;
use crate::tenant;
use crate::token::OAuthError;

/// How long a client may keep discovery documents, which change only when the operator moves the server.
const CACHE_FOR_A_DAY: &str = "public, max-age=86400";
/// How long a client may keep the public keys: short, so that a new key is found soon.
const CACHE_KEYS: &str = "public, max-age=300";

/// `GET /metadata/endpoints`: all that `az cloud register` needs.
pub(crate) async fn endpoints(directory: Arc<Directory>, request: PublicRequest) -> HandlerResult {
    let url = directory.issuer.authority().public_url().to_owned();
    let graph = format!("{url}/");
    let cloud = json!({
        "name": "cupola",
        "portal": format!("{url}/portal"),
        "authentication": {
            "loginEndpoint": url,
            "audiences": [directory.issuer.authority().arm_resource()],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "resourceManager": url,
        "graphAudience": graph,
        "graph": graph,
        "microsoftGraphResourceId": graph,
        "gallery": url,
        "suffixes": {},
    });
    // Newer clients take one cloud; those of 2019-05-01 and before take a list.
    let is_list = request.query.get("api-version").is_some_and(|version| version < "2020");
    let body = if is_list { Value::Array(vec![cloud]) } else { cloud };
    Ok(Reply::json(StatusCode::OK, &body).with_header("cache-control", CACHE_FOR_A_DAY))
}

/// `GET /{tenant}/v2.0/.well-known/openid-configuration`.
pub(crate) async fn openid(directory: Arc<Directory>, request: PublicRequest) -> HandlerResult {
    known_tenant(&request)?;
    let authority = directory.issuer.authority();
    let document = json!({
        "issuer": authority.issuer(),
        "authorization_endpoint": authority.authorization_endpoint(),
        "token_endpoint": authority.token_endpoint(),
        "device_authorization_endpoint": authority.device_authorization_endpoint(),
        "jwks_uri": authority.jwks_uri(),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "grant_types_supported": [
            "client_credentials", "authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"
        ],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "code_challenge_methods_supported": ["S256"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "profile", "offline_access"],
        "claims_supported": ["aud", "iss", "iat", "nbf", "exp", "appid", "azp", "idtyp", "name", "nonce", "oid", "preferred_username", "sub", "tid", "upn", "uti", "ver"],
        "tenant_region_scope": null,
        "cloud_instance_name": authority.public_url().trim_start_matches("https://"),
    });
    Ok(Reply::json(StatusCode::OK, &document).with_header("cache-control", CACHE_FOR_A_DAY))
}

/// `GET /{tenant}/discovery/v2.0/keys`.
pub(crate) async fn keys(directory: Arc<Directory>, request: PublicRequest) -> HandlerResult {
    known_tenant(&request)?;
    Ok(Reply::json(StatusCode::OK, &directory.issuer.jwks(request.now)).with_header("cache-control", CACHE_KEYS))
}

/// `GET /common/discovery/instance`: this server vouches for itself alone.
pub(crate) async fn instance(directory: Arc<Directory>, _request: PublicRequest) -> HandlerResult {
    let authority = directory.issuer.authority();
    let host = authority.public_url().trim_start_matches("https://");
    let document = json!({
        "tenant_discovery_endpoint":
            format!("{}/{}/v2.0/.well-known/openid-configuration", authority.public_url(), authority.tenant()),
        "api-version": "1.1",
        "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
    });
    Ok(Reply::json(StatusCode::OK, &document).with_header("cache-control", CACHE_FOR_A_DAY))
}

fn known_tenant(request: &PublicRequest) -> Result<(), access::Failure> {
    let name = request.params.get("tenant").unwrap_or_default();
    match tenant::named(name, &request.world) {
        Some(_) => Ok(()),
        None => Err(OAuthError::UnknownTenant { name: name.to_owned() }.failure(request)),
    }
}
