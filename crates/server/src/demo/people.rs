//! The rows of Contoso's people, groups and subscriptions: what no request of this server could make.

use arm::{Map, Resource};
use jiff::Timestamp;
use serde_json::json;
use store::{CredentialKind, CredentialOwner, DirectoryObject, NewCredential, ObjectKind, Row};
use uuid::Uuid;

use super::contoso::{BUSINESS_GROUPS, BusinessGroup, USER, sign_in_name};
use crate::first_start::{put, system_data};

/// Everybody, in their groups, and a subscription for each business group.
pub(super) fn rows(tenant: Uuid, admin: Uuid, user_password: &str, now: Timestamp) -> Vec<Row> {
    let user = user("Contoso User", USER, now);
    let mut rows = vec![Row::PutCredential(password(user.id, user_password, now)), Row::PutObject(user)];
    rows.reverse();
    for group in &BUSINESS_GROUPS {
        rows.extend(people(group, now));
        rows.extend(subscription(group, tenant, admin, now));
    }
    rows
}

/// A user's password.
pub(super) fn password(user: Uuid, password: &str, now: Timestamp) -> NewCredential {
    NewCredential {
        id: Uuid::new_v4(),
        owner: CredentialOwner::Object(user),
        kind: CredentialKind::Password,
        secret: password.to_owned().into(),
        created_at: now,
        expires_at: None,
    }
}

/// Admins, project managers and project users; managers are project users too, by nesting.
fn people(group: &BusinessGroup, now: Timestamp) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut make = |name: String, members: &[Uuid]| {
        let made = security_group(&name, now);
        let id = made.id;
        rows.push(Row::PutObject(made));
        rows.extend(members.iter().map(|member| Row::AddMember { group: id, member: *member }));
        id
    };
    let person = |name: &str| user(name, &sign_in_name(name), now);
    let (admin, manager) = (person(group.admin), person(group.manager));
    let users: Vec<DirectoryObject> = group.users.iter().map(|name| person(name)).collect();
    make(group.admins(), &[admin.id]);
    let managers = make(group.managers(), &[manager.id]);
    let members: Vec<Uuid> = users.iter().map(|user| user.id).chain([managers]).collect();
    make(group.project_users(), &members);
    // Members come before the groups that hold them.
    let everybody = [admin, manager].into_iter().chain(users).map(Row::PutObject);
    everybody.chain(rows).collect()
}

fn subscription(group: &BusinessGroup, tenant: Uuid, admin: Uuid, now: Timestamp) -> [Row; 2] {
    let id = Uuid::new_v4().to_string();
    let named = |name: String| Map::from_iter([("displayName".to_owned(), json!(name))]);
    let author = system_data(admin, now);
    let subscription = Resource::plain(
        arm::Scope::subscription(&id),
        "Microsoft.Resources/subscriptions",
        named(group.subscription_name()),
        author.clone(),
    );
    let membership = Resource::plain(
        store::root_group_of(tenant).child("subscriptions", &id),
        "Microsoft.Management/managementGroups/subscriptions",
        named(group.subscription_name()),
        author,
    );
    [put(subscription), put(membership)]
}

fn user(display_name: &str, sign_in_name: &str, now: Timestamp) -> DirectoryObject {
    let properties =
        Map::from_iter([("accountEnabled".to_owned(), json!(true)), ("mail".to_owned(), json!(sign_in_name))]);
    object(ObjectKind::User, display_name, Some(sign_in_name.to_owned()), properties, now)
}

fn security_group(display_name: &str, now: Timestamp) -> DirectoryObject {
    let nickname: String = display_name.chars().filter(char::is_ascii_alphanumeric).collect();
    let properties = Map::from_iter([
        ("securityEnabled".to_owned(), json!(true)),
        ("mailEnabled".to_owned(), json!(false)),
        ("mailNickname".to_owned(), json!(nickname)),
    ]);
    object(ObjectKind::Group, display_name, None, properties, now)
}

fn object(
    kind: ObjectKind,
    display_name: &str,
    user_principal_name: Option<String>,
    properties: Map,
    now: Timestamp,
) -> DirectoryObject {
    DirectoryObject {
        id: Uuid::new_v4(),
        kind,
        display_name: display_name.to_owned(),
        app_id: None,
        user_principal_name,
        properties,
        created_at: now,
        managed_by: None,
    }
}
