//! `cupola access who-can`, readable.

use serde_json::Value;

use super::show::{deny, holding, is, items, list, named, notes, text};

/// Everybody who may, with each way they come to it.
pub(super) fn text_of(answer: &Value) -> String {
    let plane = if is(answer, "/isDataAction") { "data action" } else { "action" };
    let asked = format!("the {plane} {} at {}", text(answer, "/action"), text(answer, "/scope"));
    let able = list(answer, "/principals");
    let head = match able.len() {
        0 => format!("Nobody may do {asked}.\n"),
        1 => format!("1 principal may do {asked}:\n"),
        many => format!("{many} principals may do {asked}:\n"),
    };
    let blocked =
        items("Kept from it by a deny assignment:", list(answer, "/blocked").iter().map(|one| principal(answer, one)));
    let able: String = items("", able.iter().map(|one| principal(answer, one))).trim_start_matches('\n').to_owned();
    format!("{head}{able}{blocked}{}", notes(answer))
}

fn principal(answer: &Value, able: &Value) -> String {
    let depends = if is(able, "/conditional") { ", depending on the request" } else { "" };
    let id = text(able, "/principal");
    let mut said = format!("{} {}{depends}", text(able, "/principalType"), named(answer, id));
    if let Some(role) = able.get("directoryRole").and_then(Value::as_str) {
        said.push_str(&format!("\nby the directory role {role}"));
    }
    for path in list(able, "/paths") {
        said.push_str(&format!("\nby {}", holding(answer, path)));
        for condition in list(path, "/conditions").iter().filter_map(Value::as_str) {
            said.push_str(&format!("\n  if {condition}"));
        }
    }
    for denied in list(able, "/denies") {
        said.push_str(&format!("\nagainst: {}", deny(denied)));
    }
    said
}
