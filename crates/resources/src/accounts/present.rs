//! An account on the wire: what is stored, and the addresses that follow from the server's public URL.

use arm::Resource;
use serde_json::{Map, Value, json};

use super::{AI_SERVICES, has_project_management};
use crate::kind::View;

/// The account's data-plane subdomain.
pub fn subdomain_of(account: &Resource) -> Option<&str> {
    account.properties.get("customSubDomainName").and_then(Value::as_str)
}

/// Where the account's data plane answers, with a trailing slash.
pub fn base_url(public_url: &str, account: &Resource) -> String {
    let subdomain = subdomain_of(account).unwrap_or_else(|| account.id.name());
    format!("{public_url}/accounts/{subdomain}/")
}

pub(super) fn present(account: &Resource, view: &View<'_>) -> Value {
    let base = base_url(view.site.public_url, account);
    let mut properties = Map::new();
    properties.insert("provisioningState".to_owned(), json!("Succeeded"));
    properties.insert("endpoint".to_owned(), json!(base));
    properties.insert("endpoints".to_owned(), endpoints(account, &base));
    properties.extend(account.properties.clone());
    properties.insert("capabilities".to_owned(), capabilities(account));
    properties.insert("callRateLimit".to_owned(), json!({ "rules": [] }));
    properties.insert("isMigrated".to_owned(), json!(false));
    properties.insert("privateEndpointConnections".to_owned(), json!([]));
    let mut shown = account.clone();
    shown.properties = properties;
    shown.to_json()
}

fn endpoints(account: &Resource, base: &str) -> Value {
    let mut endpoints = Map::new();
    if account.kind.as_deref() == Some(AI_SERVICES) {
        endpoints.insert("AI Foundry API".to_owned(), json!(base));
    }
    endpoints.insert("OpenAI Language Model Instance API".to_owned(), json!(base));
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
