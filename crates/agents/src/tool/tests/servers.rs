//! Tools of MCP servers, over the wire.

use http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::{Asked, CallError, Planned, offer};
use super::house::{House, RUNNER, USER, call};
use super::server::{Answer, Seen, Server};

fn tool(server: &Server, more: Value) -> Value {
    let mut tool = json!({
        "type": "mcp", "server_label": "docs", "server_url": format!("{}/mcp/?v=1", server.url), "require_approval": "never",
    });
    tool.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    tool
}

/// A server of before `server/discover`: sessions, answers as JSON or as a stream, two pages of tools.
fn answer(seen: &Seen) -> Answer {
    if seen.method == "DELETE" {
        return Answer::empty(200);
    }
    let asked: Value = serde_json::from_str(&seen.body).unwrap();
    let id = asked["id"].clone();
    let json = |result: Value| Answer::json(200, json!({"jsonrpc": "2.0", "id": id, "result": result}));
    match asked["method"].as_str().unwrap() {
        "server/discover" => Answer::empty(400),
        "initialize" => {
            let mut answer = json(json!({
                "protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "docs", "version": "1"},
            }));
            answer.headers.push(("mcp-session-id", "session-1".to_owned()));
            answer
        }
        "tools/list" if asked["params"]["cursor"].is_null() => json(json!({
            "tools": [described("search", true), described("drop", false)], "nextCursor": "2",
        })),
        "tools/list" => json(json!({"tools": [described("whoami", true)]})),
        "tools/call" => called(&asked, seen),
        _ => Answer::empty(202),
    }
}

fn described(name: &str, is_read_only: bool) -> Value {
    json!({
        "name": name, "description": format!("Does {name}."), "annotations": {"readOnlyHint": is_read_only},
        "inputSchema": {"type": "object", "properties": {"q": {"type": "string"}}},
    })
}

/// The answer of a tool, as a stream.
fn called(asked: &Value, seen: &Seen) -> Answer {
    let text = |text: String| json!({"content": [{"type": "text", "text": text}]});
    let result = match asked["params"]["name"].as_str().unwrap() {
        "search" => text(format!("found {}", asked["params"]["arguments"]["q"])),
        "whoami" => {
            text(seen.headers.get("authorization").map_or("nobody", |value| value.to_str().unwrap()).to_owned())
        }
        _ => json!({"content": [{"type": "text", "text": "it is locked"}], "isError": true}),
    };
    let message = json!({"jsonrpc": "2.0", "id": asked["id"], "result": result});
    Answer {
        status: 200,
        headers: vec![("content-type", "text/event-stream".to_owned())],
        body: format!(": hello\n\nevent: message\ndata: {message}\n\n"),
    }
}

#[tokio::test]
async fn a_servers_tools_are_listed_page_by_page_and_called_by_their_own_names() {
    let (house, server) = (House::new().await, Server::start(answer).await);
    let (tools, ctx) =
        ([tool(&server, json!({"server_description": "The docs."}))], house.context(USER, None, &[&server.url]));
    let offered = offer(&tools, &ctx).await.unwrap();
    let names: Vec<Value> = offered.model_tools().iter().map(|tool| tool["name"].clone()).collect();
    assert_eq!(names, ["docs_search", "docs_drop", "docs_whoami"]);
    assert_eq!(offered.model_tools()[0]["description"], "The docs.\n\nDoes search.");
    let item = &offered.items()[0];
    assert_eq!((&item["type"], &item["server_label"]), (&json!("mcp_list_tools"), &json!("docs")));
    assert_eq!(item["tools"][1]["input_schema"]["type"], "object");

    let outcome = call(&tools, &ctx, "docs_search", &json!({"q": "cats"})).await;
    assert_eq!((outcome.output.as_str(), outcome.is_error()), ("found \"cats\"", false));
    let last = server.seen().into_iter().rfind(|seen| seen.body.contains("tools/call")).unwrap();
    assert_eq!(last.target, "/mcp/?v=1");
    assert_eq!(last.headers["mcp-session-id"], "session-1");
    assert_eq!(last.headers["mcp-protocol-version"], "2025-06-18");
    let record = house.records().pop().unwrap();
    assert_eq!((&record["status"], &record["run"]), (&json!(200), &json!("resp_1")));
    assert!(!record.to_string().contains("cats"), "{record}");
}

#[tokio::test]
async fn a_tool_that_fails_says_so_in_its_own_words() {
    let (house, server) = (House::new().await, Server::start(answer).await);
    let outcome =
        call(&[tool(&server, json!({}))], &house.context(USER, None, &[&server.url]), "docs_drop", &json!({})).await;
    assert_eq!(outcome.output, "it is locked");
    assert!(matches!(outcome.error, Some(CallError::Execution { .. })), "{outcome:?}");
}

#[tokio::test]
async fn only_allowed_tools_are_offered_and_some_need_a_yes() {
    let (house, server) = (House::new().await, Server::start(answer).await);
    let ctx = house.context(USER, None, &[&server.url]);
    let more = json!({"allowed_tools": ["search", "drop"], "require_approval": {"never": {"read_only": true}}});
    let tools = [tool(&server, more)];
    let offered = offer(&tools, &ctx).await.unwrap();
    assert_eq!(offered.model_tools().len(), 2);
    let plan = |function: &str| {
        offered.plan(&Asked { function, arguments: "{\"q\":\"x\"}", call_id: "call_1", id: Uuid::from_u128(5) })
    };
    assert!(matches!(plan("docs_whoami"), Planned::Unknown { .. }));
    assert!(matches!(plan("docs_search"), Planned::Server(_)));
    let Planned::NeedsApproval { item } = plan("docs_drop") else { panic!("it needs a yes") };
    assert_eq!(
        (&item["type"], &item["name"], &item["arguments"]),
        (&json!("mcp_approval_request"), &json!("drop"), &json!("{\"q\":\"x\"}"))
    );

    let made = offered.approved(&item, Uuid::from_u128(6)).unwrap();
    let outcome = made.make(&tools, &ctx).await;
    assert_eq!(made.items(Some(&outcome))[0]["approval_request_id"], item["id"]);
    let other = json!({"id": "mcpr_1", "server_label": "docs", "name": "whoami", "arguments": "{}"});
    assert_eq!(offered.approved(&other, Uuid::nil()).unwrap_err().field, "input.approval_request_id");
}

#[tokio::test]
async fn a_connections_key_is_a_bearer_token_and_is_not_repeated() {
    let (house, server) = (House::new().await, Server::start(answer).await);
    house.connect("docs-key", "ApiKey", &format!("{}/mcp", server.url), &[("key", "a-secret-of-docs")]).await;
    let tools = [tool(
        &server,
        json!({"project_connection_id": super::house::project().child("connections", "docs-key").as_str()}),
    )];
    let ctx = house.context(USER, None, &[&server.url]);
    let outcome = call(&tools, &ctx, "docs_whoami", &json!({})).await;
    assert_eq!(outcome.output, "Bearer ***");
    assert!(
        server
            .seen()
            .iter()
            .filter(|seen| seen.method == "POST")
            .all(|seen| seen.headers.contains_key("authorization"))
    );
    let refused = offer(&tools, &house.context(RUNNER, None, &[&server.url])).await;
    assert_eq!(refused.err().unwrap().status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_refusal_that_repeats_the_key_is_told_without_it() {
    let refusing = |method: &'static str| {
        move |seen: &Seen| {
            if !seen.body.contains(method) {
                return answer(seen);
            }
            let asked: Value = serde_json::from_str(&seen.body).unwrap();
            let shown = seen.headers.get("authorization").map_or("nobody", |value| value.to_str().unwrap());
            let error = json!({"code": -32000, "message": format!("not for {shown}")});
            Answer::json(200, json!({"jsonrpc": "2.0", "id": asked["id"], "error": error}))
        }
    };
    for method in ["\"initialize\"", "tools/list"] {
        let (house, server) = (House::new().await, Server::start(refusing(method)).await);
        let tools = [tool(&server, json!({"authorization": "a-token-of-docs"}))];
        let failure = offer(&tools, &house.context(USER, None, &[&server.url])).await.err().unwrap();
        assert!(failure.body.to_string().contains("not for Bearer ***"), "{method}: {}", failure.body);
        assert!(failure.reason.contains("-32000") && !failure.reason.contains("not for"), "{}", failure.reason);
    }
    let (house, server) = (House::new().await, Server::start(refusing("tools/call")).await);
    let tools = [tool(&server, json!({"authorization": "a-token-of-docs"}))];
    let outcome = call(&tools, &house.context(USER, None, &[&server.url]), "docs_search", &json!({})).await;
    assert!(outcome.output.contains("Bearer ***") && !outcome.output.contains("a-token"), "{outcome:?}");
}

#[tokio::test]
async fn headers_of_a_request_are_shown() {
    let (house, server) = (House::new().await, Server::start(answer).await);
    let tools = [tool(&server, json!({"headers": {"x-team": "red"}, "authorization": "a-token-of-docs"}))];
    let outcome = call(&tools, &house.context(USER, None, &[&server.url]), "docs_whoami", &json!({})).await;
    assert_eq!(outcome.output, "Bearer ***");
    assert_eq!(server.seen()[0].headers["x-team"], "red");
}

#[tokio::test]
async fn a_server_that_does_not_list_its_tools_fails_the_request_and_says_why() {
    for (status, told) in
        [(401, "did not accept the credentials"), (302, "redirect"), (404, "mend `server_url`"), (500, "status 500")]
    {
        let (house, server) = (House::new().await, Server::start(move |_| Answer::empty(status)).await);
        let failed = offer(&[tool(&server, json!({}))], &house.context(USER, None, &[&server.url])).await;
        let failure = failed.err().unwrap();
        assert_eq!(failure.status, StatusCode::FAILED_DEPENDENCY, "{status}");
        assert!(failure.reason.contains(told), "{status}: {}", failure.reason);
    }
}

#[tokio::test]
async fn an_endless_stream_and_something_that_is_not_the_protocol_are_failures() {
    let much = |seen: &Seen| match seen.body.contains("tools/list") {
        true => Answer {
            status: 200,
            headers: vec![("content-type", "text/event-stream".to_owned())],
            body: format!("data: {}\n\n", "x".repeat(5 * 1024 * 1024)),
        },
        false => answer(seen),
    };
    let page = |_: &Seen| Answer {
        body: "<html>".to_owned(),
        headers: vec![("content-type", "text/html".to_owned())],
        ..Answer::empty(200)
    };
    for server in [Server::start(much).await, Server::start(page).await] {
        let house = House::new().await;
        let failed = offer(&[tool(&server, json!({}))], &house.context(USER, None, &[&server.url])).await;
        assert_eq!(failed.err().unwrap().status, StatusCode::FAILED_DEPENDENCY);
    }
}
