//! `cupola access what-can`, readable.

use serde_json::Value;

use super::show::{deny, holding, items, list, named, notes, text};

/// What is held and, where a scope was asked for, what that allows there.
pub(super) fn text_of(answer: &Value, is_at_scope: bool) -> String {
    let id = text(answer, "/principal");
    let kind = answer.get("principalType").and_then(Value::as_str).unwrap_or("Nobody in the directory:");
    let held = list(answer, "/assignments");
    let head = format!("{kind} {} holds {}.\n", named(answer, id), counted(held.len(), "role assignment"));
    let roles =
        items("Directory roles:", list(answer, "/directoryRoles").iter().filter_map(Value::as_str).map(str::to_owned));
    let assignments = items("Roles:", held.iter().map(|one| assignment(answer, one)));
    let at = if is_at_scope { answer.get("at").map(allowed_at).unwrap_or_default() } else { String::new() };
    format!("{head}{roles}{assignments}{at}{}", notes(answer))
}

fn assignment(answer: &Value, held: &Value) -> String {
    let condition = held.get("condition").and_then(Value::as_str);
    let condition = condition.map(|condition| format!("\nif {condition}")).unwrap_or_default();
    format!("{}{condition}", holding(answer, held))
}

fn allowed_at(at: &Value) -> String {
    let lists = [
        ("/actions", "Actions allowed there"),
        ("/dataActions", "Data actions allowed there"),
        ("/conditionalActions", "Actions that depend on the request"),
        ("/conditionalDataActions", "Data actions that depend on the request"),
    ];
    let scope = format!("At {}:\n", text(at, "/scope"));
    let operations = lists.iter().map(|(path, title)| {
        let names: Vec<String> = list(at, path).iter().filter_map(Value::as_str).map(str::to_owned).collect();
        items(&format!("{title} ({}):", names.len()), names)
    });
    let denies = items("Deny assignments in force there:", list(at, "/denies").iter().map(deny));
    let said: String = operations.chain(std::iter::once(denies)).collect();
    if said.is_empty() { format!("{scope}  nothing is allowed there\n") } else { format!("{scope}{said}") }
}

fn counted(count: usize, what: &str) -> String {
    match count {
        0 => format!("no {what}"),
        1 => format!("1 {what}"),
        many => format!("{many} {what}s"),
    }
}
