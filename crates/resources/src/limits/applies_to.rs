//! Whom and which models a limit is for.

use arm::ArmError;
use serde_json::{Map, Value, json};

use super::missing;
use crate::deny_assignments::{EVERYBODY, Principal, principals};
use crate::fields::{Fields, invalid, listed, quoted};
use crate::kind::Context;
use crate::model_catalog::Catalog;

/// Stands for every caller, those with a resource key too.
pub(super) const ALL: &str = "All";
/// What `principals` may be.
const EXPECTED: &str = "`\"All\"`, or a list of objects with `id` and `type`";
/// Most models of one limit: more than any catalog needs to name one by one.
const MODELS_LIMIT: usize = 100;
/// How many nearest names an unknown model's error offers.
const SUGGESTIONS: usize = 3;

/// Checks `properties.appliesTo` and answers what to store.
pub(super) fn validate(properties: &Fields<'_>, context: &Context<'_>) -> Result<Value, ArmError> {
    let Some(map) = properties.object("appliesTo")? else {
        return Err(missing(properties, "appliesTo", "an object with `principals` and, if need be, `models`"));
    };
    let path = properties.path_of("appliesTo");
    let fields = Fields::new(&path, map);
    fields.only(&["principals", "models"], "whom a limit applies to")?;
    let mut stored = Map::new();
    stored.insert("principals".to_owned(), whom(&fields, context)?);
    if let Some(given) = fields.array("models")? {
        stored.insert("models".to_owned(), json!(models(&fields, given, context.catalog)?));
    }
    Ok(Value::Object(stored))
}

fn whom(fields: &Fields<'_>, context: &Context<'_>) -> Result<Value, ArmError> {
    match fields.value("principals") {
        None => Err(missing(fields, "principals", EXPECTED)),
        Some(Value::String(all)) if all.eq_ignore_ascii_case(ALL) => Ok(json!(ALL)),
        Some(Value::Array(given)) if !given.is_empty() => {
            let list = principals(fields, "principals")?;
            let known = list.iter().map(|one| principal(one, context)).collect::<Result<Vec<_>, _>>()?;
            Ok(Value::Array(known))
        }
        Some(Value::Array(_)) => {
            let path = fields.path_of("principals");
            Err(invalid(&path, format!("`{path}` is empty: expected {EXPECTED}")))
        }
        Some(other) => Err(fields.mismatch("principals", EXPECTED, other)),
    }
}

fn principal(one: &Principal, context: &Context<'_>) -> Result<Value, ArmError> {
    if one.id == EVERYBODY {
        return Err(invalid(&one.path, format!("`{}`: write `\"principals\": \"{ALL}\"` for everybody", one.path)));
    }
    let kind = one.known_type(|id| context.neighbours.principal_type(id), context.site.tenant_id)?;
    Ok(json!({ "id": one.id, "type": kind }))
}

/// The models by the catalog's own names, each once.
fn models<'a>(fields: &Fields<'_>, given: &[Value], catalog: &'a Catalog) -> Result<Vec<&'a str>, ArmError> {
    let path = fields.path_of("models");
    if given.is_empty() || given.len() > MODELS_LIMIT {
        let message = format!("`{path}`: expected 1 to {MODELS_LIMIT} names; leave it out for all models");
        return Err(invalid(&path, message));
    }
    let mut names = Vec::with_capacity(given.len());
    for (at, value) in given.iter().enumerate() {
        let Some(name) = value.as_str() else {
            return Err(fields.mismatch(&format!("models[{at}]"), "the name of a model", value));
        };
        let Some(model) = catalog.find(name, None) else {
            let near = catalog.nearest_names(name, SUGGESTIONS);
            let path = format!("{path}[{at}]");
            let message = format!(
                "`{path}`: the model `{}` is not in this server's catalog; the nearest names are {}",
                quoted(name),
                listed(&near)
            );
            return Err(invalid(&path, message));
        };
        if !names.contains(&model.name.as_str()) {
            names.push(model.name.as_str());
        }
    }
    Ok(names)
}
