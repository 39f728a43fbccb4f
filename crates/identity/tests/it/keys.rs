//! Signing keys live sealed in the store and outlive a restart.

use std::sync::Arc;

use identity::{KeyError, SigningKeys};
use rbac::Task;
use store::Store;

use crate::fixture::{FixedClock, now, task_permit};

#[tokio::test]
async fn a_first_start_makes_a_key_and_a_second_start_finds_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), Arc::new(FixedClock)).await.unwrap();
    let permit = task_permit(Task::SigningKey);
    let first = SigningKeys::load(&store, &permit, now()).await.unwrap().jwks();
    store.close().await;
    drop(store);

    let store = Store::open(folder.path(), Arc::new(FixedClock)).await.unwrap();
    let again = SigningKeys::load(&store, &permit, now()).await.unwrap().jwks();
    store.close().await;
    assert_eq!(first, again);
    assert_eq!(first["keys"].as_array().unwrap().len(), 1);
    assert_eq!(first["keys"][0]["alg"], "RS256");
    assert!(first["keys"][0].get("d").is_none(), "the private exponent is not published");
}

#[test]
fn without_a_key_there_is_no_set_of_keys() {
    assert!(matches!(SigningKeys::of(Vec::new()), Err(KeyError::None)));
}
