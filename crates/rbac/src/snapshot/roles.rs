//! Roles by number, and for each operation the roles that give it as a set of bits.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{Arc, Mutex, OnceLock};

use foldhash::fast::RandomState;
use uuid::Uuid;

use super::compiled_role::{CompiledRole, Given, Guard};
use crate::attributes::Attributes;
use crate::built_in::{built_in, catalogue};
use crate::condition::{Truth, any};
use crate::permission::Permission;
use crate::role_definition::RoleDefinition;

/// The number of a role where there are more roles than numbers: gives nothing. (Azure's limit is 5 000 custom roles.)
pub(crate) const NO_ROLE: u16 = u16::MAX;
/// How many rows of operations outside the catalogue are kept, of each plane.
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
    numbers: HashMap<Uuid, u16, RandomState>,
    ids: Vec<Uuid>,
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
struct Memo(Mutex<MemoRows>);

/// Management actions, data actions.
type MemoRows = [HashMap<String, Arc<GrantRow>, RandomState>; 2];

/// An operation that was looked up.
#[derive(Clone)]
pub(crate) struct Operation<'a> {
    /// The action string in lower case; empty for what names no operation.
    pub(crate) key: Cow<'a, str>,
    pub(crate) is_data: bool,
    /// The roles that give it.
    pub(crate) row: Row<'a>,
}

/// The row of an operation in the catalogue, or of one outside it.
#[derive(Clone)]
pub(crate) enum Row<'a> {
    Kept(&'a GrantRow),
    Remembered(Arc<GrantRow>),
}

/// What no role gives.
static NO_ROLES: GrantRow = GrantRow { any: Vec::new(), sure: Vec::new(), guarded: Vec::new() };

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
                numbers: HashMap::default(),
                ids: Vec::new(),
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
        self.ids.push(id);
        self.roles.push(None);
        self.breadths.push(0);
        number
    }

    pub(crate) fn known_number(&self, id: Uuid) -> Option<u16> {
        self.numbers.get(&id).copied()
    }

    /// The GUID of a number.
    pub(crate) fn id(&self, number: u16) -> Option<Uuid> {
        self.ids.get(usize::from(number)).copied()
    }

    /// Every numbered role, in the order of the numbers.
    pub(crate) fn ids(&self) -> &[Uuid] {
        &self.ids
    }

    pub(crate) fn put(&mut self, role: RoleDefinition) {
        let number = self.number(role.id);
        self.clear(number);
        let Some(slot) = self.roles.get_mut(usize::from(number)) else {
            return;
        };
        let role = Arc::new(CompiledRole::new(role));
        *slot = Some(Arc::clone(&role));
        let given = role.permissions.given_operations(catalogue());
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
        self.compiled(id).map(|role| &role.definition)
    }

    fn compiled(&self, id: Uuid) -> Option<&CompiledRole> {
        self.roles.get(usize::from(self.known_number(id)?))?.as_deref()
    }

    pub(crate) fn name(&self, id: Uuid) -> Arc<str> {
        self.compiled(id).map_or_else(|| format!("role {id}").into(), |role| Arc::clone(&role.name))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &RoleDefinition> {
        self.roles.iter().flatten().map(|role| &role.definition)
    }

    /// The operation, and the roles that give it. Nothing gives or takes the empty action or one with a wildcard: those
    /// name no operation; a directory right is none either.
    pub(crate) fn operation<'a>(&'a self, permission: &Permission) -> Operation<'a> {
        let text = permission.text();
        let is_data = permission.is_data();
        if text.is_empty() || text.contains('*') || matches!(permission, Permission::Directory(_)) {
            return Operation { key: Cow::Borrowed(""), is_data, row: Row::Kept(&NO_ROLES) };
        }
        let known = || {
            let number = catalogue().number(text, is_data)?;
            Some((catalogue().key(number)?, self.rows.get(number)?))
        };
        if let Some((key, row)) = known() {
            return Operation { key: Cow::Borrowed(key), is_data, row: Row::Kept(row) };
        }
        let key = text.to_ascii_lowercase();
        let row = self.memoised(&key, is_data);
        Operation { key: Cow::Owned(key), is_data, row: Row::Remembered(row) }
    }

    /// Does the role include an action (in lower case), perhaps under a condition?
    pub(crate) fn includes(&self, number: u16, key: &str, is_data: bool) -> bool {
        let role = self.roles.get(usize::from(number)).and_then(Option::as_ref);
        role.is_some_and(|role| !matches!(role.permissions.gives(key, is_data), Given::Not))
    }

    /// Unconditional givers of an operation, each with how many catalogued operations it gives in all.
    pub(crate) fn giving(&self, row: &GrantRow) -> Vec<(usize, &RoleDefinition)> {
        let numbered = self.roles.iter().zip(&self.breadths).zip(0_u16..);
        let giving = numbered.filter(|(_, number)| row.gives_surely(*number));
        giving.filter_map(|((role, breadth), _)| Some((*breadth, &role.as_ref()?.definition))).collect()
    }

    #[cfg(test)]
    pub(crate) fn remembered(&self) -> usize {
        self.memo.0.lock().map_or(0, |memo| memo.iter().map(HashMap::len).sum())
    }

    /// Bytes of the rows of bits; what roles are compiled to is shared by the process.
    pub(crate) fn bytes(&self) -> usize {
        let of_row = |row: &Arc<GrantRow>| {
            size_of::<GrantRow>() + (row.any.capacity() + row.sure.capacity()) * 8 + size_of_val(row.guarded.as_slice())
        };
        self.ids.capacity() * (size_of::<Uuid>() + size_of::<(Uuid, u16)>())
            + self.rows.iter().map(of_row).sum::<usize>()
    }

    fn clear(&mut self, number: u16) {
        for row in &mut self.rows {
            if row.gives(number) {
                Arc::make_mut(row).take(number);
            }
        }
    }

    fn memoised(&self, key: &str, is_data: bool) -> Arc<GrantRow> {
        let plane = usize::from(is_data);
        let known = |memo: &MemoRows| memo.get(plane)?.get(key).cloned();
        if let Some(row) = self.memo.0.lock().ok().and_then(|memo| known(&memo)) {
            return row;
        }
        let mut row = GrantRow::default();
        for (role, number) in self.roles.iter().zip(0_u16..) {
            if let Some(role) = role {
                row.add(number, role.permissions.gives(key, is_data));
            }
        }
        let row = Arc::new(row);
        if key.len() <= MEMO_KEY_BYTES
            && let Ok(mut memo) = self.memo.0.lock()
            && let Some(rows) = memo.get_mut(plane)
        {
            if rows.len() >= MEMO_ROWS {
                rows.clear();
            }
            rows.insert(key.to_owned(), Arc::clone(&row));
        }
        row
    }
}

impl Deref for Row<'_> {
    type Target = GrantRow;

    fn deref(&self) -> &GrantRow {
        match self {
            Row::Kept(row) => row,
            Row::Remembered(row) => row,
        }
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

    /// Does it for this request (the action in lower case)? Without attributes: for every request.
    pub(crate) fn truth(&self, role: u16, key: &str, attributes: Option<&Attributes>) -> Truth {
        if self.gives_surely(role) {
            return Truth::True;
        }
        let Ok(at) = self.guarded.binary_search_by_key(&role, |(role, _)| *role) else {
            return Truth::False;
        };
        let guards = self.guarded.get(at).map(|(_, guards)| guards.as_slice()).unwrap_or_default();
        any(guards.iter().map(|guard| guard.truth(key, attributes)))
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
    /// Does it hold for the action (in lower case)? Without attributes: for every request.
    pub(crate) fn truth(&self, key: &str, attributes: Option<&Attributes>) -> Truth {
        match self {
            Guard::Nothing => Truth::True,
            Guard::Never => Truth::Unknown,
            Guard::Condition(condition) => condition.decided(key, attributes),
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
