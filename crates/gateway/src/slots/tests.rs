#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::time::Duration;

use super::*;

fn slots(slots: usize, queue: usize) -> Arc<Slots> {
    Arc::new(Slots::new(Limits { slots, queue }))
}

#[tokio::test]
async fn a_full_queue_is_refused_with_when_to_come_back() {
    let slots = slots(1, 0);
    let _running = slots.admit().await.map_err(|_| ()).unwrap();
    let refused = slots.admit().await.map(drop).unwrap_err();
    assert_eq!(refused.status.as_u16(), 429);
    assert_eq!(refused.body["error"]["code"], "429");
    assert!(refused.headers.contains(&("retry-after", "2".to_owned())), "{:?}", refused.headers);
    assert!(refused.headers.contains(&("retry-after-ms", "2000".to_owned())), "{:?}", refused.headers);
}

#[tokio::test]
async fn who_waits_gets_the_slot_that_is_given_back() {
    let slots = slots(1, 1);
    let running = slots.admit().await.map_err(|_| ()).unwrap();
    let waits = Arc::clone(&slots);
    let waiting = tokio::spawn(async move { waits.admit().await.is_ok() });
    while slots.waiting.load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await;
    }
    drop(running);
    assert!(waiting.await.unwrap());
    assert_eq!(slots.waiting.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn who_goes_away_leaves_the_queue() {
    let slots = slots(1, 1);
    let _running = slots.admit().await.map_err(|_| ()).unwrap();
    let gave_up = tokio::time::timeout(Duration::from_millis(1), slots.admit()).await;
    assert!(gave_up.is_err());
    assert_eq!(slots.waiting.load(Ordering::Relaxed), 0);
}
