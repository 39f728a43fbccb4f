//! The demo tenant tells a true story: who may do what in it, before anybody has touched it.

use arm::Scope;
use rbac::Permission;
use serde_json::Value;
use uuid::Uuid;

use super::house::House;

const AGENTS_WRITE: Permission =
    Permission::DataAction(std::borrow::Cow::Borrowed("Microsoft.CognitiveServices/accounts/AIServices/agents/write"));
const DEPLOYMENTS_WRITE: Permission =
    Permission::Action(std::borrow::Cow::Borrowed("Microsoft.CognitiveServices/accounts/deployments/write"));
const SHOWN: &str = "contoso-customer-service";

fn project(house: &House) -> Scope {
    house.account(SHOWN).child("projects", "support-assistant")
}

fn may(house: &House, who: Uuid, what: &Permission, at: &Scope) -> bool {
    rbac::could_allow(who, what, at, &house.store.world().access)
}

fn user(house: &House, sign_in_name: &str) -> Uuid {
    house.store.world().directory.by_upn(sign_in_name).unwrap().id
}

#[tokio::test]
async fn the_newcomer_and_the_administrator_hold_no_data_action_anywhere() {
    let house = House::demo().await;
    let world = house.store.world();
    let admin = server::first_start::Admin::find(&world).unwrap().principal;
    for who in [user(&house, "user@contoso.com"), admin] {
        assert!(!may(&house, who, &AGENTS_WRITE, &project(&house)));
        assert!(rbac::visible(who, &AGENTS_WRITE, &Scope::root(), &world.access).is_empty());
    }
    assert!(may(&house, admin, &DEPLOYMENTS_WRITE, &house.account(SHOWN)));
}

#[tokio::test]
async fn a_project_user_works_in_the_group_s_projects_and_in_no_other_group_s() {
    let house = House::demo().await;
    let who = user(&house, "grace.mbeki@contoso.com");
    assert!(may(&house, who, &AGENTS_WRITE, &project(&house)));
    let other = house.account("contoso-operations").child("projects", "payment-repair");
    assert!(!may(&house, who, &AGENTS_WRITE, &other));
    assert!(!may(&house, who, &DEPLOYMENTS_WRITE, &house.account(SHOWN)));
}

#[tokio::test]
async fn a_project_manager_is_a_project_user_by_nesting() {
    let house = House::demo().await;
    let who = user(&house, "tomas.novak@contoso.com");
    assert!(may(&house, who, &AGENTS_WRITE, &project(&house)));
    assert_eq!(house.store.world().access.groups_of(who).len(), 2);
}

#[tokio::test]
async fn an_account_owner_deploys_in_one_account_alone() {
    let house = House::demo().await;
    let who = user(&house, "priya.raman@contoso.com");
    assert!(may(&house, who, &DEPLOYMENTS_WRITE, &house.account(SHOWN)));
    assert!(!may(&house, who, &DEPLOYMENTS_WRITE, &house.account("contoso-operations")));
}

#[tokio::test]
async fn five_groups_have_accounts_with_projects_and_deployments_and_finance_has_no_keys() {
    let house = House::demo().await;
    let world = house.store.world();
    let of_type = |resource_type: &'static str| {
        world.resources.children_of_type(&Scope::root(), resource_type).cloned().collect::<Vec<_>>()
    };
    assert_eq!(of_type("Microsoft.Resources/subscriptions").len(), 5);
    let accounts = of_type("Microsoft.CognitiveServices/accounts");
    assert_eq!(accounts.len(), 5);
    for account in accounts {
        let below = |kind| world.resources.children_of_type(&account.id, kind).count();
        assert!((2..=3).contains(&below("Microsoft.CognitiveServices/accounts/projects")), "{}", account.id);
        for (name, capability) in [("chat", "chatCompletion"), ("embed", "embeddings")] {
            let deployment = world.resources.get(&account.id.child("deployments", name)).unwrap();
            assert_eq!(deployment.sku.as_ref().unwrap()["name"], "GlobalStandard");
            assert_eq!(deployment.sku.as_ref().unwrap()["capacity"], 1000);
            assert_eq!(deployment.properties["capabilities"], serde_json::json!({ capability: "true" }));
        }
        let is_off = account.properties.get("disableLocalAuth").and_then(Value::as_bool) == Some(true);
        assert_eq!(is_off, account.id.name() == "contoso-finance-risk", "{}", account.id);
    }
}
