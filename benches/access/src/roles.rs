//! The roles of the tenant, and a reading of them that shares no code with the engine.

use std::collections::HashMap;

use fastrand::Rng;
use rbac::built_in::Operation;
use rbac::{RoleDefinition, RolePermission, built_in, catalogue};
use uuid::Uuid;

/// Roles in the tenant, the built-in ones among them.
pub const ROLES: usize = 240;

/// Custom roles as operators write them: some whole types, some single operations, something taken out again.
pub fn custom(rng: &mut Rng) -> Vec<RoleDefinition> {
    (built_in().len()..ROLES).map(|number| one(number, rng)).collect()
}

/// The roles that are assigned. Those with conditions of their own are left to the engine's tests: Cedar has none.
pub fn assigned(custom: &[RoleDefinition]) -> Vec<Uuid> {
    let plain = |role: &&RoleDefinition| role.permissions.iter().all(|permission| permission.condition.is_none());
    built_in().iter().chain(custom).filter(plain).map(|role| role.id).collect()
}

fn one(number: usize, rng: &mut Rng) -> RoleDefinition {
    let mut permission = RolePermission::default();
    for _ in 0..rng.usize(3..9) {
        let operation = any_operation(rng);
        let wide = wildcard(operation.name, rng);
        let (given, taken) = match operation.is_data {
            true => (&mut permission.data_actions, &mut permission.not_data_actions),
            false => (&mut permission.actions, &mut permission.not_actions),
        };
        given.push(wide);
        if rng.u8(0..4) == 0 {
            taken.push(operation.name.to_owned());
        }
    }
    RoleDefinition {
        id: Uuid::from_u128(rng.u128(..)),
        name: format!("Custom role {number}"),
        aliases: Vec::new(),
        description: String::new(),
        built_in: false,
        permissions: vec![permission],
        assignable_scopes: vec!["/".to_owned()],
    }
}

/// An operation of the catalogue.
pub fn any_operation(rng: &mut Rng) -> &'static Operation {
    let operations = catalogue().operations();
    &operations[rng.usize(..operations.len())]
}

/// The operation itself, everything beside it, or everything beside it of the same verb.
fn wildcard(name: &str, rng: &mut Rng) -> String {
    let Some((place, verb)) = name.rsplit_once('/') else { return name.to_owned() };
    match rng.u8(0..4) {
        0 => format!("{place}/*"),
        1 => place.split('/').next().map_or_else(|| name.to_owned(), |namespace| format!("{namespace}/*/{verb}")),
        _ => name.to_owned(),
    }
}

/// Which operations each role gives.
pub struct Given {
    roles_by_operation: HashMap<(&'static str, bool), Vec<Uuid>>,
    operations_by_role: HashMap<Uuid, Vec<&'static Operation>>,
}

impl Given {
    /// Reads the built-in roles and these.
    pub fn read(custom: &[RoleDefinition]) -> Given {
        let mut given = Given { roles_by_operation: HashMap::new(), operations_by_role: HashMap::new() };
        for operation in catalogue().operations() {
            for role in built_in().iter().chain(custom) {
                if role.permissions.iter().any(|permission| gives(permission, operation)) {
                    given.roles_by_operation.entry((operation.name, operation.is_data)).or_default().push(role.id);
                    given.operations_by_role.entry(role.id).or_default().push(operation);
                }
            }
        }
        given
    }

    /// The roles that give the operation.
    pub fn roles(&self, operation: &Operation) -> &[Uuid] {
        self.roles_by_operation.get(&(operation.name, operation.is_data)).map_or(&[], Vec::as_slice)
    }

    /// The operations that the role gives.
    pub fn operations(&self, role: Uuid) -> &[&'static Operation] {
        self.operations_by_role.get(&role).map_or(&[], Vec::as_slice)
    }
}

/// Does the permission give the operation? Each subtracts inside itself.
pub fn gives(permission: &RolePermission, operation: &Operation) -> bool {
    let (given, taken) = match operation.is_data {
        true => (&permission.data_actions, &permission.not_data_actions),
        false => (&permission.actions, &permission.not_actions),
    };
    let named = |patterns: &[String]| patterns.iter().any(|pattern| matches(pattern, operation.name));
    named(given) && !named(taken)
}

/// A pattern with any number of `*`, each for any text, without case.
fn matches(pattern: &str, text: &str) -> bool {
    fn rest(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some((b'*', pattern_rest)), _) => {
                rest(pattern_rest, text) || text.split_first().is_some_and(|(_, text_rest)| rest(pattern, text_rest))
            }
            (Some((one, pattern_rest)), Some((other, text_rest))) => {
                one.eq_ignore_ascii_case(other) && rest(pattern_rest, text_rest)
            }
            _ => false,
        }
    }
    rest(pattern.as_bytes(), text.as_bytes())
}
