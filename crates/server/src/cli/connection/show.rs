//! The report of a test, for people.

use serde_json::Value;

/// One line for each step, with the mend under each that failed.
pub(super) fn text(report: &Value) -> String {
    // What the other end said must not steer the terminal.
    let text = |value: &Value, name: &str| {
        value.get(name).and_then(Value::as_str).unwrap_or("-").replace(char::is_control, " ")
    };
    let mut said = format!(
        "{}\nhost {}, shows {}, model {}\n\n",
        text(report, "connection"),
        text(report, "host"),
        text(report, "credentialKind"),
        text(report, "model")
    );
    for step in report.get("steps").and_then(Value::as_array).into_iter().flatten() {
        let mark = match step.get("ok").and_then(Value::as_bool) {
            Some(true) => "ok",
            Some(false) => "FAILED",
            None => "-",
        };
        said.push_str(&format!("{mark:<7} {:<11} {}\n", text(step, "name"), text(step, "detail")));
        if step.get("mend").is_some() {
            said.push_str(&format!(
                "{:<19} at fault: {}; to mend it: {}\n",
                "",
                text(step, "fault"),
                text(step, "mend")
            ));
        }
    }
    said
}

#[cfg(test)]
mod tests;
