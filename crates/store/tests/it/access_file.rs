//! The file of access facts makes a start quicker and decides nothing: whatever becomes of it, the decisions are those of the
//! database.

use std::fs;
use std::path::{Path, PathBuf};

use arm::{Resource, Scope};
use rbac::{AccessRequest, Attributes, Permission, evaluate};
use store::{ObjectKind, Row, Store, World};
use uuid::Uuid;

use crate::support::*;

/// A tenant with fewer keeps no file.
const PEOPLE: u128 = 1000;
/// The group that is assigned too.
const GROUP: Uuid = Uuid::from_u128(0x6000);

fn person(number: u128) -> Uuid {
    Uuid::from_u128(0x1_0000 + number)
}

fn of_person(number: u128, role: &str) -> Resource {
    let at = if number.is_multiple_of(2) { group("rg") } else { subscription() };
    assignment(&at, Uuid::from_u128(0xa_0000 + number), person(number), role)
}

/// A closed folder with an assignment of everybody, and of a group that some are in.
async fn filled() -> Fixture {
    let fixture = Fixture::with_group().await;
    let group_object = store::DirectoryObject { id: GROUP, ..object(ObjectKind::Group, "readers") };
    let mut rows = vec![put(resource(account("a").as_str())), Row::PutObject(group_object)];
    for number in 0..PEOPLE {
        let object = store::DirectoryObject { id: person(number), ..object(ObjectKind::ServicePrincipal, "robot") };
        rows.push(Row::PutObject(object));
        if number < 600 {
            rows.push(Row::AddMember { group: GROUP, member: person(number) });
        }
        rows.push(put(of_person(number, if number % 3 == 0 { OWNER } else { READER })));
    }
    rows.push(put(assignment(&account("a"), Uuid::from_u128(0xb), GROUP, OWNER)));
    fixture.write(rows).await.unwrap();
    fixture.store.close().await;
    fixture
}

fn file(dir: &Path) -> PathBuf {
    dir.join("access.snapshot")
}

/// What everybody may do everywhere.
fn decisions(world: &World) -> Vec<bool> {
    let places = [subscription(), group("rg"), account("a")];
    let actions = ["Microsoft.CognitiveServices/accounts/read", "Microsoft.CognitiveServices/accounts/write"];
    let mut decisions = Vec::new();
    for principal in (0..PEOPLE).map(person).chain([GROUP]) {
        for scope in &places {
            for action in actions {
                let (permission, attributes) = (Permission::Action(action.into()), &Attributes::default());
                let request = AccessRequest { principal, permission: &permission, scope, attributes };
                decisions.push(evaluate(&request, &world.access).is_allowed());
            }
        }
    }
    decisions
}

/// A start with the file, and one without: the same decisions and resources. Was the file used?
async fn is_used(fixture: &Fixture) -> bool {
    let dir = fixture.dir.path();
    let kept = fs::read(file(dir)).ok();
    let with = Store::open(dir, fixture.clock.clone()).await.unwrap();
    let _ = fs::remove_file(file(dir));
    let seen = with.world();
    with.close().await;
    let _ = fs::remove_file(file(dir));
    let without = Store::open(dir, fixture.clock.clone()).await.unwrap();
    let expected = without.world();
    without.close().await;
    assert_eq!(decisions(&seen), decisions(&expected));
    assert!(seen.resources == expected.resources);
    assert_eq!(seen.version, expected.version);
    match kept {
        Some(bytes) => fs::write(file(dir), bytes).unwrap(),
        None => fs::remove_file(file(dir)).unwrap(),
    }
    // What is compiled anew starts to count anew.
    assert_eq!(expected.access.version(), 1);
    seen.access.version() != 1
}

async fn reopened(fixture: &Fixture) -> Store {
    Store::open(fixture.dir.path(), fixture.clock.clone()).await.unwrap()
}

async fn write(store: &Store, rows: Vec<Row>) {
    store.write(&server_permit(store.now()), rows).await.unwrap();
}

#[tokio::test]
async fn a_start_takes_the_facts_from_the_file() {
    let fixture = filled().await;
    assert!(is_used(&fixture).await);
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(file(fixture.dir.path())).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn a_small_tenant_keeps_no_file() {
    let fixture = Fixture::with_projects().await;
    fixture.store.close().await;
    assert_eq!(files(fixture.dir.path()), ["cupola.db", "master.key"]);
}

#[tokio::test]
async fn assignments_that_were_not_read_are_listed_changed_and_deleted_like_others() {
    let fixture = filled().await;
    let store = reopened(&fixture).await;
    assert_ne!(store.world().access.version(), 1);
    let kind = "microsoft.authorization/ROLEASSIGNMENTS";
    let listed = |at: &Scope| store.world().resources.children_of_type(at, kind).count();
    assert_eq!((listed(&subscription()), listed(&group("rg"))), (1001, 501));
    assert_eq!(store.world().resources.on(&account("a"), kind).count(), 1);
    let mut changed = of_person(2, READER);
    changed.properties.insert("description".to_owned(), "why".into());
    write(&store, vec![put(changed.clone()), delete(&of_person(4, READER).id)]).await;
    let world = store.world();
    assert_eq!(world.resources.get(&changed.id).unwrap().properties["description"], "why");
    assert!(world.resources.get(&of_person(4, READER).id).is_none());
    let untouched = world.resources.get(&of_person(6, OWNER).id).unwrap();
    assert_eq!(untouched.properties["principalId"], person(6).to_string());
    store.close().await;
    assert!(is_used(&fixture).await);
}

#[tokio::test]
async fn a_torn_or_damaged_file_is_not_used() {
    let fixture = filled().await;
    let path = file(fixture.dir.path());
    let whole = fs::read(&path).unwrap();
    for length in [0, 7, 40, 83, 84, 200, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        assert!(!is_used(&fixture).await, "{length} bytes");
    }
    for at in [0, 9, 30, 82, 90, 1000, whole.len() - 2] {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        fs::write(&path, &damaged).unwrap();
        assert!(!is_used(&fixture).await, "byte {at}");
    }
    fs::write(&path, &whole).unwrap();
    assert!(is_used(&fixture).await, "the negative twin");
}

#[tokio::test]
async fn a_missing_file_and_an_unfinished_one_change_nothing() {
    let fixture = filled().await;
    let path = file(fixture.dir.path());
    fs::rename(&path, path.with_extension("snapshot.new")).unwrap();
    let store = reopened(&fixture).await;
    assert_eq!(store.world().access.version(), 1);
    assert!(decisions(&store.world()).contains(&true));
    write(&store, vec![delete(&of_person(0, OWNER).id)]).await;
    store.close().await;
    assert!(is_used(&fixture).await, "the end has written it anew");
}

#[tokio::test]
async fn a_file_from_before_a_change_of_access_is_not_used() {
    let fixture = filled().await;
    let path = file(fixture.dir.path());
    let older = fs::read(&path).unwrap();
    let changes = [
        vec![delete(&of_person(0, OWNER).id)],
        vec![Row::RemoveMember { group: GROUP, member: person(1) }],
        vec![Row::DeleteObject(person(2))],
        vec![put(of_person(0, READER))],
    ];
    for change in changes {
        let store = reopened(&fixture).await;
        write(&store, change).await;
        store.close().await;
        fs::write(&path, &older).unwrap();
        assert!(!is_used(&fixture).await);
        fs::remove_file(&path).unwrap();
    }
}

#[tokio::test]
async fn a_file_from_before_other_changes_is_used() {
    let fixture = filled().await;
    let path = file(fixture.dir.path());
    let older = fs::read(&path).unwrap();
    let store = reopened(&fixture).await;
    write(&store, vec![put(resource(account("b").as_str()))]).await;
    store.close().await;
    assert_eq!(fs::read(&path).unwrap(), older, "nothing to write anew");
    assert!(is_used(&fixture).await);
}

#[tokio::test]
async fn a_file_of_another_database_is_not_used_nor_one_of_a_history_that_was_set_back() {
    let (fixture, other) = (filled().await, filled().await);
    let path = file(fixture.dir.path());
    let own = fs::read(&path).unwrap();
    fs::copy(file(other.dir.path()), &path).unwrap();
    assert!(!is_used(&fixture).await, "the same number of writes, another history");
    fs::write(&path, &own).unwrap();

    let database = fixture.dir.path().join("cupola.db");
    let backup = fs::read(&database).unwrap();
    let store = reopened(&fixture).await;
    write(&store, vec![delete(&of_person(0, OWNER).id)]).await;
    store.close().await;
    let newer = fs::read(&path).unwrap();
    assert_ne!(newer, own);
    fs::write(&database, backup).unwrap();
    assert!(!is_used(&fixture).await, "of a write that is no more");
    let store = reopened(&fixture).await;
    write(&store, vec![delete(&of_person(1, READER).id)]).await;
    store.close().await;
    fs::write(&path, newer).unwrap();
    assert!(!is_used(&fixture).await, "of a write of the same number");
}
