//! Scopes: one spelling, whole segments, no case.

use arm::{Scope, ScopeLevel};

const PROJECT: &str =
    "/subscriptions/s/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/acc1/projects/p1";

fn scope(text: &str) -> Scope {
    Scope::parse(text).unwrap()
}

fn parents(text: &str) -> Vec<String> {
    scope(text).ancestors().map(|scope| scope.to_string()).collect()
}

#[test]
fn words_of_the_grammar_have_one_spelling_and_names_keep_theirs() {
    let text = "/SUBSCRIPTIONS/S/resourcegroups/Rg/PROVIDERS/microsoft.cognitiveservices//Accounts/Acc1/";
    assert_eq!(
        scope(text).as_str(),
        "/subscriptions/S/resourceGroups/Rg/providers/microsoft.cognitiveservices/Accounts/Acc1"
    );
    assert_eq!(
        scope("/PROVIDERS/microsoft.management/managementgroups/MG").as_str(),
        "/providers/Microsoft.Management/managementGroups/MG"
    );
    assert_eq!(scope("/").as_str(), "/");
}

#[test]
fn case_makes_no_difference() {
    let upper = scope(&PROJECT.to_ascii_uppercase());
    assert_eq!(upper, scope(PROJECT));
    assert_eq!(upper.key(), scope(PROJECT).key());
    assert!(scope("/SUBSCRIPTIONS/S").contains(&scope(PROJECT)));
}

#[test]
fn containment_is_by_whole_segments() {
    let account = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/acc1";
    assert!(!scope(account).contains(&scope(&format!("{account}0"))));
    assert!(!scope("/subscriptions/s").contains(&scope("/subscriptions/sb")));
    assert!(scope(account).contains(&scope(PROJECT)));
    assert!(scope(account).contains(&scope(account)));
    assert!(!scope(PROJECT).contains(&scope(account)));
    assert!(Scope::root().contains(&scope("/subscriptions/s")));
    assert!(!scope("/subscriptions/s").contains(&Scope::root()));
}

#[test]
fn a_location_below_a_subscription_is_in_no_resource_group() {
    let usages = scope("/subscriptions/s/providers/Microsoft.CognitiveServices/locations/eastus");
    assert!(!scope("/subscriptions/s/resourceGroups/rg").contains(&usages));
    assert!(scope("/subscriptions/s").contains(&usages));
    assert_eq!(usages.resource_group(), None);
}

#[test]
fn parents_go_from_project_to_root() {
    let account = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/acc1";
    assert_eq!(parents(PROJECT), [PROJECT, account, "/subscriptions/s/resourceGroups/rg", "/subscriptions/s", "/"]);
    assert_eq!(parents("/providers/Microsoft.Management/managementGroups/mg").len(), 2);
    assert_eq!(Scope::root().parent(), None);
}

#[test]
fn the_parent_of_an_extension_is_what_it_extends() {
    for front in ["", "/subscriptions/s", "/subscriptions/s/resourceGroups/rg", PROJECT] {
        let id = scope(&format!("{front}/providers/Microsoft.Authorization/roleAssignments/g"));
        let base = if front.is_empty() { Scope::root() } else { scope(front) };
        assert_eq!(id.parent(), Some(base.clone()));
        assert_eq!(base.extension("Microsoft.Authorization", "roleAssignments", "g"), id);
        assert_eq!(id.resource_type().unwrap().as_str(), "Microsoft.Authorization/roleAssignments");
    }
}

#[test]
fn ancestor_keys_are_the_keys_of_the_ancestors() {
    for text in [PROJECT, "/", "/subscriptions/s/providers/Microsoft.Authorization/roleAssignments/g"] {
        let scope = scope(text);
        let keys: Vec<&str> = scope.ancestor_keys().collect();
        let ancestors: Vec<Scope> = scope.ancestors().collect();
        assert_eq!(keys, ancestors.iter().map(Scope::key).collect::<Vec<_>>());
    }
}

#[test]
fn parts_of_an_id_are_found() {
    let project = scope(PROJECT);
    assert_eq!(project.name(), "p1");
    assert_eq!(project.subscription_id(), Some("s"));
    assert_eq!(project.resource_group(), Some("rg"));
    assert_eq!(project.top_resource().unwrap().name(), "acc1");
    assert_eq!(project.resource_type().unwrap().as_str(), "Microsoft.CognitiveServices/accounts/projects");
    assert_eq!(project.parent().unwrap().child("projects", "p1"), project);
    let of = |text: &str| scope(text).resource_type().map(|kind| kind.to_string());
    assert_eq!(of("/").as_deref(), None);
    assert_eq!(of("/subscriptions/s").as_deref(), Some("Microsoft.Resources/subscriptions"));
    assert_eq!(
        of("/subscriptions/s/resourceGroups/r").as_deref(),
        Some("Microsoft.Resources/subscriptions/resourceGroups")
    );
}

#[test]
fn levels_are_told_apart() {
    let level = |text: &str| scope(text).level();
    assert_eq!(level("/"), ScopeLevel::Root);
    assert_eq!(level("/providers/microsoft.management/managementgroups/m"), ScopeLevel::ManagementGroup);
    assert_eq!(level("/subscriptions/s"), ScopeLevel::Subscription);
    assert_eq!(level("/subscriptions/s/resourceGroups/r"), ScopeLevel::ResourceGroup);
    assert_eq!(level(PROJECT), ScopeLevel::Resource);
    assert_eq!(level("/providers/Microsoft.Management/managementGroups/m/subscriptions/s"), ScopeLevel::Resource);
}

#[test]
fn ids_that_end_in_the_middle_are_refused() {
    for text in [
        "/subscriptions",
        "/subscriptions/s/resourceGroups",
        "/subscriptions/s/whatever/x",
        "/subscriptions/s/providers",
        "/subscriptions/s/providers/Microsoft.X",
        "/subscriptions/s/providers/Microsoft.X/type",
        "/accounts/a",
        "/subscriptions/s/resourceGroups/r/accounts/a",
    ] {
        assert_eq!(Scope::parse(text).map_err(|error| error.status()), Err(400), "{text}");
    }
}

#[test]
fn a_resource_may_be_called_providers() {
    let odd = scope("/subscriptions/s/providers/Microsoft.X/types/providers/children/c");
    assert_eq!(odd.resource_type().unwrap().as_str(), "Microsoft.X/types/children");
    assert_eq!(odd.parent().unwrap().name(), "providers");
}

#[test]
fn management_groups_do_not_hold_subscriptions_by_text() {
    let group = scope("/providers/Microsoft.Management/managementGroups/m");
    assert!(!group.contains(&scope("/subscriptions/s")));
    assert!(group.contains(&scope("/providers/Microsoft.Management/managementGroups/m/subscriptions/s")));
}
