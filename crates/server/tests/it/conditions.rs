//! Conditions that read the caller and the time, on both planes.

use http::StatusCode;
use serde_json::{Value, json};
use server::first_start::Admin;
use uuid::Uuid;

use super::house::House;

const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
const FOUNDRY_USER: &str = "53ca6127-db72-4b80-b1b0-d745d6d5456d";
const SHOWN: &str = "contoso-customer-service";
const IS_BAKER: &str =
    "@Principal[Microsoft.Directory/CustomSecurityAttributes/Id:Engineering_Project] StringEquals 'Baker'";

/// The demo with its administrator.
struct Tenant {
    house: House,
    admin: Uuid,
}

impl Tenant {
    async fn new() -> Tenant {
        let house = House::demo().await;
        let admin = Admin::find(&house.store.world()).unwrap().principal;
        Tenant { house, admin }
    }

    /// Somebody who is a Reader and a Foundry User of the shown account, on this condition.
    async fn somebody(&self, condition: &str) -> Uuid {
        let who = self.house.principal().await;
        let at = self.house.account(SHOWN);
        for role in [READER, FOUNDRY_USER] {
            let id = Uuid::new_v4();
            let path = format!("{at}/providers/Microsoft.Authorization/roleAssignments/{id}?api-version=2022-04-01");
            let body = json!({"properties": {"principalId": who, "principalType": "ServicePrincipal",
                "roleDefinitionId": format!("/providers/Microsoft.Authorization/roleDefinitions/{role}"),
                "condition": condition, "conditionVersion": "2.0"}});
            let token = self.house.token(self.admin, "arm");
            let (status, answer) = self.house.send("PUT", &path, Some(&token), &body.to_string()).await;
            assert_eq!(status, StatusCode::CREATED, "{answer}");
        }
        who
    }

    async fn assign(&self, who: Uuid, project: Value) {
        let body = json!({"customSecurityAttributes": {"Engineering": {"Project": project}}}).to_string();
        let token = self.house.token(self.admin, "https://localhost:8443");
        let path = format!("/v1.0/servicePrincipals/{who}");
        let (status, answer) = self.house.send("PATCH", &path, Some(&token), &body).await;
        assert_eq!(status, StatusCode::NO_CONTENT, "{answer}");
    }

    /// The statuses of a look at the account, and at its models.
    async fn looks(&self, who: Uuid) -> (StatusCode, StatusCode) {
        let at = self.house.account(SHOWN);
        let management = self.house.token(who, "arm");
        let path = format!("{at}?api-version=2025-06-01");
        let (account, _) = self.house.send("GET", &path, Some(&management), "").await;
        let data = self.house.token(who, "https://ai.azure.com");
        let path = format!("/accounts/{SHOWN}/openai/v1/models");
        let (models, _) = self.house.send("GET", &path, Some(&data), "").await;
        (account, models)
    }
}

const LET_IN: (StatusCode, StatusCode) = (StatusCode::OK, StatusCode::OK);
const KEPT_OUT: (StatusCode, StatusCode) = (StatusCode::FORBIDDEN, StatusCode::UNAUTHORIZED);

#[tokio::test]
async fn who_has_the_attribute_is_let_in_and_who_has_another_or_none_is_not() {
    let tenant = Tenant::new().await;
    let who = tenant.somebody(IS_BAKER).await;
    assert_eq!(tenant.looks(who).await, KEPT_OUT, "without the attribute");
    tenant.assign(who, json!("Cascade")).await;
    assert_eq!(tenant.looks(who).await, KEPT_OUT, "with another value");
    tenant.assign(who, json!("Baker")).await;
    assert_eq!(tenant.looks(who).await, LET_IN);
    let other = tenant.somebody(IS_BAKER).await;
    assert_eq!(tenant.looks(other).await, KEPT_OUT, "somebody else's attribute is not theirs");
    tenant.assign(who, Value::Null).await;
    assert_eq!(tenant.looks(who).await, KEPT_OUT, "a revocation holds on the next request");
}

#[tokio::test]
async fn an_attribute_of_several_values_needs_a_quantifier_and_has_one() {
    let tenant = Tenant::new().await;
    let condition = IS_BAKER.replace(" StringEquals 'Baker'", " ForAnyOfAnyValues:StringEquals {'Baker', 'Delta'}");
    let who = tenant.somebody(&condition).await;
    tenant.assign(who, json!(["Cascade", "Echo"])).await;
    assert_eq!(tenant.looks(who).await, KEPT_OUT);
    tenant.assign(who, json!(["Cascade", "Baker"])).await;
    assert_eq!(tenant.looks(who).await, LET_IN);
}

#[tokio::test]
async fn a_time_bounded_assignment_holds_within_its_bounds_and_not_after_them() {
    let tenant = Tenant::new().await;
    let from = "@Environment[UtcNow] DateTimeGreaterThanEquals '2020-01-01T00:00:00Z'";
    let until = |year: &str| format!("{from} AND @Environment[UtcNow] DateTimeLessThan '{year}-01-01T00:00:00Z'");
    let during = tenant.somebody(&until("2999")).await;
    let after = tenant.somebody(&until("2021")).await;
    assert_eq!(tenant.looks(during).await, LET_IN);
    assert_eq!(tenant.looks(after).await, KEPT_OUT);
}

#[tokio::test]
async fn no_request_comes_by_a_private_link() {
    let tenant = Tenant::new().await;
    let without = tenant.somebody("@Environment[isPrivateLink] BoolEquals false").await;
    let with = tenant.somebody("@Environment[isPrivateLink] BoolEquals true").await;
    assert_eq!(tenant.looks(without).await, LET_IN);
    assert_eq!(tenant.looks(with).await, KEPT_OUT);
}
