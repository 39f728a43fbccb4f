//! The data that comes with the build.

use std::collections::HashSet;

use rbac::{Condition, catalogue};

use crate::tenant::{action, data};

#[test]
fn seventy_six_roles_are_found_by_id_and_name() {
    let roles = rbac::built_in();
    assert_eq!(roles.len(), 76);
    let ids: HashSet<_> = roles.iter().map(|role| role.id).collect();
    assert_eq!(ids.len(), 76);
    for role in roles {
        assert_eq!(rbac::by_name(&role.name.to_uppercase()).map(|found| found.id), Some(role.id));
        assert_eq!(role.assignable_scopes, ["/"]);
    }
}

#[test]
fn renamed_roles_are_found_by_their_former_names() {
    for (former, today) in [
        ("Azure AI User", "Foundry User"),
        ("azure ai owner", "Foundry Owner"),
        ("Azure AI Account Owner", "Foundry Account Owner"),
        ("Azure AI Project Manager", "Foundry Project Manager"),
    ] {
        assert_eq!(rbac::by_name(former).map(|role| role.name.as_str()), Some(today));
    }
    assert_eq!(rbac::by_name("Azure AI Developer").map(|role| role.name.as_str()), Some("Azure AI Developer"));
    assert!(rbac::by_name("Foundry Contributor").is_none());
}

#[test]
fn a_former_name_is_no_other_roles_name() {
    for role in rbac::built_in() {
        for alias in &role.aliases {
            let named: Vec<_> = rbac::built_in().iter().filter(|other| other.is_named(alias)).collect();
            assert_eq!(named.len(), 1, "{alias}");
        }
    }
}

#[test]
fn every_operation_is_there_once_with_its_source() {
    let mut keys = HashSet::new();
    for operation in catalogue().operations() {
        assert!(keys.insert(operation.name.to_lowercase()), "{} twice", operation.name);
        assert!(!operation.source.is_empty(), "{} without a source", operation.name);
        assert!(operation.name.contains('/') && !operation.name.contains('*'), "{}", operation.name);
    }
    assert!(keys.len() > 357);
}

#[test]
fn what_the_routes_use_is_catalogued_on_its_plane() {
    let management = [
        "Microsoft.Resources/tenants/read",
        "Microsoft.Resources/subscriptions/read",
        "Microsoft.Resources/subscriptions/resourceGroups/read",
        "Microsoft.Resources/subscriptions/resourceGroups/write",
        "Microsoft.Resources/subscriptions/resourceGroups/delete",
        "Microsoft.Resources/subscriptions/providers/read",
        "Microsoft.Resources/subscriptions/locations/read",
        "Microsoft.Resources/subscriptions/resources/read",
        "Microsoft.CognitiveServices/accounts/listKeys/action",
        "Microsoft.CognitiveServices/accounts/regenerateKey/action",
        "Microsoft.CognitiveServices/accounts/models/read",
        "Microsoft.CognitiveServices/locations/models/read",
        "Microsoft.CognitiveServices/register/action",
        "Microsoft.Authorization/permissions/read",
    ];
    for name in management {
        assert!(catalogue().is_known(&action(name)), "{name}");
        assert!(!catalogue().is_known(&data(name)) && !catalogue().is_data_action(name), "{name}");
    }
    let kinds = [
        "Microsoft.CognitiveServices/accounts",
        "Microsoft.CognitiveServices/accounts/projects",
        "Microsoft.CognitiveServices/accounts/deployments",
        "Microsoft.Authorization/roleAssignments",
        "Microsoft.Authorization/roleDefinitions",
    ];
    for kind in kinds {
        for verb in ["read", "write", "delete"] {
            assert!(catalogue().is_known(&action(&format!("{kind}/{verb}"))), "{kind}/{verb}");
        }
    }
    let data_plane = [
        "OpenAI/deployments/chat/completions/action",
        "OpenAI/models/read",
        "OpenAI/responses/write",
        "MaaS/chat/completions/action",
        "AIServices/agents/read",
        "AIServices/agents/write",
        "AIServices/agents/delete",
        "AIServices/assets/read",
        "AIServices/assets/write",
        "AIServices/connections/read",
        "AIServices/connections/listSecrets/action",
        "AIServices/endpoints/interact/action",
        "AIServices/applications/invoke/action",
    ];
    for name in data_plane {
        let name = format!("microsoft.cognitiveservices/ACCOUNTS/{name}");
        assert!(catalogue().is_known(&data(&name)) && catalogue().is_data_action(&name), "{name}");
        assert!(!catalogue().is_known(&action(&name)), "{name}");
    }
    assert!(!catalogue().is_known(&action("Microsoft.CognitiveServices/accounts/unheardOf/read")));
}

#[test]
fn every_condition_of_the_built_in_roles_can_be_read() {
    let conditions = rbac::built_in().iter().flat_map(|role| &role.permissions).filter_map(|p| p.condition.as_deref());
    let mut count = 0;
    for text in conditions {
        Condition::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        count += 1;
    }
    assert_eq!(count, 5);
}
