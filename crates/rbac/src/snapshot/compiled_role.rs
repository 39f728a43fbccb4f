//! Permissions made ready for matching.

use std::sync::Arc;

use crate::action_pattern::ActionPattern;
use crate::built_in::Catalogue;
use crate::condition::{Condition, Truth};
use crate::role_definition::{RoleDefinition, RolePermission};

pub(crate) struct CompiledRole {
    pub(crate) definition: RoleDefinition,
    /// The definition's, for all the grants that say it.
    pub(crate) name: Arc<str>,
    pub(crate) permissions: CompiledPermissions,
}

/// The permission objects of a role or a deny assignment: their union counts.
pub(crate) struct CompiledPermissions {
    objects: Vec<CompiledObject>,
}

/// One permission object: subtraction stays inside it.
struct CompiledObject {
    /// Given and taken, management actions first, data actions second.
    planes: [(Vec<ActionPattern>, Vec<ActionPattern>); 2],
    condition: Guard,
}

/// What must hold besides.
#[derive(Clone)]
pub(crate) enum Guard {
    Nothing,
    Condition(Arc<Condition>),
    /// A condition that this build cannot read.
    Never,
}

/// How one operation is included.
pub(crate) enum Given {
    Not,
    /// Whatever the request's attributes are.
    Surely,
    /// If one of these holds.
    Guarded(Vec<Guard>),
}

impl CompiledRole {
    pub(crate) fn new(definition: RoleDefinition) -> CompiledRole {
        let name = definition.name.as_str().into();
        CompiledRole { permissions: CompiledPermissions::new(&definition.permissions), name, definition }
    }
}

impl CompiledPermissions {
    pub(crate) fn new(objects: &[RolePermission]) -> CompiledPermissions {
        CompiledPermissions { objects: objects.iter().map(CompiledObject::new).collect() }
    }

    /// How an operation (its action string in lower case) is included.
    pub(crate) fn gives(&self, key: &str, is_data: bool) -> Given {
        let giving = self.objects.iter().filter(|object| object.includes(key, is_data));
        combine(giving.map(|object| object.condition.folded(key)))
    }

    /// As `gives`, for every catalogued operation that is included: its position and how.
    pub(crate) fn given_operations(&self, catalogue: &Catalogue) -> Vec<(usize, Given)> {
        let mut guards: Vec<Vec<Guard>> = vec![Vec::new(); catalogue.operations().len()];
        for object in &self.objects {
            for (number, key) in object.included_operations(catalogue) {
                if let Some(guards) = guards.get_mut(number) {
                    guards.push(object.condition.folded(&key));
                }
            }
        }
        let given = guards.into_iter().enumerate().filter(|(_, guards)| !guards.is_empty());
        given.map(|(number, guards)| (number, combine(guards.into_iter()))).collect()
    }
}

/// Allocates for guards alone: deny assignments are matched in every decision below them.
fn combine(including: impl Iterator<Item = Guard>) -> Given {
    let mut guards = Vec::new();
    for guard in including {
        match guard {
            Guard::Nothing => return Given::Surely,
            guard => guards.push(guard),
        }
    }
    if guards.is_empty() { Given::Not } else { Given::Guarded(guards) }
}

impl CompiledObject {
    fn new(object: &RolePermission) -> CompiledObject {
        let patterns = |texts: &[String]| texts.iter().map(|text| ActionPattern::new(text.trim())).collect();
        CompiledObject {
            planes: [
                (patterns(&object.actions), patterns(&object.not_actions)),
                (patterns(&object.data_actions), patterns(&object.not_data_actions)),
            ],
            condition: Guard::of(object.condition.as_deref()),
        }
    }

    fn plane(&self, is_data: bool) -> (&[ActionPattern], &[ActionPattern]) {
        let [management, data] = &self.planes;
        let (given, taken) = if is_data { data } else { management };
        (given, taken)
    }

    fn includes(&self, key: &str, is_data: bool) -> bool {
        let (given, taken) = self.plane(is_data);
        given.iter().any(|pattern| pattern.matches_key(key)) && !taken.iter().any(|pattern| pattern.matches_key(key))
    }

    /// The catalogued operations that this object includes, found by the fixed front of each pattern.
    fn included_operations(&self, catalogue: &Catalogue) -> Vec<(usize, String)> {
        let mut included = Vec::new();
        for is_data in [false, true] {
            let (given, taken) = self.plane(is_data);
            let mut numbers: Vec<(usize, &str)> = given
                .iter()
                .flat_map(|pattern| {
                    let near = catalogue.starting_with(is_data, pattern.literal_prefix());
                    near.filter(|(_, key)| pattern.matches_key(key))
                })
                .filter(|(_, key)| !taken.iter().any(|pattern| pattern.matches_key(key)))
                .collect();
            numbers.sort_unstable();
            numbers.dedup();
            included.extend(numbers.into_iter().map(|(number, key)| (number, key.to_owned())));
        }
        included
    }
}

impl Guard {
    pub(crate) fn of(condition: Option<&str>) -> Guard {
        match condition.map(Condition::parse) {
            None => Guard::Nothing,
            Some(Ok(condition)) => Guard::Condition(Arc::new(condition)),
            Some(Err(_)) => Guard::Never,
        }
    }

    /// Drops the condition where the operation alone makes it true (`!(ActionMatches{…}) OR …`).
    fn folded(&self, key: &str) -> Guard {
        match self {
            Guard::Condition(condition) if condition.folded(key) == Truth::True => Guard::Nothing,
            other => other.clone(),
        }
    }
}
