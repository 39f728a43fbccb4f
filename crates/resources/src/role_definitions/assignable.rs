//! Where a custom role may be assigned.

use arm::{ArmError, Scope, ScopeLevel};
use serde_json::Value;

use crate::fields::{Fields, invalid, quoted};

/// Most assignable scopes of one role, as in Azure.
const LIMIT: usize = 2000;
/// Of these, management groups, as in Azure.
const MANAGEMENT_GROUP_LIMIT: usize = 1;
/// What an error says that it wants.
const FORM: &str = "`/subscriptions/{id}`, `/subscriptions/{id}/resourceGroups/{name}` or `/providers/Microsoft.Management/managementGroups/{name}`";

/// The places named in a body whose form is right, for asking about each of them before all of it is checked. Never more
/// than a body may have.
pub(super) fn named(body: &Value) -> impl Iterator<Item = Scope> + '_ {
    let list = body.pointer("/properties/assignableScopes").and_then(Value::as_array);
    let texts = list.into_iter().flatten().take(LIMIT).filter_map(Value::as_str);
    texts.filter_map(|text| Scope::parse(text).ok())
}

/// Reads `assignableScopes`: at least one, each once. Whether the places exist is not asked, as in Azure.
pub(super) fn read(fields: &Fields<'_>) -> Result<Vec<Scope>, ArmError> {
    let path = fields.path_of("assignableScopes");
    let given = fields.array("assignableScopes")?.map(Vec::as_slice).unwrap_or_default();
    if given.is_empty() {
        return Err(invalid(&path, format!("`{path}`: expected at least one scope: {FORM}")));
    }
    if given.len() > LIMIT {
        return Err(invalid(&path, format!("`{path}` has {} scopes, more than {LIMIT}", given.len())));
    }
    let mut scopes: Vec<Scope> = Vec::with_capacity(given.len());
    for (at, value) in given.iter().enumerate() {
        let scope = one(value, &format!("{path}[{at}]"))?;
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    let groups = scopes.iter().filter(|scope| scope.level() == ScopeLevel::ManagementGroup).count();
    if groups > MANAGEMENT_GROUP_LIMIT {
        return Err(invalid(&path, format!("`{path}` names {groups} management groups; a custom role may have one")));
    }
    Ok(scopes)
}

fn one(value: &Value, path: &str) -> Result<Scope, ArmError> {
    let expected = |got: &str| invalid(path, format!("`{path}`: expected {FORM}, got `{}`", quoted(got)));
    let text = value.as_str().ok_or_else(|| expected(&value.to_string()))?;
    let scope = Scope::parse(text).map_err(|_not_an_id| expected(text))?;
    match scope.level() {
        _ if text.contains('*') => Err(expected(text)),
        ScopeLevel::ManagementGroup | ScopeLevel::Subscription | ScopeLevel::ResourceGroup => Ok(scope),
        ScopeLevel::Root | ScopeLevel::Resource => Err(expected(text)),
    }
}
