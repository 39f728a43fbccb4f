//! `cupola usage` over a data folder: while its server runs, and after.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use server::demo;
use store::{ObjectKind, Record, Store, SystemClock};
use uuid::Uuid;

const CATALOG: &str = r#"
[[model]]
name = "small"
version = "1"
format = "OpenAI"
runs = { embedded = { file = "small.gguf" } }
price = { input_micro_usd_per_million = 1000000, cached_input_micro_usd_per_million = 500000, output_micro_usd_per_million = 2000000 }
"#;

/// `cupola usage …`, without what a shell may have exported.
fn usage(dir: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cupola"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CUPOLA_")) {
        command.env_remove(name);
    }
    command.arg("usage").arg("--data-dir").arg(dir).args(arguments).output().unwrap()
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    text(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn refused(output: &Output) -> String {
    assert!(!output.status.success() && output.stdout.is_empty(), "{output:?}");
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A data folder whose journal has uses of two people of one group, and of a key.
struct Folder {
    dir: tempfile::TempDir,
    store: Store,
    /// The group, and who is in it.
    group: (Uuid, String),
    people: Vec<(Uuid, String)>,
}

impl Folder {
    async fn new() -> Folder {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), Arc::new(SystemClock)).await.unwrap();
        demo::begin(&store, Timestamp::now()).await.unwrap();
        let world = store.world();
        let mut groups = world.directory.of_kind(ObjectKind::Group);
        let group = groups.find(|group| world.directory.members(group.id).count() >= 2).unwrap();
        let person = |id: Uuid| {
            let object = world.directory.object(id).unwrap();
            (id, object.user_principal_name.clone().unwrap_or_else(|| object.display_name.clone()))
        };
        let people = world.directory.members(group.id).take(2).map(|member| person(member.id)).collect();
        let group = (group.id, group.display_name.clone());
        std::fs::write(dir.path().join("models.toml"), CATALOG).unwrap();
        let config = format!("model_catalog = {:?}\n", dir.path().join("models.toml"));
        std::fs::write(dir.path().join("cupola.toml"), config).unwrap();
        let folder = Folder { dir, store, group, people };
        let (one, other) = (folder.people[0].0, folder.people[1].0);
        folder.note(folder.answered(one)).await;
        folder.note(folder.answered(one)).await;
        folder.note(folder.answered(other)).await;
        let by_key = Record { principal_id: None, credential: "key1".into(), ..folder.answered(one) };
        folder.note(by_key).await;
        let long_ago = Timestamp::now().checked_sub(SignedDuration::from_hours(48)).unwrap();
        folder.note(Record { time: long_ago, ..folder.answered(one) }).await;
        folder.note(Record { plane: "arm".into(), ..folder.answered(one) }).await;
        let refused = Record { outcome: "refused".into(), status: 403, ..folder.answered(other) };
        folder.note(Record { prompt_tokens: None, completion_tokens: None, ..refused }).await;
        folder
    }

    /// 100 tokens read, 40 of them from a cache, and 50 written: 180 millionths of a dollar.
    fn answered(&self, principal: Uuid) -> Record {
        Record {
            time: Timestamp::now(),
            decision_id: Uuid::now_v7(),
            plane: "inference".into(),
            outcome: "allowed".into(),
            status: 200,
            principal_id: Some(principal),
            credential: "token".into(),
            account: Some("bank".to_owned()),
            deployment: Some("chat".into()),
            model: Some("small".into()),
            prompt_tokens: Some(100),
            cached_input_tokens: Some(40),
            completion_tokens: Some(50),
            ..Record::default()
        }
    }

    async fn note(&self, record: Record) {
        self.store.journal().append(&record).await.unwrap();
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn config(&self) -> String {
        self.path().join("cupola.toml").to_str().unwrap().to_owned()
    }
}

fn of<'a>(lines: &'a [Value], key: &str) -> &'a Value {
    lines.iter().find(|line| line["key"] == key).unwrap_or_else(|| panic!("{key}: {lines:?}"))
}

#[tokio::test]
async fn a_deployments_use_is_summed_and_priced_beside_the_running_store() {
    let folder = Folder::new().await;
    let found = lines(&usage(folder.path(), &["--since", "24h", "--json", "--config", &folder.config()]));
    let chat = of(&found, "bank/chat");
    for (field, expected) in [
        ("requests", 5),
        ("allowed", 4),
        ("refused", 1),
        ("failed", 0),
        ("promptTokens", 400),
        ("cachedInputTokens", 160),
        ("completionTokens", 200),
        ("costMicroUsd", 4 * 180),
        ("unpricedRequests", 0),
    ] {
        assert_eq!(chat[field], expected, "{field}: {chat}");
    }
    assert_eq!(found.last().unwrap()["by"], "all");
    let all_time = lines(&usage(folder.path(), &["--json", "--config", &folder.config()]));
    assert_eq!(of(&all_time, "bank/chat")["requests"], 6, "the management plane uses no model");
}

#[tokio::test]
async fn without_a_price_the_cost_is_not_nothing_but_unknown() {
    let folder = Folder::new().await;
    let found = lines(&usage(folder.path(), &["--json"]));
    assert_eq!(of(&found, "bank/chat")["costMicroUsd"], Value::Null);
    let shown = text(&usage(folder.path(), &[]));
    let line = shown.lines().find(|line| line.starts_with("bank/chat")).unwrap();
    assert!(line.ends_with(" -") && shown.contains("`small`") && shown.contains("`price`"), "{shown}");
}

#[tokio::test]
async fn people_and_groups_have_their_names_beside_their_ids() {
    let folder = Folder::new().await;
    let ask = |by: &str| lines(&usage(folder.path(), &["--since", "24h", "--json", "--by", by]));
    let people = ask("identity");
    for ((id, name), requests) in folder.people.iter().zip([2, 2]) {
        let line = of(&people, &id.to_string());
        assert_eq!((&line["name"], &line["requests"]), (&json!(name), &json!(requests)), "{line}");
    }
    assert_eq!(of(&people, "bank/key1")["requests"], 1);
    let groups = ask("group");
    let line = of(&groups, &folder.group.0.to_string());
    assert_eq!((&line["name"], &line["requests"]), (&json!(folder.group.1), &json!(4)), "{line}");
    assert_eq!(groups.last().unwrap()["requests"], 5, "each request once");
    let shown = text(&usage(folder.path(), &["--by", "group"]));
    assert!(shown.contains("Membership is that of now") && shown.contains(&folder.group.1), "{shown}");
}

#[tokio::test]
async fn the_folder_answers_when_its_server_is_gone() {
    let folder = Folder::new().await;
    folder.store.close().await;
    let found = lines(&usage(folder.path(), &["--by", "model", "--json"]));
    assert_eq!(of(&found, "small")["allowed"], 5);
}

#[tokio::test]
async fn what_cannot_be_meant_is_told_its_mend() {
    let folder = Folder::new().await;
    let said = refused(&usage(folder.path(), &["--since", "yesterday"]));
    assert!(said.contains("`yesterday`") && said.contains("24h") && said.contains("2026-11-01"), "{said}");
    let said = refused(&usage(folder.path(), &["--since", "1h", "--until", "2h"]));
    assert!(said.contains("exchange them"), "{said}");
    let said = refused(&usage(folder.path(), &["--by", "person"]));
    assert!(said.contains("identity"), "{said}");
    let said = refused(&usage(&folder.path().join("nowhere"), &[]));
    assert!(said.contains("is not a data folder"), "{said}");
}

#[tokio::test]
async fn a_time_without_requests_is_said_to_have_none() {
    let folder = Folder::new().await;
    let shown = text(&usage(folder.path(), &["--until", "2020-01-01"]));
    assert!(shown.contains("No request of the data plane is recorded"), "{shown}");
}
