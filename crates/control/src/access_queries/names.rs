//! The names of the principals in an answer, beside their ids.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use store::{DirectoryObject, World};
use uuid::Uuid;

/// The keys under which answers name principals.
const KEYS: [&str; 3] = ["principal", "groupPath", "principalId"];

/// Adds `names`: for each principal that the answer mentions and the directory knows, what it is called.
pub(super) fn with_names(mut answer: Value, world: &World) -> Value {
    let mut ids = BTreeSet::new();
    gather(&answer, &mut ids);
    let known = ids.into_iter().filter_map(|id| world.directory.object(id));
    let names: Map<String, Value> = known.map(|object| (object.id.to_string(), json!(shown_name(object)))).collect();
    if let Some(answer) = answer.as_object_mut() {
        answer.insert("names".to_owned(), Value::Object(names));
    }
    answer
}

/// The sign-in name of a user; of others the name that people see.
pub(super) fn shown_name(object: &DirectoryObject) -> &str {
    object.user_principal_name.as_deref().unwrap_or(&object.display_name)
}

fn gather(value: &Value, ids: &mut BTreeSet<Uuid>) {
    match value {
        Value::Array(list) => list.iter().for_each(|value| gather(value, ids)),
        Value::Object(object) => {
            for (name, value) in object {
                if KEYS.contains(&name.as_str()) {
                    let listed = value.as_array().into_iter().flatten().chain(std::iter::once(value));
                    ids.extend(listed.filter_map(Value::as_str).filter_map(|id| Uuid::try_parse(id).ok()));
                }
                gather(value, ids);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
