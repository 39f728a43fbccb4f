//! What a custom role must not do to others of its tenant. Asked in the writer's turn.

use arm::{ArmError, ErrorCode, Scope, ScopeLevel};
use resources::role_definitions::Wanted;
use store::World;
use uuid::Uuid;

/// A role as it would be, among what is there.
pub(super) struct Neighbours<'a> {
    pub(super) world: &'a World,
    pub(super) role: Uuid,
    pub(super) wanted: &'a Wanted,
}

impl Neighbours<'_> {
    /// No other role has the name, today or formerly: people and scripts name roles by it.
    pub(super) fn leave_the_name(&self) -> Result<(), ArmError> {
        let name = self.wanted.name.to_lowercase();
        let is_taken = |taken: &String| taken.to_lowercase() == name;
        let mut others = self.world.access.roles().filter(|other| other.id != self.role);
        if !others.any(|other| is_taken(&other.name) || other.aliases.iter().any(is_taken)) {
            return Ok(());
        }
        let message = format!(
            "A role with the name '{}' already exists in this directory. Use a different name.",
            self.wanted.name
        );
        Err(ArmError::new(ErrorCode::RoleDefinitionWithSameNameExists, message).with_target("properties.roleName"))
    }

    /// Where the role is assigned by the scopes and permissions that it has, it may be by those it would have. Looks through
    /// all assignments, but only when something is taken away from the scopes, or data actions are given.
    pub(super) fn stay_assignable(&self) -> Result<(), ArmError> {
        let Some(today) = self.world.access.role(self.role) else { return Ok(()) };
        let before: Vec<Scope> = today.assignable_scopes.iter().filter_map(|text| Scope::parse(text).ok()).collect();
        let after = &self.wanted.assignable_scopes;
        let keeps_its_scopes = before.iter().all(|scope| after.contains(scope));
        let had_data_actions = today.permissions.iter().any(|permission| !permission.data_actions.is_empty());
        let gets_data_actions = self.wanted.has_data_actions() && !had_data_actions;
        if keeps_its_scopes && !gets_data_actions {
            return Ok(());
        }
        for held in self.world.access.assignments().filter(|held| held.role == self.role) {
            let scope = held.scope;
            let chain = self.world.access.chain(&scope);
            let is_within = |scopes: &[Scope]| scopes.iter().any(|place| chain.contains(place));
            if is_within(&before) && !is_within(after) {
                return Err(still_assigned(&scope, "is not within its new assignable scopes"));
            }
            if gets_data_actions && scope.level() == ScopeLevel::ManagementGroup {
                return Err(still_assigned(
                    &scope,
                    "is a management group, where a custom role with data actions cannot be assigned",
                ));
            }
        }
        Ok(())
    }
}

fn still_assigned(scope: &Scope, why: &str) -> ArmError {
    let message =
        format!("There are existing role assignments referencing role. One of them is at '{scope}', which {why}.");
    ArmError::new(ErrorCode::RoleDefinitionHasAssignments, message)
}
