//! A small tenant to tell stories in.

use std::path::PathBuf;

use arm::Scope;
use rbac::{Attributes, Facts, Permission, PrincipalType, RoleAssignment, Snapshot, Verdict};
use uuid::Uuid;

pub(crate) use crate::second_opinion::attributes;

pub(crate) const SUB: &str = "/subscriptions/s1";
pub(crate) const GROUP: &str = "/subscriptions/s1/resourceGroups/rg";
pub(crate) const ACCOUNT: &str =
    "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/acc1";
pub(crate) const PROJECT: &str =
    "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/acc1/projects/p1";
pub(crate) const MG: &str = "/providers/Microsoft.Management/managementGroups/mg";

pub(crate) const READ_ACCOUNT: &str = "Microsoft.CognitiveServices/accounts/read";
pub(crate) const CHAT: &str = "Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action";
pub(crate) const AGENTS: &str = "Microsoft.CognitiveServices/accounts/AIServices/agents/write";
pub(crate) const ASSIGN: &str = "Microsoft.Authorization/roleAssignments/write";

pub(crate) fn scope(text: &str) -> Scope {
    Scope::parse(text).unwrap()
}

pub(crate) fn action(text: &str) -> Permission {
    Permission::Action(text.to_owned().into())
}

pub(crate) fn data(text: &str) -> Permission {
    Permission::DataAction(text.to_owned().into())
}

/// A principal's id from a name or a GUID.
pub(crate) fn person(name: &str) -> Uuid {
    Uuid::try_parse(name).unwrap_or_else(|_| {
        let digits = name.bytes().fold(7_u128, |id, byte| id.wrapping_mul(1_000_003).wrapping_add(byte.into()));
        Uuid::from_u128(digits)
    })
}

/// A role's id from a name or a GUID.
pub(crate) fn role(name: &str) -> Uuid {
    Uuid::try_parse(name).unwrap_or_else(|_| rbac::by_name(name).expect("a built-in role").id)
}

pub(crate) fn assignment(number: usize, role_name: &str, at: &str, who: &str) -> RoleAssignment {
    let at = scope(at);
    let name = Uuid::from_u128(number as u128).to_string();
    RoleAssignment {
        id: at.extension("Microsoft.Authorization", "roleAssignments", &name),
        scope: at,
        role: role(role_name),
        principal: person(who),
        principal_type: PrincipalType::User,
        condition: None,
    }
}

/// Users `u1`, `u2`, a service principal `sp1` and a group `g1` without members; each grant is `(role, scope, who)`.
pub(crate) fn facts(grants: &[(&str, &str, &str)]) -> Facts {
    let kinds = [
        ("u1", PrincipalType::User),
        ("u2", PrincipalType::User),
        ("sp1", PrincipalType::ServicePrincipal),
        ("g1", PrincipalType::Group),
        ("g2", PrincipalType::Group),
    ];
    Facts {
        principals: kinds.iter().map(|(name, kind)| (person(name), *kind)).collect(),
        assignments: grants
            .iter()
            .enumerate()
            .map(|(number, (role, at, who))| assignment(number, role, at, who))
            .collect(),
        ..Facts::default()
    }
}

pub(crate) fn snapshot(grants: &[(&str, &str, &str)]) -> Snapshot {
    Snapshot::compile(facts(grants))
}

pub(crate) fn verdict(snapshot: &Snapshot, who: &str, permission: &Permission, at: &str) -> Verdict {
    verdict_with(snapshot, who, permission, at, &Attributes::none())
}

pub(crate) fn verdict_with(
    snapshot: &Snapshot,
    who: &str,
    permission: &Permission,
    at: &str,
    attributes: &Attributes,
) -> Verdict {
    let at = scope(at);
    let request = rbac::AccessRequest { principal: person(who), permission, scope: &at, attributes };
    rbac::evaluate(&request, snapshot)
}

pub(crate) fn allowed(snapshot: &Snapshot, who: &str, permission: &Permission, at: &str) -> bool {
    verdict(snapshot, who, permission, at).is_allowed()
}

/// A file of the conformance folder.
pub(crate) fn conformance(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../conformance").join(path)
}
