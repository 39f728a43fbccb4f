//! Pieces of readable answers, read from their JSON.

use serde_json::Value;

/// The text at a path, empty where there is none.
pub(super) fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

/// The list at a path, empty where there is none.
pub(super) fn list<'a>(value: &'a Value, path: &str) -> &'a [Value] {
    value.pointer(path).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Is it true at the path?
pub(super) fn is(value: &Value, path: &str) -> bool {
    value.pointer(path).and_then(Value::as_bool).unwrap_or(false)
}

/// What a principal is called, with its id behind it; the id alone where the directory does not know it.
pub(super) fn named(answer: &Value, id: &str) -> String {
    match answer.get("names").and_then(|names| names.get(id)).and_then(Value::as_str) {
        Some(name) => format!("{name} ({id})"),
        None => id.to_owned(),
    }
}

/// What a principal is called.
fn called<'a>(answer: &'a Value, id: &'a str) -> &'a str {
    answer.get("names").and_then(|names| names.get(id)).and_then(Value::as_str).unwrap_or(id)
}

/// `Reader at /subscriptions/…, through the groups A > B`: a role held through an assignment.
pub(super) fn holding(answer: &Value, held: &Value) -> String {
    let path: Vec<&str> =
        list(held, "/groupPath").iter().filter_map(Value::as_str).map(|id| called(answer, id)).collect();
    let through = match path.as_slice() {
        [] => String::new(),
        [one] => format!(", through the group {one}"),
        several => format!(", through the groups {}", several.join(" > ")),
    };
    format!("{} at {}{through}", text(held, "/role/name"), text(held, "/scope"))
}

/// `deny assignment N at S, which names everybody`
pub(super) fn deny(deny: &Value) -> String {
    let names = match text(deny, "/matchedAs") {
        "everybody" => "everybody",
        "group" => "a group of the principal's",
        _ => "the principal",
    };
    format!("deny assignment {} at {}, which names {names}", text(deny, "/name"), text(deny, "/scope"))
}

/// A line for each note.
pub(super) fn notes(answer: &Value) -> String {
    list(answer, "/notes").iter().filter_map(Value::as_str).map(|note| format!("note: {note}\n")).collect()
}

/// Lines with a mark before the first of each item.
pub(super) fn items(title: &str, items: impl IntoIterator<Item = String>) -> String {
    let lines: String =
        items.into_iter().map(|item| format!("  - {}\n", item.trim_end().replace('\n', "\n    "))).collect();
    if lines.is_empty() { String::new() } else { format!("{title}\n{lines}") }
}
