//! Errors of the store and of look-ups, as ARM says them.

use access::Failure;
use arm::{ArmError, ErrorCode, Scope, ScopeLevel};
use http::StatusCode;
use store::{Conflict, StoreError, World};

/// The answer to a write that the store refused.
pub(crate) fn stored(error: &StoreError) -> Failure {
    let arm = |code, message: String| Failure::arm(ArmError::new(code, message));
    match error {
        StoreError::PreconditionFailed { .. } => arm(ErrorCode::PreconditionFailed, error.to_string()),
        StoreError::NotFound { .. } => arm(ErrorCode::ResourceNotFound, error.to_string()),
        StoreError::ParentNotFound { .. } => arm(ErrorCode::ParentResourceNotFound, error.to_string()),
        StoreError::Conflict(conflict) => arm(conflict_code(conflict), conflict_message(conflict)),
        StoreError::Unavailable(_) => {
            let failure =
                arm(ErrorCode::ServiceUnavailable, "the server cannot write for now; try again later".to_owned());
            // Whole seconds: clients retry a 503 only when told to.
            Failure { reason: error.to_string(), ..failure.with_header("retry-after", "5") }
        }
        _ => internal(&error.to_string()),
    }
}

fn conflict_code(conflict: &Conflict) -> ErrorCode {
    match conflict {
        Conflict::SubdomainInUse { .. } => ErrorCode::CustomDomainInUse,
        Conflict::RoleAssignmentExists { .. } => ErrorCode::RoleAssignmentExists,
        Conflict::RoleAssignmentNameInUse { .. } => ErrorCode::RoleAssignmentUpdateNotPermitted,
        Conflict::RoleHasAssignments { .. } => ErrorCode::RoleDefinitionHasAssignments,
        _ => ErrorCode::Conflict,
    }
}

fn conflict_message(conflict: &Conflict) -> String {
    match conflict {
        Conflict::RoleAssignmentExists { id } => format!(
            "The role assignment already exists. The ID of the conflicting role assignment is {}.",
            id.name().replace('-', "")
        ),
        Conflict::RoleAssignmentNameInUse { .. } => {
            "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.".to_owned()
        }
        Conflict::RoleHasAssignments { assignments, .. } => {
            format!("There are existing role assignments referencing role. Remove them first; there are {assignments}.")
        }
        other => other.to_string(),
    }
}

/// Refuses a condition that cannot be parsed, saying where and what was expected; `path` is its field.
pub(crate) fn condition_is_sound(text: &str, path: &str) -> Result<(), ArmError> {
    rbac::Condition::parse(text).map(|_| ()).map_err(|error| {
        let message = format!("The given role assignment condition is invalid: {error}");
        ArmError::new(ErrorCode::InvalidCondition, message).with_target(path)
    })
}

/// The answer to a fault of ours: the journal gets the reason, the client gets none.
pub(crate) fn internal(reason: &str) -> Failure {
    let error = ArmError::new(ErrorCode::InternalServerError, "the server met an error of its own");
    Failure { status: StatusCode::INTERNAL_SERVER_ERROR, reason: reason.to_owned(), ..Failure::arm(error) }
}

/// The first place on the way to `id` that does not exist, as ARM names it; `None` when all exist but `id` itself.
pub(crate) fn missing_place(world: &World, id: &Scope) -> Option<ArmError> {
    if let Some(subscription) = id.subscription_id()
        && id.level() != ScopeLevel::Subscription
        && world.resources.get(&Scope::subscription(subscription)).is_none()
    {
        return Some(subscription_not_found(subscription));
    }
    let above: Vec<Scope> = std::iter::successors(id.parent(), Scope::parent).collect();
    let missing = above.iter().rev().find(|place| must_exist(place) && world.resources.get(place).is_none())?;
    Some(match missing.level() {
        ScopeLevel::ResourceGroup => {
            let message = format!("Resource group '{}' could not be found.", missing.name());
            ArmError::new(ErrorCode::ResourceGroupNotFound, message)
        }
        _ => {
            let message = format!("The parent resource '{missing}' of '{id}' could not be found.");
            ArmError::new(ErrorCode::ParentResourceNotFound, message)
        }
    })
}

/// Places that are rows; the root is not, and what stands directly under it is checked by its own type.
fn must_exist(place: &Scope) -> bool {
    matches!(place.level(), ScopeLevel::ResourceGroup | ScopeLevel::Resource)
}

/// The answer to a read of something that is not there.
pub(crate) fn not_found(world: &World, id: &Scope) -> ArmError {
    missing_place(world, id).unwrap_or_else(|| match id.level() {
        ScopeLevel::Subscription => subscription_not_found(id.name()),
        ScopeLevel::ResourceGroup => ArmError::new(
            ErrorCode::ResourceGroupNotFound,
            format!("Resource group '{}' could not be found.", id.name()),
        ),
        _ => {
            let kind = id.resource_type().map_or_else(String::new, |kind| format!("{}/", kind.as_str()));
            let place = match id.resource_group() {
                Some(group) => format!(" under resource group '{group}'"),
                None => String::new(),
            };
            let message = format!("The Resource '{kind}{}'{place} was not found.", id.name());
            ArmError::new(ErrorCode::ResourceNotFound, message)
        }
    })
}

/// The answer for a subscription that is not there, and for one that the caller may not know of.
pub(crate) fn subscription_not_found(id: &str) -> ArmError {
    ArmError::new(ErrorCode::SubscriptionNotFound, format!("The subscription '{id}' could not be found."))
}
