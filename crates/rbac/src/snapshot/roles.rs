//! Roles by number, and for each operation the roles that give it as a set of bits.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

use uuid::Uuid;

use super::compiled_role::{CompiledRole, Given, Guard};
use crate::attributes::Attributes;
use crate::built_in::{built_in, catalogue};
use crate::condition::{Truth, any};
use crate::permission::Permission;
use crate::role_definition::RoleDefinition;

/// The number of a role where there are more roles than numbers: gives nothing. (Azure's limit is 5 000 custom roles.)
pub(crate) const NO_ROLE: u16 = u16::MAX;
/// How many rows of operations outside the catalogue are kept.
const MEMO_ROWS: usize = 1024;
/// Longer action strings are decided and not kept.
const MEMO_KEY_BYTES: usize = 512;

/// The roles that give one operation.
#[derive(Clone, Default)]
pub(crate) struct GrantRow {
    /// One bit per role: some permission object gives it, perhaps under a condition.
    any: Vec<u64>,
    /// One bit per role: some permission object gives it whatever the attributes are.
    sure: Vec<u64>,
    /// For the roles in `any` and not in `sure`, what must hold; one is enough.
    guarded: Vec<(u16, Vec<Guard>)>,
}

#[derive(Clone)]
pub(crate) struct RoleTable {
    numbers: HashMap<Uuid, u16>,
    /// A role that is assigned and not defined has a number and no definition.
    roles: Vec<Option<Arc<CompiledRole>>>,
    /// How many catalogued operations each role gives, under conditions or not.
    breadths: Vec<usize>,
    /// By the operation's position in the catalogue.
    rows: Vec<Arc<GrantRow>>,
    memo: Memo,
}

/// Rows of operations outside the catalogue. Belongs to one version of the roles: a copied table starts empty.
#[derive(Default)]
struct Memo(Mutex<HashMap<(bool, String), Arc<GrantRow>>>);

impl Clone for Memo {
    fn clone(&self) -> Memo {
        Memo::default()
    }
}

impl RoleTable {
    /// The built-in roles, compiled once per process.
    pub(crate) fn built_in() -> Arc<RoleTable> {
        static TABLE: OnceLock<Arc<RoleTable>> = OnceLock::new();
        let table = TABLE.get_or_init(|| {
            let mut table = RoleTable {
                numbers: HashMap::new(),
                roles: Vec::new(),
                breadths: Vec::new(),
                rows: vec![Arc::default(); catalogue().operations().len()],
                memo: Memo::default(),
            };
            for role in built_in() {
                table.put(role.clone());
            }
            Arc::new(table)
        });
        Arc::clone(table)
    }

    /// The role's number; a role that is not defined gets one, so that it may be defined later.
    pub(crate) fn number(&mut self, id: Uuid) -> u16 {
        if let Some(number) = self.numbers.get(&id) {
            return *number;
        }
        let number = u16::try_from(self.roles.len()).unwrap_or(NO_ROLE);
        if number == NO_ROLE {
            return NO_ROLE;
        }
        self.numbers.insert(id, number);
        self.roles.push(None);
        self.breadths.push(0);
        number
    }

    pub(crate) fn known_number(&self, id: Uuid) -> Option<u16> {
        self.numbers.get(&id).copied()
    }

    pub(crate) fn put(&mut self, role: RoleDefinition) {
        let number = self.number(role.id);
        self.clear(number);
        let Some(slot) = self.roles.get_mut(usize::from(number)) else {
            return;
        };
        let role = Arc::new(CompiledRole::new(role));
        *slot = Some(Arc::clone(&role));
        let given = role.given_operations(catalogue());
        if let Some(breadth) = self.breadths.get_mut(usize::from(number)) {
            *breadth = given.len();
        }
        for (operation, given) in given {
            if let Some(row) = self.rows.get_mut(operation) {
                Arc::make_mut(row).add(number, given);
            }
        }
        self.memo = Memo::default();
    }

    pub(crate) fn remove(&mut self, id: Uuid) {
        let Some(number) = self.known_number(id) else {
            return;
        };
        self.clear(number);
        if let Some(slot) = self.roles.get_mut(usize::from(number)) {
            *slot = None;
        }
        self.memo = Memo::default();
    }

    pub(crate) fn get(&self, id: Uuid) -> Option<&RoleDefinition> {
        let role = self.roles.get(usize::from(self.known_number(id)?))?.as_ref()?;
        Some(&role.definition)
    }

    pub(crate) fn name(&self, id: Uuid) -> String {
        self.get(id).map_or_else(|| format!("role {id}"), |role| role.name.clone())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &RoleDefinition> {
        self.roles.iter().flatten().map(|role| &role.definition)
    }

    /// The roles that give an operation. Nothing gives the empty action or one with a wildcard: those name no operation.
    pub(crate) fn row(&self, permission: &Permission) -> Arc<GrantRow> {
        let text = permission.text();
        let is_data = permission.is_data();
        if text.is_empty() || text.contains('*') || matches!(permission, Permission::Directory(_)) {
            return Arc::default();
        }
        if let Some(row) = catalogue().number(text, is_data).and_then(|number| self.rows.get(number)) {
            return Arc::clone(row);
        }
        self.memoised(text.to_ascii_lowercase(), is_data)
    }

    /// Unconditional givers of an operation, each with how many catalogued operations it gives in all.
    pub(crate) fn giving(&self, row: &GrantRow) -> Vec<(usize, &RoleDefinition)> {
        let numbered = self.roles.iter().zip(&self.breadths).zip(0_u16..);
        let giving = numbered.filter(|(_, number)| row.gives_surely(*number));
        giving.filter_map(|((role, breadth), _)| Some((*breadth, &role.as_ref()?.definition))).collect()
    }

    #[cfg(test)]
    pub(crate) fn remembered(&self) -> usize {
        self.memo.0.lock().map_or(0, |memo| memo.len())
    }

    fn clear(&mut self, number: u16) {
        for row in &mut self.rows {
            if row.gives(number) {
                Arc::make_mut(row).take(number);
            }
        }
    }

    fn memoised(&self, key: String, is_data: bool) -> Arc<GrantRow> {
        let known = self.memo.0.lock().ok().and_then(|memo| memo.get(&(is_data, key.clone())).cloned());
        if let Some(row) = known {
            return row;
        }
        let mut row = GrantRow::default();
        for (role, number) in self.roles.iter().zip(0_u16..) {
            if let Some(role) = role {
                row.add(number, role.gives(&key, is_data));
            }
        }
        let row = Arc::new(row);
        if key.len() <= MEMO_KEY_BYTES
            && let Ok(mut memo) = self.memo.0.lock()
        {
            if memo.len() >= MEMO_ROWS {
                memo.clear();
            }
            memo.insert((is_data, key), Arc::clone(&row));
        }
        row
    }
}

impl GrantRow {
    /// Does the role give the operation, perhaps under a condition?
    pub(crate) fn gives(&self, role: u16) -> bool {
        has_bit(&self.any, role)
    }

    /// Does it whatever the attributes are?
    pub(crate) fn gives_surely(&self, role: u16) -> bool {
        has_bit(&self.sure, role)
    }

    /// Does it for this request? Without attributes: for every request.
    pub(crate) fn truth(&self, role: u16, action: &str, attributes: Option<&Attributes>) -> Truth {
        if self.gives_surely(role) {
            return Truth::True;
        }
        let Ok(at) = self.guarded.binary_search_by_key(&role, |(role, _)| *role) else {
            return Truth::False;
        };
        let guards = self.guarded.get(at).map(|(_, guards)| guards.as_slice()).unwrap_or_default();
        any(guards.iter().map(|guard| guard.truth(action, attributes)))
    }

    fn add(&mut self, role: u16, given: Given) {
        match given {
            Given::Not => {}
            Given::Surely => {
                set_bit(&mut self.any, role);
                set_bit(&mut self.sure, role);
            }
            Given::Guarded(guards) => {
                set_bit(&mut self.any, role);
                let at = self.guarded.partition_point(|(other, _)| *other < role);
                self.guarded.insert(at, (role, guards));
            }
        }
    }

    fn take(&mut self, role: u16) {
        clear_bit(&mut self.any, role);
        clear_bit(&mut self.sure, role);
        self.guarded.retain(|(other, _)| *other != role);
    }
}

impl Guard {
    pub(crate) fn truth(&self, action: &str, attributes: Option<&Attributes>) -> Truth {
        match (self, attributes) {
            (Guard::Nothing, _) => Truth::True,
            (Guard::Never, _) => Truth::Unknown,
            (Guard::Condition(condition), Some(attributes)) => condition.evaluate(action, attributes),
            (Guard::Condition(condition), None) => condition.folded(&action.to_ascii_lowercase()),
        }
    }
}

fn has_bit(words: &[u64], bit: u16) -> bool {
    words.get(usize::from(bit / 64)).is_some_and(|word| word & (1 << (bit % 64)) != 0)
}

fn set_bit(words: &mut Vec<u64>, bit: u16) {
    let at = usize::from(bit / 64);
    if words.len() <= at {
        words.resize(at + 1, 0);
    }
    if let Some(word) = words.get_mut(at) {
        *word |= 1 << (bit % 64);
    }
}

fn clear_bit(words: &mut [u64], bit: u16) {
    if let Some(word) = words.get_mut(usize::from(bit / 64)) {
        *word &= !(1 << (bit % 64));
    }
}
