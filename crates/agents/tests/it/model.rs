//! A model of these tests, at a provider that speaks chat completions: what it says depends on what it is told alone, so any number
//! of runs can ask it at once.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// Whether requests that are to wait may go on.
type Gate = watch::Sender<bool>;

/// The provider, and the HTTP API that tools call.
pub(crate) struct Model {
    /// `http://127.0.0.1:{port}`
    pub(crate) url: String,
    state: Arc<State>,
}

struct State {
    asked: Mutex<Vec<Value>>,
    called: Mutex<Vec<String>>,
    /// Closed: a model that is told `wait` and a tool that is called with `slow` do not answer.
    gate: Gate,
}

impl Model {
    /// Listens until its runtime ends.
    pub(crate) async fn start() -> Model {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state =
            Arc::new(State { asked: Mutex::default(), called: Mutex::default(), gate: watch::channel(false).0 });
        let serving = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&serving);
                let service = service_fn(move |request| {
                    let state = Arc::clone(&state);
                    async move { Ok::<_, Infallible>(answer(request, &state).await) }
                });
                tokio::spawn(async move {
                    // A broken connection is part of some stories.
                    drop(Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await);
                });
            }
        });
        Model { url, state }
    }

    /// Lets everybody go on who waits.
    pub(crate) fn go_on(&self) {
        self.state.gate.send_replace(true);
    }

    /// What the model was asked so far.
    pub(crate) fn asked(&self) -> Vec<Value> {
        self.state.asked.lock().unwrap().clone()
    }

    /// The paths and queries that tools called so far.
    pub(crate) fn called(&self) -> Vec<String> {
        self.state.called.lock().unwrap().clone()
    }

    /// An OpenAPI tool that looks something up here: `GET /look/{what}`.
    pub(crate) fn tool(&self) -> Value {
        let parameter = json!({"name": "what", "in": "path", "required": true, "schema": {"type": "string"}});
        let operation = json!({"operationId": "look", "description": "Looks something up.", "parameters": [parameter],
            "responses": {"200": {"description": "what was found"}}});
        json!({"type": "openapi", "openapi": {"name": "library", "description": "Knows things.", "auth": {"type": "anonymous"},
            "spec": {"openapi": "3.0.3", "info": {"title": "library", "version": "1"}, "servers": [{"url": self.url}],
                "paths": {"/look/{what}": {"get": operation}}}}})
    }
}

async fn answer(request: Request<Incoming>, state: &State) -> Response<UnsyncBoxBody<Bytes, Infallible>> {
    let (head, body) = request.into_parts();
    let bytes = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    if let Some(what) = head.uri.path().strip_prefix("/look/") {
        state.called.lock().unwrap().push(head.uri.path().to_owned());
        wait_if(what.contains("slow"), state).await;
        return whole("text/plain", format!("all about {what}"));
    }
    let asked: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    state.asked.lock().unwrap().push(asked.clone());
    let (last, text) = last(&asked);
    wait_if(last != "tool" && text.contains("wait"), state).await;
    if text.contains("fail") {
        let body = json!({"error": {"message": "the model is upset", "type": "server_error", "code": "upset"}});
        let mut response = whole("application/json", body.to_string());
        *response.status_mut() = http::StatusCode::BAD_REQUEST;
        return response;
    }
    let said = says(&last, &text, &asked);
    if asked["stream"] == true {
        return whole("text/event-stream", events(&said));
    }
    let message = json!({"role": "assistant", "content": said.text});
    let choice = json!({"index": 0, "finish_reason": "stop", "message": message});
    let answer = json!({"id": "theirs", "object": "chat.completion", "created": 1, "model": "their-2026", "choices": [choice],
        "usage": usage()});
    whole("application/json", answer.to_string())
}

async fn wait_if(waits: bool, state: &State) {
    if waits {
        let _ = state.gate.subscribe().wait_for(|is_open| *is_open).await;
    }
}

fn whole(kind: &str, body: String) -> Response<UnsyncBoxBody<Bytes, Infallible>> {
    let response = Response::builder().header("content-type", kind);
    response.body(Full::new(Bytes::from(body)).boxed_unsync()).unwrap()
}

/// Role and text of the last message.
fn last(asked: &Value) -> (String, String) {
    let Some(message) = asked["messages"].as_array().and_then(|all| all.last()) else { return Default::default() };
    let content = &message["content"];
    let text = content.as_str().or_else(|| content[0]["text"].as_str()).unwrap_or_default();
    (message["role"].as_str().unwrap_or_default().to_owned(), text.to_owned())
}

/// What the model says.
struct Said {
    text: String,
    /// Names and arguments.
    calls: Vec<(String, Value)>,
}

/// `look a b` looks up a and b, `call f` calls the function f, everything else is repeated.
fn says(role: &str, text: &str, asked: &Value) -> Said {
    let words = |word: &str| Some(text.split_once(word)?.1.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
    let calls = match (role, words("look "), words("call ")) {
        ("user", Some(what), _) => what.iter().map(|what| ("library_look".to_owned(), json!({"what": what}))).collect(),
        ("user", _, Some(names)) => names.iter().map(|name| (name.clone(), json!({}))).collect(),
        _ => Vec::new(),
    };
    let results =
        asked["messages"].as_array().into_iter().flatten().filter(|message| message["role"] == "tool").count();
    let text = if role == "tool" { format!("I read {results}: {text}") } else { format!("You said: {text}") };
    Said { text, calls }
}

fn usage() -> Value {
    json!({"prompt_tokens": 14, "completion_tokens": 9, "total_tokens": 23})
}

/// The same as a stream.
fn events(said: &Said) -> String {
    let chunk = |choices: Value, usage: Value| {
        let chunk = json!({"id": "theirs", "object": "chat.completion.chunk", "created": 1, "model": "their-2026",
            "choices": choices, "usage": usage});
        format!("data: {chunk}\n\n")
    };
    let delta = |delta: Value, finish: Value| {
        chunk(json!([{"index": 0, "delta": delta, "finish_reason": finish}]), Value::Null)
    };
    let mut events = vec![delta(json!({"role": "assistant", "content": ""}), Value::Null)];
    for (index, (name, arguments)) in said.calls.iter().enumerate() {
        let function = json!({"name": name, "arguments": arguments.to_string()});
        let call = json!({"index": index, "id": format!("call_{index}"), "type": "function", "function": function});
        events.push(delta(json!({"tool_calls": [call]}), Value::Null));
    }
    if said.calls.is_empty() {
        let (first, second) = said.text.split_at(5);
        events.extend([first, second].map(|text| delta(json!({"content": text}), Value::Null)));
    }
    events.push(delta(json!({}), json!(if said.calls.is_empty() { "stop" } else { "tool_calls" })));
    events.push(chunk(json!([]), usage()));
    events.push("data: [DONE]\n\n".to_owned());
    events.concat()
}
