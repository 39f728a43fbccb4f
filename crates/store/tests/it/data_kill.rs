//! SIGKILL in the middle of writes of objects: each is there whole, or not at all, and none that was acknowledged is lost.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use rbac::Reads;
use serde_json::json;
use store::{DataKey, DataKind, DataQuery, Store, SystemClock};

use crate::kill::{DIR, ROUND, a_while, lines, say, spawn};
use crate::support::*;

const CHILD: &str = "data_kill::the_child_keeps_objects_until_it_is_killed";
/// Each kill is somewhere in a commit of several writes.
const ROUNDS: u32 = 25;
/// Items that a conversation is made with, in one write.
const ITEMS: u64 = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "started by the test below, which kills it"]
async fn the_child_keeps_objects_until_it_is_killed() {
    let Ok(dir) = std::env::var(DIR) else { panic!("{DIR} is not set") };
    let round = std::env::var(ROUND).unwrap();
    let store = Store::open(Path::new(&dir), Arc::new(SystemClock)).await.unwrap();
    store.write(&server_permit(store.now()), data_rows()).await.unwrap();
    for writer in 0..4 {
        let (store, round) = (store.clone(), round.clone());
        tokio::spawn(async move {
            for n in 0.. {
                let id = format!("c{round}-{writer}-{n}");
                let conversation = DataKey::new(DataKind::Conversation, &project("p"), &id);
                let mut changes = vec![put_object(conversation.clone(), json!({ "id": id }))];
                changes.extend((0..ITEMS).map(|item| {
                    put_object(conversation.part(DataKind::ConversationItem, item.to_string()), json!(item))
                }));
                store.write_data(&data_permit::<Reads>(&store, &project("p")), changes).await.unwrap();
                say(&format!("kept {id}"));
            }
        });
    }
    std::future::pending().await
}

#[tokio::test]
async fn a_killed_process_leaves_whole_writes_and_all_that_it_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let mut kept = HashSet::new();
    for round in 0..ROUNDS {
        let mut child = spawn(CHILD, dir.path(), round);
        let acknowledged = lines(&mut child);
        let first = acknowledged.iter().find(|line| line.starts_with("kept ")).expect("the child writes");
        thread::sleep(a_while(30));
        child.kill().unwrap();
        child.wait().unwrap();
        kept.extend(
            std::iter::once(first)
                .chain(acknowledged.iter())
                .filter_map(|line| line.strip_prefix("kept ").map(str::to_owned)),
        );
    }
    assert!(kept.len() > ROUNDS as usize, "{}", kept.len());

    let store = Store::open(dir.path(), Arc::new(SystemClock)).await.unwrap();
    let permit = || data_permit::<Reads>(&store, &project("p"));
    let all = DataQuery::first(DataKind::Conversation, &project("p"), None, u32::MAX);
    let found = store.data_objects(&permit(), &all).await.unwrap().objects;
    for object in &found {
        kept.remove(&object.key.id);
        let items = DataQuery::first(DataKind::ConversationItem, &project("p"), Some(&object.key.id), 1);
        assert_eq!(store.count_data(&permit(), &items).await.unwrap(), ITEMS, "{}", object.key.id);
    }
    assert!(kept.is_empty(), "lost: {kept:?}");
    store.close().await;
}
