//! `cupola access`: against a data folder, against a running server, and against nothing but a file.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::running::Running;

const CHAT: &str = "Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action";
const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../conformance/rbac");

/// `cupola access …`, given this on stdin, without what a shell may have exported.
fn access_with(arguments: &[&str], variables: &[(&str, &str)], stdin: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cupola"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CUPOLA_") || name == "SSL_CERT_FILE") {
        command.env_remove(name);
    }
    command.arg("access").args(arguments).envs(variables.iter().copied());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let text = stdin.to_owned();
    // Beside the reading of its output: a pipe holds little.
    let writer = std::thread::spawn(move || drop(input.write_all(text.as_bytes())));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

fn access(arguments: &[&str]) -> Output {
    access_with(arguments, &[], "")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What it printed; it must have succeeded.
fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

fn json_of(output: &Output) -> Value {
    serde_json::from_str(&said(output)).unwrap()
}

/// The one line on stderr of what must have failed.
fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    let said = text(&output.stderr);
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    said
}

/// The admin asks for a chat, which Owner does not include; the id of the refusal.
async fn refused_chat(running: &Running) -> String {
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}&scope=https%3A%2F%2Fai.azure.com%2F.default",
        running.env["CUPOLA_ADMIN_CLIENT_ID"], running.env["CUPOLA_ADMIN_CLIENT_SECRET"]
    );
    let path = format!("/{}/oauth2/v2.0/token", running.env["CUPOLA_TENANT_ID"]);
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let (_, body) = running.client.send(Method::POST, &path, &headers, &form).await.unwrap();
    let bearer = format!("Bearer {}", body["access_token"].as_str().unwrap());
    let endpoint = &running.env["CUPOLA_OPENAI_ENDPOINT"];
    let path = format!("{}/chat/completions", endpoint.strip_prefix(&running.url).unwrap().trim_end_matches('/'));
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let body = json!({ "model": "chat", "messages": [{ "role": "user", "content": "Hello" }] }).to_string();
    let (status, body) = running.client.send(Method::POST, &path, &headers, &body).await.unwrap();
    assert_eq!(status, StatusCode::UNAUTHORIZED, "{body}");
    body["error"]["additionalInfo"][0]["info"]["decisionId"].as_str().unwrap().to_owned()
}

/// A running demo with a refusal in its journal: the admin asks for a chat, which Owner does not include.
struct Tenant {
    running: Running,
    dir: tempfile::TempDir,
    /// The admin's token for the control plane.
    token: String,
    /// The id of the refused decision.
    decision: String,
    /// Where it was refused.
    account: String,
}

impl Tenant {
    async fn demo() -> Tenant {
        let dir = tempfile::tempdir().unwrap();
        let running = Running::demo(dir.path());
        let token = running.client.arm_token(&running.env).await;
        let bearer = format!("Bearer {token}");
        let path = format!(
            "/subscriptions/{}/providers/Microsoft.CognitiveServices/accounts?api-version=1",
            running.env["CUPOLA_SUBSCRIPTION_ID"]
        );
        let (status, body) = running.client.send(Method::GET, &path, &[("authorization", &bearer)], "").await.unwrap();
        assert_eq!(status, StatusCode::OK, "{body}");
        let account = body["value"][0]["id"].as_str().unwrap().to_owned();
        let decision = refused_chat(&running).await;
        Tenant { running, dir, token, decision, account }
    }

    fn folder(&self) -> &str {
        self.dir.path().to_str().unwrap()
    }

    fn ca(&self) -> String {
        self.dir.path().join("ca.pem").to_str().unwrap().to_owned()
    }

    /// The same question of the folder and of the server.
    fn both(&self, question: &[&str]) -> (Output, Output) {
        let of_folder = access(&[question, &["--data-dir", self.folder()]].concat());
        let ca = self.ca();
        let arguments = [question, &["--server", &self.running.url, "--ca", &ca]].concat();
        (of_folder, access_with(&arguments, &[("CUPOLA_ACCESS_TOKEN", &self.token)], ""))
    }
}

#[tokio::test]
async fn a_refusal_is_explained_by_its_id_from_the_folder_and_by_the_server() {
    let tenant = Tenant::demo().await;
    let (folder, server) = tenant.both(&["explain", "--decision", &tenant.decision]);
    let told = said(&folder);
    assert_eq!(told, said(&server), "the folder and the server tell the same");
    for expected in ["refused", "chat/completions/action", "Today: NotAllowed", "az role assignment create", "Owner at"]
    {
        assert!(told.contains(expected), "{expected}: {told}");
    }
    let (folder, server) = tenant.both(&["explain", "--json", "--decision", &tenant.decision]);
    let report = json_of(&folder);
    assert_eq!(report, json_of(&server));
    assert_eq!((&report["then"]["outcome"], &report["changed"]), (&json!("refused"), &json!(false)), "{report}");
    assert!(tenant.running.terminate().success());
}

#[tokio::test]
async fn the_folder_answers_when_its_server_is_gone_and_stays_as_it_was() {
    let tenant = Tenant::demo().await;
    let Tenant { running, dir, decision, .. } = tenant;
    assert!(running.terminate().success());
    let names = |dir: &Path| {
        let mut names: Vec<_> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let database = || std::fs::read(dir.path().join("cupola.db")).unwrap();
    let before = (names(dir.path()), database());
    let folder = dir.path().to_str().unwrap();
    let told = said(&access(&["explain", "--decision", &decision, "--data-dir", folder]));
    assert!(told.contains("Today: NotAllowed"), "{told}");
    assert_eq!(names(dir.path()), before.0);
    assert!(database() == before.1, "the database is as it was, byte for byte");
    assert!(Running::demo(dir.path()).terminate().success());
}

#[tokio::test]
async fn since_then_a_grant_is_noticed() {
    let tenant = Tenant::demo().await;
    let report =
        json_of(&access(&["explain", "--json", "--decision", &tenant.decision, "--data-dir", tenant.folder()]));
    let mend = &report["now"]["mend"];
    let path = format!(
        "{}/providers/Microsoft.Authorization/roleAssignments/{}?api-version=2022-04-01",
        mend["scope"].as_str().unwrap(),
        uuid::Uuid::new_v4()
    );
    let definition =
        format!("/providers/Microsoft.Authorization/roleDefinitions/{}", mend["role"]["id"].as_str().unwrap());
    let body =
        json!({ "properties": { "roleDefinitionId": definition, "principalId": mend["principal"] } }).to_string();
    let bearer = format!("Bearer {}", tenant.token);
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let (status, answer) = tenant.running.client.send(Method::PUT, &path, &headers, &body).await.unwrap();
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    let (folder, server) = tenant.both(&["explain", "--decision", &tenant.decision]);
    let told = said(&folder);
    assert!(told.contains("since then this has changed") && told.contains("Today: Allowed"), "{told}");
    assert_eq!(told, said(&server));
}

#[tokio::test]
async fn who_can_and_what_can_tell_the_same_from_both() {
    let tenant = Tenant::demo().await;
    let (folder, server) = tenant.both(&["who-can", CHAT, &tenant.account, "--data"]);
    let told = said(&folder);
    assert_eq!(told, said(&server));
    assert!(told.contains("data action") && told.contains("through the group"), "{told}");
    assert!(!told.contains(&tenant.running.env["CUPOLA_USER"]), "who holds nothing is not listed: {told}");
    for question in [
        &["what-can", "priya.raman@contoso.com", "--json"][..],
        &["what-can", "priya.raman@contoso.com", &tenant.account, "--json"],
    ] {
        let (folder, server) = tenant.both(question);
        let found = json_of(&folder);
        assert_eq!(found, json_of(&server));
        assert!(found["assignments"].as_array().is_some_and(|held| !held.is_empty()), "{found}");
    }
    let (folder, server) = tenant.both(&["what-can", "priya.raman@contoso.com", &tenant.account]);
    let told = said(&folder);
    assert_eq!(told, said(&server));
    assert!(told.contains("Microsoft.CognitiveServices/accounts/deployments/write"), "{told}");
}

#[tokio::test]
async fn mistakes_are_named_with_their_mend() {
    let tenant = Tenant::demo().await;
    let (folder, server) = tenant.both(&["what-can", "pria.raman@contoso.com"]);
    for output in [&folder, &server] {
        let said = refused(output);
        assert!(said.contains("did you mean `priya.raman@contoso.com`"), "{said}");
    }
    let (folder, server) = tenant.both(&["explain", "--decision", "00000000-0000-0000-0000-000000000001"]);
    for output in [&folder, &server] {
        assert!(refused(output).contains("no decision"), "{output:?}");
    }
    let (folder, server) = tenant.both(&["who-can", "read", "/"]);
    for output in [&folder, &server] {
        assert!(refused(output).contains("Microsoft.CognitiveServices/accounts/read"), "{output:?}");
    }
    let (folder, _) = tenant.both(&["who-can", CHAT, "nowhere"]);
    assert!(refused(&folder).contains("`nowhere` is no scope"));
    let empty = tempfile::tempdir().unwrap();
    let said = refused(&access(&["what-can", "alice", "--data-dir", empty.path().to_str().unwrap()]));
    assert!(said.contains("is not a data folder"), "{said}");
}

#[tokio::test]
async fn a_server_is_asked_over_tls_with_a_token_and_never_otherwise() {
    let tenant = Tenant::demo().await;
    let (url, ca) = (tenant.running.url.clone(), tenant.ca());
    let question = ["what-can", "priya.raman@contoso.com"];
    let ask = |more: &[&str], variables: &[(&str, &str)]| access_with(&[&question[..], more].concat(), variables, "");
    let good = ("CUPOLA_ACCESS_TOKEN", tenant.token.as_str());
    let unset = refused(&ask(&["--server", &url, "--ca", &ca], &[]));
    assert!(unset.contains("CUPOLA_ACCESS_TOKEN") && unset.contains("--token-file"), "{unset}");
    let plain = refused(&ask(&["--server", &url.replace("https", "http"), "--ca", &ca], &[good]));
    assert!(plain.contains("https://"), "{plain}");
    let unknown = tempfile::tempdir().unwrap();
    let other = Running::demo(unknown.path());
    let other_ca = unknown.path().join("ca.pem");
    let untrusted = refused(&ask(&["--server", &url, "--ca", other_ca.to_str().unwrap()], &[good]));
    assert!(untrusted.to_lowercase().contains("certificate"), "{untrusted}");
    let wrong = refused(&ask(&["--server", &url, "--ca", &ca], &[("CUPOLA_ACCESS_TOKEN", "not-a-token")]));
    assert!(wrong.contains("az account get-access-token") && !wrong.contains("not-a-token"), "{wrong}");
    let file = tenant.dir.path().join("token");
    std::fs::write(&file, format!("{}\n", tenant.token)).unwrap();
    said(&ask(&["--server", &url, "--ca", &ca, "--token-file", file.to_str().unwrap()], &[]));
    assert!(other.terminate().success());
}

#[test]
fn one_of_folder_and_server_must_be_named() {
    for arguments in [&["what-can", "alice"][..], &["what-can", "alice", "--data-dir", "d", "--server", "https://a"]] {
        let output = access(arguments);
        assert_eq!(output.status.code(), Some(2));
        let said = text(&output.stderr);
        assert!(said.contains("--data-dir") && said.contains("--server"), "{said}");
    }
}

#[test]
fn every_access_command_has_help_with_an_example() {
    for command in [&[][..], &["explain"], &["who-can"], &["what-can"], &["evaluate"]] {
        let help = said(&access(&[command, &["--help"]].concat()));
        assert!(help.contains("Examples:"), "{command:?}: {help}");
    }
}

// ---- evaluate

fn lines(output: &Output) -> Vec<Value> {
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_public_cases_are_decided_offline_one_line_each() {
    let mut files: Vec<_> = std::fs::read_dir(CASES).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|kind| kind == "json"));
    assert!(!files.is_empty());
    for file in files {
        let cases: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        let output = access(&["evaluate", file.to_str().unwrap()]);
        said(&output);
        let lines = lines(&output);
        assert_eq!(lines.len(), cases.len());
        for (case, line) in cases.iter().zip(&lines) {
            assert_eq!((&line["id"], &line["decision"]), (&case["id"], &case["expected"]), "{line}");
            assert!(!line["reason"].as_str().unwrap().is_empty(), "{line}");
            assert_eq!(line.as_object().unwrap().len(), 3, "{line}");
        }
    }
}

fn case(id: &Value, expected: Option<&str>) -> Value {
    let mut case = json!({ "id": id, "input": { "ids": ["u1"], "action": "Microsoft.CognitiveServices/accounts/read",
        "data": false, "resource": "/subscriptions/s1",
        "assignments": [{ "role": "Reader", "scope": "/subscriptions/s1", "principal": "u1" }] } });
    if let Some(expected) = expected {
        case["expected"] = json!(expected);
    }
    case
}

#[test]
fn a_case_that_differs_is_named_and_ends_with_1() {
    let cases = json!([case(&json!(1), Some("ALLOW")), case(&json!("two"), Some("DENY")), case(&json!(3), None)]);
    let output = access_with(&["evaluate", "-"], &[], &cases.to_string());
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(lines(&output).len(), 3, "the others are decided all the same");
    assert_eq!(lines(&output)[1]["id"], "two");
    let said = text(&output.stderr);
    assert!(said.contains("case \"two\": expected DENY, decided ALLOW") && said.contains("1 of 3"), "{said}");
    let one = access_with(&["evaluate", "-"], &[], &case(&json!(1), Some("ALLOW")).to_string());
    assert_eq!((one.status.code(), lines(&one).len()), (Some(0), 1), "one case is no list");
}

#[test]
fn a_file_that_is_no_list_of_cases_ends_with_2() {
    let bad = [
        ("{", "JSON"),
        (&json!([{ "id": 1, "inptu": {} }]).to_string(), "inptu"),
        (&json!([{ "id": 7, "input": { "ids": [] } }]).to_string(), "case 7"),
    ];
    for (text_of, expected) in bad {
        let output = access_with(&["evaluate", "-"], &[], text_of);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let said = text(&output.stderr);
        assert!(said.contains(expected), "{expected}: {said}");
    }
    let output = access(&["evaluate", "/nowhere.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("`/nowhere.json`"));
}

#[test]
fn ten_thousand_cases_come_out_in_their_order() {
    let cases: Vec<Value> = (0..10_000).map(|id| case(&json!(id), Some("ALLOW"))).collect();
    let output = access_with(&["evaluate", "-"], &[], &json!(cases).to_string());
    said(&output);
    let ids: Vec<u64> = lines(&output).iter().map(|line| line["id"].as_u64().unwrap()).collect();
    assert!(ids.into_iter().eq(0..10_000));
}
