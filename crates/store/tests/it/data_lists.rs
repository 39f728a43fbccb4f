//! Lists of objects, page by page, from either end.

use rbac::Reads;
use serde_json::json;
use store::{DataChange, DataError, DataKey, DataKind, DataPage, DataQuery};

use crate::support::*;

fn conversation() -> DataKey {
    DataKey::new(DataKind::Conversation, &project("p"), "c")
}

/// A conversation with the items `i1` to `i5`, in this order, and another one beside it.
async fn with_items() -> Fixture {
    let fixture = Fixture::with_projects().await;
    let other = DataKey::new(DataKind::Conversation, &project("p"), "d");
    let mut changes = vec![put_object(conversation(), json!({})), put_object(other.clone(), json!({}))];
    for n in 1..=5 {
        changes.push(put_object(conversation().part(DataKind::ConversationItem, format!("i{n}")), json!(n)));
        changes.push(put_object(other.part(DataKind::ConversationItem, format!("i{n}")), json!(-n)));
    }
    fixture.store.write_data(&data_permit::<Reads>(&fixture.store, &project("p")), changes).await.unwrap();
    fixture
}

async fn page(fixture: &Fixture, change: impl FnOnce(&mut DataQuery)) -> Result<DataPage, DataError> {
    let mut query = DataQuery::first(DataKind::ConversationItem, &project("p"), Some("c"), 10);
    change(&mut query);
    fixture.store.data_objects(&data_permit::<Reads>(&fixture.store, &project("p")), &query).await
}

/// The numbers of the items, and whether there are more.
fn said(page: Result<DataPage, DataError>) -> (Vec<i64>, bool) {
    let page = page.unwrap();
    for object in &page.objects {
        assert_eq!(object.key.id, format!("i{}", object.body));
    }
    (page.objects.iter().map(|object| object.body.as_i64().unwrap()).collect(), page.has_more)
}

fn id(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[tokio::test]
async fn a_list_is_in_the_order_in_which_its_objects_were_made() {
    let fixture = with_items().await;
    assert_eq!(said(page(&fixture, |_| {}).await), (vec![1, 2, 3, 4, 5], false));
    assert_eq!(said(page(&fixture, |query| query.newest_first = true).await), (vec![5, 4, 3, 2, 1], false));
    assert_eq!(said(page(&fixture, |query| query.limit = 5).await), (vec![1, 2, 3, 4, 5], false));
    assert_eq!(said(page(&fixture, |query| query.limit = 4).await), (vec![1, 2, 3, 4], true));
    // An object that is put again stays where it was.
    let again = put_object(conversation().part(DataKind::ConversationItem, "i1"), json!(1));
    fixture.store.write_data(&data_permit::<Reads>(&fixture.store, &project("p")), vec![again]).await.unwrap();
    assert_eq!(said(page(&fixture, |query| query.limit = 2).await), (vec![1, 2], true));
    assert_eq!(said(page(&fixture, |query| query.parent = id("none")).await), (vec![], false));
}

/// After, before, newest first, limit; then the items of the page, and whether there are more.
type Case = (Option<&'static str>, Option<&'static str>, bool, u32, &'static [i64], bool);

#[tokio::test]
async fn a_page_follows_an_id_or_stands_before_one() {
    let fixture = with_items().await;
    let cases: &[Case] = &[
        (Some("i2"), None, false, 2, &[3, 4], true),
        (Some("i3"), None, false, 2, &[4, 5], false),
        (Some("i5"), None, false, 2, &[], false),
        (Some("i4"), None, true, 2, &[3, 2], true),
        (Some("i1"), None, true, 2, &[], false),
        (None, Some("i4"), false, 2, &[2, 3], true),
        (None, Some("i3"), false, 2, &[1, 2], false),
        (None, Some("i1"), false, 2, &[], false),
        (None, Some("i2"), true, 2, &[4, 3], true),
        (None, Some("i5"), true, 2, &[], false),
        (Some("i1"), Some("i5"), false, 2, &[2, 3], true),
        (Some("i1"), Some("i4"), false, 2, &[2, 3], false),
        (Some("i5"), Some("i1"), true, 9, &[4, 3, 2], false),
        (Some("i5"), Some("i1"), false, 9, &[], false),
    ];
    for (after, before, newest_first, limit, expected, more) in cases {
        let found = page(&fixture, |query| {
            query.after = after.map(str::to_owned);
            query.before = before.map(str::to_owned);
            (query.newest_first, query.limit) = (*newest_first, *limit);
        });
        let case = format!("after {after:?}, before {before:?}, newest first {newest_first}");
        assert_eq!(said(found.await), (expected.to_vec(), *more), "{case}");
    }
}

#[tokio::test]
async fn a_page_from_an_id_that_is_not_in_the_list_is_refused() {
    let fixture = with_items().await;
    for (after, before) in [(id("i9"), None), (None, id("i9")), (id("c"), None)] {
        let wanted = after.clone().or(before.clone()).unwrap();
        let refused = page(&fixture, |query| (query.after, query.before) = (after, before)).await;
        assert!(matches!(&refused, Err(DataError::NotFound { key }) if key.id == wanted), "{refused:?}");
    }
}

#[tokio::test]
async fn pages_follow_each_other_while_objects_come_and_go() {
    let fixture = with_items().await;
    let permit = data_permit::<Reads>(&fixture.store, &project("p"));
    let item = |n: i64| conversation().part(DataKind::ConversationItem, format!("i{n}"));
    assert_eq!(said(page(&fixture, |query| query.limit = 2).await), (vec![1, 2], true));
    let changes = vec![DataChange::Delete(item(1)), DataChange::Delete(item(5)), put_object(item(6), json!(6))];
    fixture.store.write_data(&permit, changes).await.unwrap();
    let rest = page(&fixture, |query| query.after = id("i2")).await;
    assert_eq!(said(rest), (vec![3, 4, 6], false), "the number of what went is not used again");
    let query = DataQuery::first(DataKind::ConversationItem, &project("p"), Some("c"), 1);
    assert_eq!(fixture.store.count_data(&permit, &query).await.unwrap(), 4);
}
