//! The world that writes edit is the world that a restart loads.

use arm::Scope;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rbac::{AccessRequest, Attributes, DirectoryRight, DirectoryRole, KeySlot, Permission, evaluate};
use store::{CredentialKind, CredentialOwner, DirectoryObject, NewCredential, ObjectKind, Row, Secret, World};
use uuid::Uuid;

use crate::support::*;

/// Few things, so that random writes meet.
const THINGS: u8 = 4;

/// One random write.
#[derive(Clone, Debug)]
enum Step {
    PutGroup(u8),
    PutAccount { group: u8, account: u8, subdomain: u8 },
    PutProject { group: u8, account: u8 },
    PutIdentity { group: u8, account: u8 },
    PutKey { group: u8, account: u8, slot: bool },
    DeleteGroup(u8),
    DeleteAccount { group: u8, account: u8 },
    Assign { principal: u8, role: bool, group: u8, account: Option<u8> },
    Unassign(u8),
    PutPrincipal { who: u8, name: u8 },
    DeletePrincipal(u8),
    AddMember(u8, u8),
    RemoveMember(u8, u8),
    GrantDirectoryRole(u8, bool),
    MoveSubscription(u8),
    DeleteManagementGroup(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let thing = || 0..THINGS;
    prop_oneof![
        3 => thing().prop_map(Step::PutGroup),
        4 => (thing(), thing(), thing()).prop_map(|(group, account, subdomain)| Step::PutAccount { group, account, subdomain }),
        2 => (thing(), thing()).prop_map(|(group, account)| Step::PutProject { group, account }),
        2 => (thing(), thing()).prop_map(|(group, account)| Step::PutIdentity { group, account }),
        2 => (thing(), thing(), any::<bool>()).prop_map(|(group, account, slot)| Step::PutKey { group, account, slot }),
        1 => thing().prop_map(Step::DeleteGroup),
        1 => (thing(), thing()).prop_map(|(group, account)| Step::DeleteAccount { group, account }),
        5 => (thing(), any::<bool>(), thing(), proptest::option::of(thing()))
            .prop_map(|(principal, role, group, account)| Step::Assign { principal, role, group, account }),
        1 => thing().prop_map(Step::Unassign),
        5 => (thing(), thing()).prop_map(|(who, name)| Step::PutPrincipal { who, name }),
        1 => thing().prop_map(Step::DeletePrincipal),
        4 => (thing(), thing()).prop_map(|(group, member)| Step::AddMember(group, member)),
        1 => (thing(), thing()).prop_map(|(group, member)| Step::RemoveMember(group, member)),
        2 => (thing(), any::<bool>()).prop_map(|(who, admin)| Step::GrantDirectoryRole(who, admin)),
        2 => thing().prop_map(Step::MoveSubscription),
        1 => thing().prop_map(Step::DeleteManagementGroup),
    ]
}

fn nth_group(n: u8) -> Scope {
    group(&format!("g{n}"))
}

fn nth_account(group: u8, account: u8) -> Scope {
    nth_group(group).extension("Microsoft.CognitiveServices", "accounts", &format!("a{account}"))
}

fn nth_management_group(n: u8) -> Scope {
    scope(&format!("/providers/Microsoft.Management/managementGroups/m{n}"))
}

/// The first half are users, the others groups.
fn nth_principal(n: u8) -> Uuid {
    Uuid::from_u128(0x1000 + u128::from(n))
}

fn rows(step: &Step) -> Vec<Row> {
    match *step {
        Step::PutGroup(n) => vec![put(resource(nth_group(n).as_str()))],
        Step::PutAccount { group, account, subdomain } => {
            let properties = serde_json::json!({"customSubDomainName": format!("s{subdomain}"), "ratio": 0.1});
            vec![put(with_properties(resource(nth_account(group, account).as_str()), properties))]
        }
        Step::PutProject { group, account } => {
            vec![put(resource(nth_account(group, account).child("projects", "p").as_str()))]
        }
        Step::PutIdentity { group, account } => vec![Row::PutObject(DirectoryObject {
            id: Uuid::from_u128(0x2000 + u128::from(group) * 16 + u128::from(account)),
            managed_by: Some(nth_account(group, account)),
            ..object(ObjectKind::ServicePrincipal, "identity")
        })],
        Step::PutKey { group, account, slot } => vec![Row::PutCredential(NewCredential {
            id: Uuid::new_v4(),
            owner: CredentialOwner::Account(nth_account(group, account)),
            kind: CredentialKind::ResourceKey(if slot { KeySlot::Key1 } else { KeySlot::Key2 }),
            secret: Secret::from(Uuid::new_v4().to_string()),
            created_at: "2026-11-22T08:00:00Z".parse().unwrap(),
            expires_at: None,
        })],
        Step::DeleteGroup(n) => vec![delete(&nth_group(n))],
        Step::DeleteAccount { group, account } => vec![delete(&nth_account(group, account))],
        Step::Assign { principal, role, group, account } => {
            let at = account.map_or(nth_group(group), |account| nth_account(group, account));
            let role = if role { READER } else { OWNER };
            let name = Uuid::from_u128(u128::from(principal));
            vec![put(assignment(&at, name, nth_principal(principal), role))]
        }
        Step::Unassign(principal) => (0..THINGS)
            .map(|n| delete(&assignment(&nth_group(n), Uuid::from_u128(u128::from(principal)), Uuid::nil(), READER).id))
            .take(1)
            .collect(),
        Step::PutPrincipal { who, name } if who < THINGS / 2 => {
            vec![Row::PutObject(DirectoryObject { id: nth_principal(who), ..user(&format!("u{name}")) })]
        }
        Step::PutPrincipal { who, .. } => {
            vec![Row::PutObject(DirectoryObject { id: nth_principal(who), ..object(ObjectKind::Group, "group") })]
        }
        Step::DeletePrincipal(who) => vec![Row::DeleteObject(nth_principal(who))],
        Step::AddMember(group, member) => {
            vec![Row::AddMember { group: nth_principal(group), member: nth_principal(member) }]
        }
        Step::RemoveMember(group, member) => {
            vec![Row::RemoveMember { group: nth_principal(group), member: nth_principal(member) }]
        }
        Step::GrantDirectoryRole(who, admin) => {
            let role = if admin { DirectoryRole::GlobalAdministrator } else { DirectoryRole::DirectoryReaders };
            vec![Row::GrantDirectoryRole(nth_principal(who), role)]
        }
        Step::MoveSubscription(n) => vec![
            put(resource(nth_management_group(n).as_str())),
            put(resource(nth_management_group(n).child("subscriptions", SUBSCRIPTION).as_str())),
        ],
        Step::DeleteManagementGroup(n) => vec![delete(&nth_management_group(n))],
    }
}

/// What the access snapshot answers, in every corner of this small tenant.
fn answers(world: &World) -> Vec<String> {
    let permissions = [
        Permission::Action("Microsoft.CognitiveServices/accounts/read".into()),
        Permission::Action("Microsoft.CognitiveServices/accounts/write".into()),
        Permission::Directory(DirectoryRight::ManageUsers),
    ];
    let mut scopes: Vec<Scope> = (0..THINGS).map(nth_group).collect();
    scopes.extend((0..THINGS).flat_map(|group| (0..THINGS).map(move |account| nth_account(group, account))));
    scopes.push(Scope::root());
    let mut answers = Vec::new();
    for principal in (0..THINGS).map(nth_principal) {
        let mut groups = world.access.groups_of(principal);
        groups.sort();
        answers.push(format!("{principal} is in {groups:?}"));
        for permission in &permissions {
            for scope in &scopes {
                let attributes = Attributes::default();
                let request = AccessRequest { principal, permission, scope, attributes: &attributes };
                answers.push(format!(
                    "{principal} {permission} {scope}: {}",
                    evaluate(&request, &world.access).is_allowed()
                ));
            }
        }
    }
    answers.push(format!("{:?}", world.access.chain(&nth_account(0, 0))));
    answers
}

#[test]
fn a_world_edited_by_random_writes_is_the_world_that_is_loaded() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let config = Config { cases: 24, max_shrink_iters: 64, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&proptest::collection::vec(step(), 1..60), |steps| {
            runtime.block_on(check(&steps));
            Ok(())
        })
        .unwrap();
}

async fn check(steps: &[Step]) {
    let mut fixture = Fixture::new().await;
    fixture.write(vec![put(resource(subscription().as_str()))]).await.unwrap();
    let (mut written, mut version) = (0, fixture.store.world().version);
    for step in steps {
        // Many meet nothing to change, or a conflict: those leave the world as it was.
        match fixture.write(rows(step)).await {
            Ok(done) => {
                written += 1;
                assert_eq!(done.version, version + 1);
                version = done.version;
            }
            Err(error) => assert!(
                !matches!(
                    error,
                    store::StoreError::Unavailable(_) | store::StoreError::Damaged(_) | store::StoreError::Folder(_)
                ),
                "{step:?}: {error}"
            ),
        }
    }
    let edited = fixture.store.world();
    fixture.reopen().await;
    let loaded = fixture.store.world();

    assert_eq!(edited.version, loaded.version);
    assert!(edited.resources == loaded.resources, "resources differ after {steps:?}");
    assert!(edited.directory == loaded.directory, "the directory differs after {steps:?}");
    assert!(edited.credentials == loaded.credentials, "credentials differ after {steps:?}");
    assert_eq!(edited.tenant, loaded.tenant);
    assert_eq!(answers(&edited), answers(&loaded), "after {steps:?}");
    assert_eq!(fixture.store.verify_audit().await.unwrap().records, written + 1);
}

#[tokio::test]
async fn the_version_goes_on_after_a_restart_and_an_old_world_stays_as_it_was() {
    let mut fixture = Fixture::with_group().await;
    let old = fixture.store.world();
    let first = fixture.write(vec![put(resource(account("a").as_str()))]).await.unwrap().version;
    assert!(old.resources.get(&account("a")).is_none());
    fixture.reopen().await;
    let second = fixture.write(vec![put(resource(account("b").as_str()))]).await.unwrap().version;
    assert_eq!(second, first + 1);
}

#[tokio::test]
async fn the_tenant_has_a_name_after_a_restart() {
    let mut fixture = Fixture::new().await;
    assert!(fixture.store.world().tenant.is_none());
    let tenant = store::TenantInfo {
        id: Uuid::new_v4(),
        display_name: "Contoso".to_owned(),
        default_domain: "contoso.com".to_owned(),
    };
    fixture.write(vec![Row::SetTenant(tenant.clone())]).await.unwrap();
    fixture.reopen().await;
    assert_eq!(fixture.store.world().tenant, Some(tenant));
}

#[tokio::test]
async fn a_caller_that_goes_away_does_not_stop_its_write() {
    let fixture = Fixture::with_group().await;
    for n in 0..20_u64 {
        let id = account(&format!("a{n}"));
        let permit = server_permit(fixture.store.now());
        let write = fixture.store.write(&permit, vec![put(resource(id.as_str()))]);
        let _ = tokio::time::timeout(std::time::Duration::from_micros(n * 40), write).await;
        // Whether it was written or not, the world and the database agree.
        fixture.write(vec![put(resource(group("rg").as_str()))]).await.unwrap();
    }
    let edited = fixture.store.world();
    let mut fixture = fixture;
    fixture.reopen().await;
    assert!(edited.resources == fixture.store.world().resources);
    assert_eq!(edited.version, fixture.store.world().version);
}
