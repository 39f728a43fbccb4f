//! The rules of an account.

use std::net::IpAddr;

use arm::{ArmError, ErrorCode, Resource};
use serde_json::{Map, Value, json};

use super::properties::{self, KEPT_ARRAYS, KEPT_BOOLEANS, KEPT_OBJECTS, KEPT_STRINGS, REFUSED};
use super::{AI_SERVICES, KINDS, OPEN_AI, SKUS, has_project_management, subdomain};
use crate::draft::{Draft, IdentityWish};
use crate::fields::{Fields, invalid, listed, quoted};
use crate::kind::{Accepted, Context};
use crate::location;

pub(super) fn validate(draft: Draft, existing: Option<&Resource>, context: &Context<'_>) -> Result<Accepted, ArmError> {
    let location = location::required(draft.location.as_deref(), existing, "an account")?;
    let kind = kind(draft.kind.as_deref(), existing)?;
    let sku = sku(draft.sku.as_ref(), existing)?;
    let fields = Fields::new("properties", &draft.properties);
    fields.only(&properties::known(), "an account")?;
    refuse_unsupported(&fields)?;
    let project_management = project_management(&fields, kind, existing, context)?;
    // Projects act with the account's identity beside their own, so an account that may have projects has one.
    let wish = draft.identity.unwrap_or_else(|| IdentityWish {
        system_assigned: project_management
            || IdentityWish::of(existing.and_then(|e| e.identity.as_ref())).system_assigned,
    });
    if project_management && !wish.system_assigned {
        let message = "`identity.type` must be `SystemAssigned` while `properties.allowProjectManagement` is true";
        return Err(invalid("identity.type", message.to_owned()));
    }
    let mut stored = kept(&fields)?;
    stored.insert("customSubDomainName".to_owned(), Value::String(subdomain::choose(&fields, existing, context)?));
    stored.insert("allowProjectManagement".to_owned(), Value::Bool(project_management));
    stored.insert("disableLocalAuth".to_owned(), Value::Bool(fields.boolean("disableLocalAuth")?.unwrap_or(false)));
    let access = fields.one_of("publicNetworkAccess", &["Enabled", "Disabled"])?.unwrap_or("Enabled");
    stored.insert("publicNetworkAccess".to_owned(), json!(access));
    if let Some(rules) = network_rules(&fields)? {
        stored.insert("networkAcls".to_owned(), Value::Object(rules));
    }
    born(&mut stored, existing, context);
    Ok(Accepted {
        location: Some(location),
        kind: Some(kind.to_owned()),
        tags: draft.tags,
        sku: Some(sku),
        identity: context.identity(&wish, existing),
        properties: stored,
        ..Accepted::default()
    })
}

/// The kind; OpenAI may become AIServices, never the other way.
fn kind(asked: Option<&str>, existing: Option<&Resource>) -> Result<&'static str, ArmError> {
    let known = |given: &str| KINDS.iter().find(|kind| kind.eq_ignore_ascii_case(given)).copied();
    let before = existing.and_then(|account| account.kind.as_deref()).and_then(known);
    let Some(asked) = asked else {
        return before.ok_or_else(|| invalid("kind", format!("`kind` is required: {}", listed(KINDS))));
    };
    let Some(kind) = known(asked) else {
        let message = format!("the account kind `{}` is not available; expected {}", quoted(asked), listed(KINDS));
        return Err(ArmError::new(ErrorCode::InvalidApiSetId, message).with_target("kind"));
    };
    if kind == OPEN_AI && before == Some(AI_SERVICES) {
        let message =
            format!("`kind` cannot be changed from `{AI_SERVICES}` to `{OPEN_AI}`; only the upgrade is possible");
        return Err(invalid("kind", message));
    }
    Ok(kind)
}

fn sku(asked: Option<&Map<String, Value>>, existing: Option<&Resource>) -> Result<Value, ArmError> {
    let kept = existing.and_then(|account| account.sku.clone());
    let Some(asked) = asked else {
        return kept.ok_or_else(|| invalid("sku", format!("`sku.name` is required: {}", listed(SKUS))));
    };
    let fields = Fields::new("sku", asked);
    fields.only(&["name", "tier", "size", "family", "capacity"], "an account's sku")?;
    fields.required_string("name")?;
    let name = fields.one_of("name", SKUS)?.unwrap_or_default();
    Ok(json!({ "name": name }))
}

fn project_management(
    fields: &Fields<'_>,
    kind: &str,
    existing: Option<&Resource>,
    context: &Context<'_>,
) -> Result<bool, ArmError> {
    const PATH: &str = "properties.allowProjectManagement";
    let asked = fields.boolean("allowProjectManagement")?.unwrap_or(false);
    if asked && kind != AI_SERVICES {
        return Err(invalid(PATH, format!("`{PATH}` needs an account of kind `{AI_SERVICES}`, this one is `{kind}`")));
    }
    let had = existing.is_some_and(has_project_management);
    if had && !asked && context.neighbours.has_below(context.id, crate::projects::TYPE) {
        return Err(invalid(
            PATH,
            format!("`{PATH}` cannot be turned off while the account has projects; delete them first"),
        ));
    }
    Ok(asked)
}

/// Refuses what would be believed to protect something and does not.
fn refuse_unsupported(fields: &Fields<'_>) -> Result<(), ArmError> {
    for name in REFUSED {
        let asks_for_nothing = match fields.value(name) {
            None | Some(Value::Bool(false)) => true,
            Some(Value::Array(list)) => list.is_empty(),
            // The service's own keys: what every account has without asking.
            Some(Value::Object(map)) => {
                map.is_empty() || map.get("keySource").and_then(Value::as_str) == Some("Microsoft.CognitiveServices")
            }
            Some(_) => false,
        };
        if !asks_for_nothing {
            let path = fields.path_of(name);
            return Err(invalid(&path, format!("`{path}` is not supported by this server")));
        }
    }
    Ok(())
}

/// What is stored as it came, after a look at its type.
fn kept(fields: &Fields<'_>) -> Result<Map<String, Value>, ArmError> {
    let mut kept = Map::new();
    for name in KEPT_BOOLEANS {
        fields.boolean(name)?;
    }
    for name in KEPT_OBJECTS {
        fields.object(name)?;
    }
    for name in KEPT_ARRAYS {
        fields.array(name)?;
    }
    for name in KEPT_STRINGS {
        fields.string(name)?;
    }
    for name in [KEPT_BOOLEANS, KEPT_OBJECTS, KEPT_ARRAYS, KEPT_STRINGS].concat() {
        if let Some(value) = fields.value(name) {
            kept.insert(name.to_owned(), value.clone());
        }
    }
    Ok(kept)
}

fn network_rules(fields: &Fields<'_>) -> Result<Option<Map<String, Value>>, ArmError> {
    let Some(rules) = fields.object("networkAcls")? else {
        return Ok(None);
    };
    let inner = Fields::new("properties.networkAcls", rules);
    inner.only(&["defaultAction", "bypass", "ipRules", "virtualNetworkRules"], "network rules")?;
    inner.one_of("defaultAction", &["Allow", "Deny"])?;
    inner.string("bypass")?;
    for (list, key) in [("ipRules", "value"), ("virtualNetworkRules", "id")] {
        for entry in inner.array(list)?.into_iter().flatten() {
            let path = inner.path_of(list);
            let Some(named) = entry.get(key).and_then(Value::as_str) else {
                return Err(invalid(&path, format!("`{path}`: each entry is an object with a string `{key}`")));
            };
            // A rule that matches nothing would lock out whom it should let in, or look as if it let somebody in.
            if list == "ipRules" && !is_ip_range(named) {
                let message =
                    format!("`{path}`: `{}` is neither an address nor a range such as `10.0.0.0/8`", quoted(named));
                return Err(invalid(&path, message));
            }
        }
    }
    Ok(Some(rules.clone()))
}

/// Whether `text` is an address, or a range of them in CIDR form.
fn is_ip_range(text: &str) -> bool {
    let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
    let Ok(address) = address.parse::<IpAddr>() else { return false };
    let width_bits = if address.is_ipv4() { u32::BITS } else { u128::BITS };
    prefix.is_none_or(|prefix| prefix.parse::<u32>().is_ok_and(|bits| bits <= width_bits))
}

/// What is set once, when the account is made.
fn born(stored: &mut Map<String, Value>, existing: Option<&Resource>, context: &Context<'_>) {
    let before = |name: &str| existing.and_then(|account| account.properties.get(name)).cloned();
    let id = before("internalId").unwrap_or_else(|| json!(context.fresh_id.simple().to_string()));
    let date = before("dateCreated").unwrap_or_else(|| json!(arm::wire_time(context.now)));
    stored.insert("internalId".to_owned(), id);
    stored.insert("dateCreated".to_owned(), date);
}
