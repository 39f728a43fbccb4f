//! What ARM URLs name.

use arm::{ArmPath, RequestPath};

/// `base | type | item`
fn names(raw: &str) -> String {
    let path = RequestPath::normalise(raw).unwrap();
    match ArmPath::parse(&path) {
        Ok(path) => {
            let item = path.item.map_or("-".to_owned(), |item| item.to_string());
            format!("{} | {} | {item}", path.base, path.resource_type)
        }
        Err(error) => format!("{}", error.status()),
    }
}

#[test]
fn subscriptions_groups_and_tenants() {
    assert_eq!(names("/subscriptions"), "/ | Microsoft.Resources/subscriptions | -");
    assert_eq!(names("/tenants/"), "/ | Microsoft.Resources/tenants | -");
    assert_eq!(names("/subscriptions/s"), "/ | Microsoft.Resources/subscriptions | /subscriptions/s");
    assert_eq!(
        names("/subscriptions/s/resourcegroups"),
        "/subscriptions/s | Microsoft.Resources/subscriptions/resourceGroups | -"
    );
    assert_eq!(
        names("/subscriptions/s/resourcegroups/r"),
        "/subscriptions/s | Microsoft.Resources/subscriptions/resourceGroups | /subscriptions/s/resourceGroups/r"
    );
    assert_eq!(
        names("/subscriptions/s/locations"),
        "/subscriptions/s | Microsoft.Resources/subscriptions/locations | -"
    );
    assert_eq!(
        names("/subscriptions/s/resourceGroups/r/resources"),
        "/subscriptions/s/resourceGroups/r | Microsoft.Resources/subscriptions/resourceGroups/resources | -"
    );
}

#[test]
fn providers_and_their_actions() {
    assert_eq!(
        names("/subscriptions/s/providers"),
        "/subscriptions/s | Microsoft.Resources/subscriptions/providers | -"
    );
    assert_eq!(
        names("/subscriptions/s/providers/Microsoft.CognitiveServices"),
        "/subscriptions/s | Microsoft.Resources/subscriptions/providers | /subscriptions/s/providers/Microsoft.CognitiveServices"
    );
    assert_eq!(
        names("/subscriptions/s/providers/Microsoft.CognitiveServices/register"),
        "/subscriptions/s | Microsoft.CognitiveServices/register | -"
    );
    assert_eq!(names("/providers"), "/ | Microsoft.Resources/providers | -");
}

#[test]
fn resources_children_and_actions() {
    let rg = "/subscriptions/s/resourceGroups/r";
    let account = format!("{rg}/providers/Microsoft.CognitiveServices/accounts/a");
    assert_eq!(
        names(&format!("{rg}/providers/Microsoft.CognitiveServices//accounts")),
        format!("{rg} | Microsoft.CognitiveServices/accounts | -")
    );
    assert_eq!(names(&account), format!("{rg} | Microsoft.CognitiveServices/accounts | {account}"));
    assert_eq!(
        names(&format!("{account}/projects")),
        format!("{account} | Microsoft.CognitiveServices/accounts/projects | -")
    );
    assert_eq!(
        names(&format!("{account}/projects/p")),
        format!("{account} | Microsoft.CognitiveServices/accounts/projects | {account}/projects/p")
    );
    assert_eq!(
        names(&format!("{account}/listKeys")),
        format!("{account} | Microsoft.CognitiveServices/accounts/listKeys | -")
    );
}

#[test]
fn the_last_provider_decides_the_type_of_an_extension() {
    let project = "/subscriptions/s/resourceGroups/r/providers/Microsoft.CognitiveServices/accounts/a/projects/p";
    let list = format!("{project}/providers/Microsoft.Authorization/roleAssignments");
    assert_eq!(names(&list), format!("{project} | Microsoft.Authorization/roleAssignments | -"));
    assert_eq!(names(&format!("{list}/g")), format!("{project} | Microsoft.Authorization/roleAssignments | {list}/g"));
    assert_eq!(
        names("/providers/Microsoft.Authorization/roleDefinitions"),
        "/ | Microsoft.Authorization/roleDefinitions | -"
    );
    assert_eq!(
        names("/providers/Microsoft.Management/managementGroups/m/providers/Microsoft.Authorization/roleAssignments"),
        "/providers/Microsoft.Management/managementGroups/m | Microsoft.Authorization/roleAssignments | -"
    );
}

#[test]
fn a_namespace_without_a_type_is_not_skipped() {
    for path in [
        "/providers/Microsoft.X/providers/Y",
        "/subscriptions/s/providers/Microsoft.X/providers/Y/t/n",
        "/providers/a/PROVIDERS",
    ] {
        assert_eq!(names(path), "400", "{path}");
        assert!(arm::Scope::parse(path).is_err(), "{path}");
    }
}

#[test]
fn the_result_of_an_operation_is_an_item_of_its_subscription() {
    assert_eq!(
        names("/subscriptions/s/OperationResults/x"),
        "/subscriptions/s | Microsoft.Resources/subscriptions/operationresults | /subscriptions/s/OperationResults/x"
    );
    assert_eq!(names("/subscriptions/s/operationresults/x/y"), "400");
    assert_eq!(names("/subscriptions/s/resourceGroups/r/operationresults/x"), "400");
}

#[test]
fn paths_that_name_nothing_are_refused() {
    for raw in
        ["/", "/nothing", "/nothing/x", "/subscriptions/s/locations/x", "/tenants/t", "/providers/a/b/c/providers"]
    {
        assert_eq!(names(raw), "400", "{raw}");
    }
}
