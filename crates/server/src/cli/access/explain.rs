//! `cupola access explain`, readable: what was decided then, and how it would come out today.

use serde_json::Value;

use super::show::{deny, holding, is, items, list, named, text};

/// The decision then, what has changed, and today's in full.
pub(super) fn text_of(report: &Value) -> String {
    let then = report.get("then").unwrap_or(&Value::Null);
    let head =
        format!("Decision {} of {}: {}\n", text(report, "/decisionId"), text(then, "/time"), text(then, "/outcome"));
    let summary = format!("\n{}\n", sentence(text(report, "/summary")));
    let now = report.get("now").filter(|now| !now.is_null()).map(|now| today(report, now)).unwrap_or_default();
    format!("{head}{}{summary}{now}", what_happened(report, then))
}

fn what_happened(report: &Value, then: &Value) -> String {
    let (label, id) = (text(then, "/principalLabel"), text(then, "/principalId"));
    let who = match named(report, id) {
        _ if id.is_empty() => format!("nobody by a token ({})", text(then, "/credential")),
        // Not in the directory any more: what it was called then.
        unknown if unknown == id && !label.is_empty() => format!("{label} ({id})"),
        known => known,
    };
    let status = then.get("status").map(Value::to_string).unwrap_or_default();
    let plane = if is(then, "/isDataAction") { " (a data action)" } else { "" };
    let role = match text(then, "/roleName") {
        "" => String::new(),
        name if is(then, "/viaGroup") => format!("{name}, through a group"),
        name => name.to_owned(),
    };
    let lines = [
        ("who", who),
        ("what", format!("{}{plane}", text(then, "/action"))),
        ("where", text(then, "/scope").to_owned()),
        ("why", text(then, "/reason").to_owned()),
        ("role", role),
        ("assignment", text(then, "/roleAssignment").to_owned()),
        ("deny", text(then, "/denyAssignment").to_owned()),
        ("request", format!("{} {}, answered {status}", text(then, "/method"), text(then, "/route"))),
    ];
    let said = lines.iter().filter(|(_, value)| !value.is_empty());
    said.map(|(name, value)| format!("  {name:<10} {value}\n")).collect()
}

/// Today's decision, with everything that was looked at.
fn today(report: &Value, now: &Value) -> String {
    let misses = now.get("nearestMisses").unwrap_or(&Value::Null);
    let held = |path: &str| list(misses, path).iter().map(|one| holding(report, one)).collect::<Vec<_>>();
    let sections = [
        items("Granted by:", list(now, "/grants").iter().map(|one| granted(report, one))),
        items("Blocked by:", list(now, "/denies").iter().map(|one| format!("{}{}", deny(one), conditions(one)))),
        items(
            "Held, but the condition does not hold:",
            list(misses, "/conditionNotMet").iter().map(|one| granted(report, one)),
        ),
        items(
            "Held, but taken out of the role again:",
            list(misses, "/removedByNotAction")
                .iter()
                .map(|one| format!("{}\nby its notActions entry {}", granted(report, one), text(one, "/notAction"))),
        ),
        items("Held, but on the other plane:", list(misses, "/otherPlane").iter().map(|one| granted(report, one))),
        items("Granted elsewhere:", held("/elsewhere")),
        items("Held here, without this action:", held("/lacking")),
        items("Also:", list(now, "/advice").iter().map(advice)),
    ];
    format!("\nToday: {}\n{}{}", text(now, "/decision"), sections.concat(), mend(report, now))
}

fn granted(report: &Value, trace: &Value) -> String {
    let pattern = match text(trace, "/permission/pattern") {
        "" => String::new(),
        pattern => format!(", which includes {pattern}"),
    };
    format!("{}{pattern}{}", holding(report, trace), conditions(trace))
}

/// Each condition on the way with what it came to, and below it what each of its parts did.
fn conditions(trace: &Value) -> String {
    let said = list(trace, "/conditions").iter().map(|condition| {
        let outcome = text(condition, "/outcome");
        match (condition.get("trace"), text(condition, "/error")) {
            (Some(parts), _) => format!("\ncondition ({outcome})\n{}", traced(parts, 1)),
            (None, "") => format!("\ncondition ({outcome}) {}\n", text(condition, "/text")),
            (None, error) => format!("\ncondition ({outcome}) {}\n  {error}\n", text(condition, "/text")),
        }
    });
    said.collect::<String>().trim_end().to_owned()
}

fn traced(part: &Value, depth: usize) -> String {
    let seen: Vec<String> = list(part, "/seen").iter().map(seen).collect();
    let seen = if seen.is_empty() { String::new() } else { format!("  [{}]", seen.join(" against ")) };
    let why = match text(part, "/undecided") {
        "" => String::new(),
        why => format!("  ({why})"),
    };
    let line =
        format!("{:indent$}{:<9} {}{seen}{why}\n", "", text(part, "/truth"), text(part, "/text"), indent = 2 * depth);
    let below = list(part, "/parts").iter().map(|part| traced(part, depth + 1));
    std::iter::once(line).chain(below).collect()
}

fn seen(side: &Value) -> String {
    match side.get("values").and_then(Value::as_array) {
        Some(values) => values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        None => "missing".to_owned(),
    }
}

fn advice(advice: &Value) -> String {
    match text(advice, "/az") {
        "" => text(advice, "/text").to_owned(),
        az => format!("{}\n{az}", text(advice, "/text")),
    }
}

fn mend(report: &Value, now: &Value) -> String {
    let Some(mend) = now.get("mend").filter(|mend| !mend.is_null()) else { return String::new() };
    let (role, scope) = (text(mend, "/role/name"), text(mend, "/scope"));
    let who = named(report, text(mend, "/principal"));
    format!("To allow it, give {who} the role {role} at {scope}:\n  {}\n", text(mend, "/az"))
}

/// The text with a capital in front and a full stop behind.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let stop = if text.ends_with('.') { "" } else { "." };
    format!("{first}{}{stop}", letters.as_str())
}
