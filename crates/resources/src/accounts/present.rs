//! An account on the wire: what is stored, and the addresses that follow from the server's public URL.

use arm::{HostFamily, Resource};
use serde_json::{Map, Value, json};

use super::{AI_SERVICES, has_project_management};
use crate::kind::{Site, View};

/// The account's data-plane subdomain.
pub fn subdomain_of(account: &Resource) -> Option<&str> {
    account.properties.get("customSubDomainName").and_then(Value::as_str)
}

/// Where the account's Foundry API answers, with a trailing slash.
pub fn foundry_url(site: &Site<'_>, account: &Resource) -> String {
    url(site, HostFamily::ServicesAi, account)
}

/// Where the account's data plane answers, with a trailing slash: on a host of its own under the operator's domain, else
/// below the public URL.
fn url(site: &Site<'_>, family: HostFamily, account: &Resource) -> String {
    let subdomain = subdomain_of(account).unwrap_or_else(|| account.id.name());
    match site.domain {
        Some(domain) => domain.url(family, subdomain),
        None => format!("{}/accounts/{subdomain}/", site.public_url),
    }
}

pub(super) fn present(account: &Resource, view: &View<'_>) -> Value {
    let family = if is_foundry(account) { HostFamily::CognitiveServices } else { HostFamily::OpenAi };
    let mut properties = Map::new();
    properties.insert("provisioningState".to_owned(), json!("Succeeded"));
    properties.insert("endpoint".to_owned(), json!(url(&view.site, family, account)));
    properties.insert("endpoints".to_owned(), endpoints(account, &view.site));
    properties.extend(account.properties.clone());
    properties.insert("capabilities".to_owned(), capabilities(account));
    properties.insert("callRateLimit".to_owned(), json!({ "rules": [] }));
    properties.insert("isMigrated".to_owned(), json!(false));
    properties.insert("privateEndpointConnections".to_owned(), json!([]));
    let mut shown = account.clone();
    shown.properties = properties;
    shown.to_json()
}

fn is_foundry(account: &Resource) -> bool {
    account.kind.as_deref() == Some(AI_SERVICES)
}

fn endpoints(account: &Resource, site: &Site<'_>) -> Value {
    let mut endpoints = Map::new();
    if is_foundry(account) {
        endpoints.insert("AI Foundry API".to_owned(), json!(foundry_url(site, account)));
    }
    let openai = url(site, HostFamily::OpenAi, account);
    endpoints.insert("OpenAI Language Model Instance API".to_owned(), json!(openai));
    Value::Object(endpoints)
}

/// The feature list that Azure prints; only what is true here.
fn capabilities(account: &Resource) -> Value {
    let mut list = vec![json!({ "name": "CustomDomain", "value": "true" })];
    if has_project_management(account) {
        list.push(json!({ "name": "ProjectManagement", "value": "true" }));
    }
    Value::Array(list)
}
