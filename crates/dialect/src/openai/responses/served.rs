//! Items of calls that a server made, said again to a model: it knows messages, thoughts, calls of functions and their results.

use serde_json::{Value, json};

/// What a model is told of a call that the user did not want.
const NOT_APPROVED: &str = "The user did not approve this call; it was not made.";
/// What a model is told of a call that failed without a word.
const FAILED: &str = "The call failed.";
/// What a model is told of a call that was given up before its answer.
const UNKNOWN: &str = "The call was given up before its answer came. It may or may not have been carried out.";
/// Names of functions are this long at most, everywhere.
const NAME_LIMIT_BYTES: usize = 64;
/// What is kept of a longer one.
const NAME_KEPT_BYTES: usize = 55;

/// The name by which a model knows what a server has: `{server}_{name}`, in letters that every model takes. Of a long one the end is
/// replaced by a number made from the whole, so that two do not become one.
pub fn function_name(server: &str, name: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '_' };
    let whole = format!("{server}_{name}");
    let function: String = whole.chars().map(plain).collect();
    if function.len() <= NAME_LIMIT_BYTES {
        return function;
    }
    let kept: String = function.chars().take(NAME_KEPT_BYTES).collect();
    format!("{kept}_{:08x}", crc32fast::hash(whole.as_bytes()))
}

/// Items in the form that every model takes: without the names and states of who stores them; calls of servers as calls of functions
/// with their results; a call that was not allowed as one that says so. Lists of tools, which come anew with each request, are left out.
pub fn for_model(items: &[Value]) -> Vec<Value> {
    items.iter().flat_map(|item| one(item, items)).collect()
}

fn one(item: &Value, all: &[Value]) -> Vec<Value> {
    let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default();
    let function = || function_name(text("server_label"), text("name"));
    match text("type") {
        "mcp_call" => vec![call(text("id"), &function(), text("arguments")), result(text("id"), &output_of(item))],
        "mcp_approval_request" if is_refused(text("id"), all) => {
            vec![call(text("id"), &function(), text("arguments")), result(text("id"), NOT_APPROVED)]
        }
        "openapi_call" => {
            let called = call(text("call_id"), text("name"), text("arguments"));
            let unknown = (!has_output(text("call_id"), all)).then(|| result(text("call_id"), UNKNOWN));
            std::iter::once(called).chain(unknown).collect()
        }
        "openapi_call_output" => vec![result(text("call_id"), text("output"))],
        "mcp_list_tools" | "mcp_approval_request" | "mcp_approval_response" => Vec::new(),
        _ => vec![unnamed(item)],
    }
}

fn call(call_id: &str, name: &str, arguments: &str) -> Value {
    json!({"type": "function_call", "call_id": call_id, "name": name, "arguments": arguments})
}

fn result(call_id: &str, output: &str) -> Value {
    json!({"type": "function_call_output", "call_id": call_id, "output": output})
}

/// What an MCP call gave, or how it failed.
fn output_of(item: &Value) -> String {
    if let Some(output) = item.get("output").and_then(Value::as_str) {
        return output.to_owned();
    }
    let error = item.get("error");
    let said = error.and_then(|error| error.get("message")).or(error).and_then(Value::as_str);
    let blocks = error.and_then(|error| error.get("content")).and_then(Value::as_array);
    let texts = blocks.into_iter().flatten().filter_map(|block| block.get("text")?.as_str());
    let told = said.map_or_else(|| texts.collect::<Vec<_>>().join("\n"), str::to_owned);
    if !told.is_empty() {
        return told;
    }
    let is_given_up = item.get("status").and_then(Value::as_str) == Some("incomplete");
    if is_given_up { UNKNOWN } else { FAILED }.to_owned()
}

/// Whether a call has its result among all items: every model wants one.
fn has_output(call_id: &str, all: &[Value]) -> bool {
    all.iter().any(|item| {
        item.get("type").and_then(Value::as_str) == Some("openapi_call_output")
            && item.get("call_id").and_then(Value::as_str) == Some(call_id)
    })
}

fn is_refused(request: &str, all: &[Value]) -> bool {
    all.iter().any(|item| {
        item.get("type").and_then(Value::as_str) == Some("mcp_approval_response")
            && item.get("approval_request_id").and_then(Value::as_str) == Some(request)
            && item.get("approve").and_then(Value::as_bool) == Some(false)
    })
}

/// Names and states are of who stores the item; another would look for them in vain.
fn unnamed(item: &Value) -> Value {
    let mut item = item.clone();
    if let Some(fields) = item.as_object_mut() {
        fields.shift_remove("id");
        fields.shift_remove("status");
    }
    item
}

#[cfg(test)]
mod tests;
