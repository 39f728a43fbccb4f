//! The surfaces that take conversations with tools: how each is asked, and what its caller reads.

use serde_json::{Value, json};

use super::kinds::{Kind, Speaks};

/// The surfaces that take conversations with tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Surface {
    Chat,
    Models,
    Responses,
    Messages,
}

impl Surface {
    /// Where it is.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Surface::Chat => "/accounts/contoso-hr/openai/v1/chat/completions",
            Surface::Models => "/accounts/contoso-hr/models/chat/completions?api-version=2024-05-01-preview",
            Surface::Responses => "/accounts/contoso-hr/openai/v1/responses",
            Surface::Messages => "/accounts/contoso-hr/anthropic/v1/messages",
        }
    }

    /// What a provider of this kind is asked in.
    pub(crate) fn at(self, kind: Kind) -> Speaks {
        match (self, kind) {
            (_, Kind::Anthropic) => Speaks::Messages,
            (Surface::Responses, Kind::Azure) => Speaks::Responses,
            _ => Speaks::Chat,
        }
    }

    /// A question with a system text and a tool.
    pub(crate) fn question(self, is_stream: bool) -> Value {
        let schema = json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]});
        let function = json!({"name": "weather", "description": "tells it", "parameters": schema});
        match self {
            Surface::Chat | Surface::Models => json!({"model": "far", "stream": is_stream,
                "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Weather?"}],
                "tools": [{"type": "function", "function": function}]}),
            Surface::Responses => json!({"model": "far", "stream": is_stream, "instructions": "Be brief.",
                "input": "Weather?", "tools": [{"type": "function", "name": "weather", "description": "tells it",
                    "parameters": schema, "strict": false}]}),
            Surface::Messages => json!({"model": "far", "stream": is_stream, "max_tokens": 100, "system": "Be brief.",
                "messages": [{"role": "user", "content": "Weather?"}],
                "tools": [{"name": "weather", "description": "tells it", "input_schema": schema}]}),
        }
    }

    /// What the caller reads of a whole answer: text, calls, tokens in and out.
    pub(crate) fn read(self, answer: &Value) -> (String, Vec<(String, Value)>, u64, u64) {
        let arguments = |text: &Value| serde_json::from_str(text.as_str().unwrap()).unwrap();
        let (text, calls) = match self {
            Surface::Chat | Surface::Models => {
                let choice = &answer["choices"][0];
                assert_eq!(choice["finish_reason"], "tool_calls", "{answer}");
                let calls = choice["message"]["tool_calls"].as_array().unwrap().iter();
                let call = |call: &Value| (call["function"]["name"].clone(), arguments(&call["function"]["arguments"]));
                (choice["message"]["content"].clone(), calls.map(call).collect::<Vec<_>>())
            }
            Surface::Responses => {
                assert_eq!(
                    (&answer["status"], &answer["object"]),
                    (&json!("completed"), &json!("response")),
                    "{answer}"
                );
                let output = answer["output"].as_array().unwrap();
                let of = |kind: &'static str| output.iter().filter(move |item| item["type"] == kind);
                let text = of("message").next().unwrap()["content"][0]["text"].clone();
                (text, of("function_call").map(|call| (call["name"].clone(), arguments(&call["arguments"]))).collect())
            }
            Surface::Messages => {
                assert_eq!(
                    (&answer["stop_reason"], &answer["type"]),
                    (&json!("tool_use"), &json!("message")),
                    "{answer}"
                );
                let content = answer["content"].as_array().unwrap();
                let of = |kind: &'static str| content.iter().filter(move |block| block["type"] == kind);
                let text = of("text").next().unwrap()["text"].clone();
                (text, of("tool_use").map(|call| (call["name"].clone(), call["input"].clone())).collect())
            }
        };
        let tokens = |names: [&str; 2]| names.iter().find_map(|name| answer["usage"][*name].as_u64()).unwrap();
        let calls = calls.into_iter().map(|(name, input)| (name.as_str().unwrap().to_owned(), input)).collect();
        let written = tokens(["completion_tokens", "output_tokens"]);
        (text.as_str().unwrap().to_owned(), calls, tokens(["prompt_tokens", "input_tokens"]), written)
    }

    /// Puts a stream together into the whole answer that it tells.
    pub(crate) fn gather(self, text: &str) -> Value {
        let events = events(text);
        match self {
            Surface::Chat | Surface::Models => gather_chat(text, &events),
            Surface::Messages => gather_message(&events),
            Surface::Responses => {
                let numbers: Vec<u64> = events.iter().map(|event| event["sequence_number"].as_u64().unwrap()).collect();
                assert_eq!(numbers, (0..numbers.len() as u64).collect::<Vec<_>>());
                assert_eq!(events[0]["type"], "response.created");
                let last = events.last().unwrap();
                assert_eq!(last["type"], "response.completed");
                last["response"].clone()
            }
        }
    }
}

/// The data of each event; a named one says its name in its data too.
pub(crate) fn events(text: &str) -> Vec<Value> {
    let event = |event: &str| -> Option<Value> {
        let line = |start: &str| event.lines().find_map(|line| line.strip_prefix(start)).map(str::to_owned);
        let data = line("data: ").filter(|data| data != "[DONE]")?;
        let data: Value = serde_json::from_str(&data).unwrap();
        if let Some(name) = line("event: ") {
            assert_eq!(data["type"], name);
        }
        Some(data)
    };
    text.split("\n\n").filter_map(event).collect()
}

fn gather_chat(text: &str, events: &[Value]) -> Value {
    assert!(text.ends_with("data: [DONE]\n\n"), "{text}");
    let (mut content, mut arguments) = (String::new(), String::new());
    let (mut name, mut finish, mut usage) = (Value::Null, Value::Null, Value::Null);
    for event in events {
        let choice = &event["choices"][0];
        content.push_str(choice["delta"]["content"].as_str().unwrap_or_default());
        let function = &choice["delta"]["tool_calls"][0]["function"];
        arguments.push_str(function["arguments"].as_str().unwrap_or_default());
        for (kept, new) in
            [(&mut name, &function["name"]), (&mut finish, &choice["finish_reason"]), (&mut usage, &event["usage"])]
        {
            if !new.is_null() {
                *kept = new.clone();
            }
        }
    }
    json!({"choices": [{"finish_reason": finish, "message": {"content": content,
        "tool_calls": [{"function": {"name": name, "arguments": arguments}}]}}], "usage": usage})
}

fn gather_message(events: &[Value]) -> Value {
    let mut message = Value::Null;
    let mut input = String::new();
    for event in events {
        let at = event["index"].as_u64().unwrap_or_default() as usize;
        match event["type"].as_str().unwrap() {
            "message_start" => message = event["message"].clone(),
            "content_block_start" => message["content"].as_array_mut().unwrap().push(event["content_block"].clone()),
            "content_block_delta" => match event["delta"]["type"].as_str().unwrap() {
                "text_delta" => {
                    let text = &mut message["content"][at]["text"];
                    *text = json!(format!("{}{}", text.as_str().unwrap(), event["delta"]["text"].as_str().unwrap()));
                }
                "input_json_delta" => input.push_str(event["delta"]["partial_json"].as_str().unwrap()),
                other => panic!("{other}"),
            },
            "message_delta" => {
                message["stop_reason"] = event["delta"]["stop_reason"].clone();
                for (name, tokens) in event["usage"].as_object().unwrap() {
                    message["usage"][name] = tokens.clone();
                }
            }
            "content_block_stop" | "ping" | "message_stop" => {}
            other => panic!("{other}"),
        }
    }
    assert_eq!(events.last().unwrap()["type"], "message_stop");
    for block in message["content"].as_array_mut().unwrap() {
        if block["type"] == "tool_use" {
            block["input"] = serde_json::from_str(&input).unwrap();
        }
    }
    message
}
