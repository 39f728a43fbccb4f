//! Every route of the table, tried as nobody, as powerless, with everything but its permission, and with exactly it.

use access::{Form, Plane, Route, RouteInfo, Verb};
use http::StatusCode;
use rbac::DirectoryRole;
use serde_json::{Value, json};
use uuid::Uuid;

use super::house::House;

const ACCOUNT: &str = "contoso-customer-service";
const PROJECT: &str = "support-assistant";
const GROUP: &str = "rg-customer-service";
/// A name that nothing has: a refusal must not depend on whether the target exists, and nothing is changed.
const NOTHING: &str = "0f5b6a0e-0000-4000-8000-000000000000";

/// Routes that a recognised caller without any role may use; each with its reason.
const OPEN_TO_ANY_TOKEN: [(&str, &str); 14] = [
    ("/v1.0/me", "who the caller is"),
    ("{scope}/Microsoft.Authorization/permissions", "what the caller may do, which may be nothing"),
    ("{scope}/Cupola.Access/decisions/{name}", "one's own; any other is said not to exist"),
    ("{scope}/Microsoft.Resources/tenants", "where the caller may sign in"),
    ("{scope}/Microsoft.Resources/subscriptions", "those that the caller has a role in or near"),
    ("{scope}/Microsoft.Resources/subscriptions/{name}", "one of them; any other is said not to exist"),
    ("{scope}/Microsoft.Resources/subscriptions/locations", "the same for all subscriptions"),
    ("{scope}/Microsoft.Resources/subscriptions/providers", "the same for all subscriptions"),
    ("{scope}/Microsoft.Resources/subscriptions/providers/{name}", "the same for all subscriptions"),
    ("{scope}/Microsoft.Resources/subscriptions/operationresults/{name}", "of an operation that the caller began"),
    ("{scope}/Microsoft.CognitiveServices/locations/operationResults/{name}", "as above"),
    ("{scope}/Microsoft.CognitiveServices/locations/operationStatuses/{name}", "as above"),
    ("{scope}/Microsoft.Resources/subscriptions/resources", "what the caller may read, which may be nothing"),
    ("{scope}/Microsoft.Resources/subscriptions/resourceGroups/resources", "as above, of one resource group"),
];

/// A route with a request for it.
pub(super) struct Case {
    pub(super) info: RouteInfo,
    pub(super) path: String,
    pub(super) audience: &'static str,
}

impl Case {
    pub(super) fn name(&self) -> String {
        format!("{} {} ({})", self.info.verb, self.info.template, self.path)
    }

    pub(super) fn verb(&self) -> &'static str {
        self.info.verb.as_str()
    }

    fn is_open(&self) -> bool {
        let template = self.info.template.as_str();
        self.info.verb == Verb::Get && OPEN_TO_ANY_TOKEN.iter().any(|(open, _)| *open == template)
    }

    /// Actions, data actions and directory rights that the route needs.
    fn needed(&self, kind: &str) -> Vec<&str> {
        self.info.needs.iter().filter_map(|need| need.strip_prefix(kind)?.strip_prefix(' ')).collect()
    }
}

pub(super) fn guarded(house: &House) -> Vec<Case> {
    let account = house.account(ACCOUNT);
    let subscription = account.subscription_id().unwrap().to_owned();
    let guarded = |info: &RouteInfo| !info.needs.iter().any(|need| need.starts_with("public: "));
    let routes = house.app.routes().into_iter().filter(|(info, _)| guarded(info));
    routes
        .map(|(info, route)| match route {
            Route::Arm { resource_type, form, .. } => {
                let path = format!("{}?api-version=2025-09-01", arm_path(&subscription, resource_type, form));
                Case { info, path, audience: "arm" }
            }
            Route::Path { template, plane, .. } => {
                let path = template.replace("{account}", ACCOUNT).replace("{project}", PROJECT);
                let path = path.replace("{deployment}", "chat");
                let named = |segment: &str| match segment.strip_prefix('{').and_then(|named| named.split_once('}')) {
                    Some((_, ending)) => format!("{NOTHING}{ending}"),
                    None => segment.to_owned(),
                };
                let path = path.split('/').map(named).collect::<Vec<_>>().join("/");
                let audience = match plane {
                    Plane::Graph => "https://graph.microsoft.com",
                    _ => "https://ai.azure.com",
                };
                Case { info, path: format!("{path}?api-version=2024-10-21"), audience }
            }
        })
        .collect()
}

/// A path of this type in the demo tenant whose last name is of nothing.
fn arm_path(subscription: &str, resource_type: &str, form: Form) -> String {
    let subscription = format!("/subscriptions/{subscription}");
    let (namespace, types) = resource_type.split_once('/').unwrap();
    let mut segments: Vec<&str> = types.split('/').collect();
    let mut path = match (namespace, segments[0]) {
        ("Microsoft.Resources", "tenants") => return "/tenants".to_owned(),
        ("Microsoft.Resources", "subscriptions") if segments.len() == 1 => match form {
            Form::Item => return format!("/subscriptions/{NOTHING}"),
            _ => return "/subscriptions".to_owned(),
        },
        ("Microsoft.Resources", "subscriptions") => {
            segments.remove(0);
            subscription
        }
        _ => format!("{subscription}/resourceGroups/{GROUP}/providers/{namespace}"),
    };
    let last = segments.pop().unwrap();
    for segment in segments {
        let name = match segment {
            "accounts" => ACCOUNT,
            "projects" => PROJECT,
            "resourceGroups" => GROUP,
            _ => NOTHING,
        };
        path = format!("{path}/{segment}/{name}");
    }
    match form {
        Form::Item => format!("{path}/{last}/{NOTHING}"),
        Form::Collection | Form::Action => format!("{path}/{last}"),
    }
}

/// How a plane says no to a caller whom it knows.
fn refusal(plane: Plane) -> StatusCode {
    match plane {
        Plane::Inference | Plane::Project => StatusCode::UNAUTHORIZED,
        Plane::Arm | Plane::Graph | Plane::Protocol => StatusCode::FORBIDDEN,
    }
}

/// The explanation that every refusal carries.
fn decision(body: &Value) -> Option<&Value> {
    let info = body.pointer("/error/additionalInfo").or_else(|| body.pointer("/error/innererror/additionalInfo"))?;
    info.as_array()?.iter().find(|entry| entry["type"] == "AccessDecision").map(|entry| &entry["info"])
}

async fn assert_refused(house: &House, case: &Case, token: &str, who: &str) {
    let (status, body) = house.send(case.verb(), &case.path, Some(token), "{}").await;
    assert_eq!(status, refusal(case.info.plane), "{who}: {}: {body}", case.name());
    if case.info.verb == Verb::Head {
        assert_eq!(body, Value::Null, "{who}: {}", case.name());
        return;
    }
    let decision = decision(&body).unwrap_or_else(|| panic!("{who}: {}: no AccessDecision in {body}", case.name()));
    assert!(case.info.needs.iter().any(|need| need.ends_with(decision["action"].as_str().unwrap())), "{decision}");
}

/// What is open to anybody says the same of a subscription that exists and of one that does not.
async fn assert_reveals_nothing(house: &House, case: &Case, token: &str) {
    let existing = house.account(ACCOUNT).subscription_id().unwrap().to_owned();
    let missing = Uuid::new_v4().to_string();
    let elsewhere = case.path.replace(&existing, &missing);
    let (status, body) = house.send(case.verb(), &case.path, Some(token), "{}").await;
    let (other_status, other) = house.send(case.verb(), &elsewhere, Some(token), "{}").await;
    assert_eq!(status, other_status, "{}: {body} against {other}", case.name());
    // Beside its message an error has ids and a time of its own.
    let plain = |body: &Value, id: &str| {
        let shown = body.pointer("/error/message").unwrap_or(body);
        shown.to_string().replace(id, "{subscription}")
    };
    assert_eq!(plain(&body, &existing), plain(&other, &missing), "{}", case.name());
    assert!(!body.to_string().contains(ACCOUNT), "{}: {body}", case.name());
}

async fn assert_let_through(house: &House, case: &Case, token: &str, who: &str) {
    let (status, body) = house.send(case.verb(), &case.path, Some(token), "{}").await;
    let is_refused = matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
    assert!(!is_refused && decision(&body).is_none(), "{who}: {}: {status} {body}", case.name());
    assert!(
        !status.is_server_error() || status == StatusCode::SERVICE_UNAVAILABLE,
        "{who}: {}: {status} {body}",
        case.name()
    );
    assert_ne!(status, StatusCode::METHOD_NOT_ALLOWED, "{}: the request misses its route", case.name());
}

#[tokio::test]
async fn nobody_is_let_through_anywhere() {
    let house = House::demo().await;
    for case in guarded(&house) {
        let (status, body) = house.send(case.verb(), &case.path, None, "{}").await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{}: {body}", case.name());
        assert!(decision(&body).is_none(), "{}: who is not recognised gets no explanation: {body}", case.name());
    }
}

#[tokio::test]
async fn a_token_for_another_audience_is_nobody() {
    let house = House::demo().await;
    let principal = house.principal().await;
    for case in guarded(&house) {
        let wrong = if case.audience == "arm" { "https://ai.azure.com" } else { "arm" };
        let (status, _) = house.send(case.verb(), &case.path, Some(&house.token(principal, wrong)), "{}").await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{}", case.name());
    }
}

#[tokio::test]
async fn the_powerless_are_refused_everywhere_but_on_the_short_list() {
    let house = House::demo().await;
    let principal = house.principal().await;
    for case in guarded(&house) {
        let token = house.token(principal, case.audience);
        if case.is_open() {
            assert_reveals_nothing(&house, &case, &token).await;
        } else {
            assert_refused(&house, &case, &token, "powerless").await;
        }
    }
}

#[tokio::test]
async fn everything_but_its_permission_opens_no_route() {
    let house = House::demo().await;
    for case in guarded(&house).into_iter().filter(|case| !case.is_open()) {
        let principal = house.principal().await;
        let all_but = json!({"actions": ["*"], "notActions": case.needed("action"),
            "dataActions": ["*"], "notDataActions": case.needed("data action")});
        house.grant_custom_role(principal, all_but).await;
        assert_refused(&house, &case, &house.token(principal, case.audience), "all but it").await;
    }
}

#[tokio::test]
async fn exactly_its_permission_opens_each_route() {
    let house = House::demo().await;
    for case in guarded(&house).into_iter().filter(|case| !case.is_open()) {
        let principal = house.principal().await;
        grant_exactly(&house, &case, principal).await;
        assert_let_through(&house, &case, &house.token(principal, case.audience), "exactly it").await;
    }
}

async fn grant_exactly(house: &House, case: &Case, principal: Uuid) {
    match case.needed("directory").as_slice() {
        [] => {
            let exactly = json!({"actions": case.needed("action"), "notActions": [],
                "dataActions": case.needed("data action"), "notDataActions": []});
            house.grant_custom_role(principal, exactly).await;
        }
        // Directory roles are fixed: the smaller one reads, the larger one does the rest.
        rights if rights.iter().all(|right| right.to_ascii_lowercase().contains("read")) => {
            house.grant_directory_role(principal, DirectoryRole::DirectoryReaders).await;
        }
        _ => house.grant_directory_role(principal, DirectoryRole::GlobalAdministrator).await,
    }
}

#[tokio::test]
async fn the_short_list_names_only_routes_that_exist() {
    let house = House::demo().await;
    let templates: Vec<String> = house.app.routes().into_iter().map(|(info, _)| info.template).collect();
    for (template, why) in OPEN_TO_ANY_TOKEN {
        assert!(templates.iter().any(|known| known == template), "{template} ({why})");
    }
}
