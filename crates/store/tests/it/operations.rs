//! Records of long-running operations.

use arm::{Resource, Scope};
use jiff::SignedDuration;
use serde_json::json;
use store::{Clock, OPERATION_RESULTS, OPERATION_TARGET};
use uuid::{ContextV7, Timestamp, Uuid};

use crate::support::*;

/// The record of something done to `target` at the fixture's time.
fn record(fixture: &Fixture, target: &Scope) -> Resource {
    let now = fixture.clock.now();
    let at = Timestamp::from_unix(ContextV7::new(), now.as_second().unsigned_abs(), 0);
    let id = subscription().child("operationresults", &Uuid::new_v7(at).to_string());
    let mut record = resource(id.as_str());
    record.resource_type = OPERATION_RESULTS.to_owned();
    record.properties.insert(OPERATION_TARGET.to_owned(), json!(target));
    record.system_data.last_modified_at = now;
    record
}

#[tokio::test]
async fn a_record_is_dropped_by_the_first_one_made_a_day_later() {
    let mut fixture = Fixture::with_group().await;
    let kept = |fixture: &Fixture| {
        fixture.store.world().resources.children_of_type(&subscription(), OPERATION_RESULTS).count()
    };
    let first = record(&fixture, &group("rg"));
    fixture.write(vec![put(first.clone())]).await.unwrap();
    fixture.clock.advance_s(SignedDuration::from_hours(23).as_secs());
    fixture.write(vec![put(record(&fixture, &group("rg")))]).await.unwrap();
    assert_eq!(kept(&fixture), 2);
    fixture.reopen().await;
    assert_eq!(kept(&fixture), 2);
    fixture.clock.advance_s(SignedDuration::from_hours(2).as_secs());
    fixture.write(vec![put(record(&fixture, &group("rg")))]).await.unwrap();
    assert!(fixture.store.world().resources.get(&first.id).is_none());
    fixture.reopen().await;
    assert_eq!(kept(&fixture), 2);
}
