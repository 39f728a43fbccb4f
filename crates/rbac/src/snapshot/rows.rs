//! Role assignments by number: what the index leaves out of an entry, and the map from id to number.

use std::collections::HashMap;
use std::sync::Arc;

use arm::Scope;
use uuid::Uuid;

use super::entry::Entry;
use super::list::List;
use super::people::Held;
use super::scopes::ScopeTable;
use super::sharded::ShardedMap;
use crate::principal::PrincipalType;
use crate::role_assignment::RoleAssignment;

/// One edit copies this many rows.
const CHUNK: usize = 256;
/// Stands for no row.
const NONE: u32 = u32::MAX;
/// What stands between a scope's key and the name of an assignment made at it.
const INFIX: &str = "/providers/microsoft.authorization/roleassignments/";
/// The length of a GUID with its dashes.
const GUID_BYTES: usize = 36;

/// A role assignment: everything but texts, which are numbers of other tables.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    /// The GUID that the id ends in.
    pub(crate) name: Uuid,
    /// Of a row that is not used: the next one that is not.
    pub(crate) scope: u32,
    pub(crate) principal: u32,
    pub(crate) role: u16,
    pub(crate) condition: u16,
    pub(crate) kind: PrincipalType,
    pub(crate) form: Form,
}

impl Row {
    pub(crate) fn entry(&self) -> Entry {
        Entry { principal: self.principal, role: self.role, condition: self.condition }
    }

    /// As its holder has it.
    pub(crate) fn held(&self, number: u32) -> Held {
        Held { scope: self.scope, row: number, role: self.role, condition: self.condition }
    }
}

/// How an assignment is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// It is what the row says.
    Plain,
    /// Its id has another form, or a number was not left for what it names: it is kept whole beside the rows.
    Odd,
    /// Not at all: the row is free.
    Free,
}

/// Two assignments may have the same name at two scopes: both grant. (Azure's names are unique in a tenant, and the
/// store holds that; the index does not rely on it.)
#[derive(Clone)]
pub(crate) struct RowTable {
    rows: List<Row, CHUNK>,
    /// The first free row.
    free: u32,
    used: usize,
    /// By the number of the scope and the name.
    numbers: ShardedMap<(u32, Uuid), u32>,
    odd: Arc<OddRows>,
}

/// In a tenant that Azure's rules were held in, none.
#[derive(Clone, Default)]
struct OddRows {
    by_number: HashMap<u32, Arc<RoleAssignment>>,
    by_id: HashMap<Scope, u32>,
}

impl Default for RowTable {
    fn default() -> RowTable {
        RowTable { rows: List::default(), free: NONE, used: 0, numbers: ShardedMap::default(), odd: Arc::default() }
    }
}

impl RowTable {
    /// A table of many plain rows. Of two with the same id the first counts.
    pub(crate) fn of_many(mut rows: Vec<Row>) -> RowTable {
        let keys = rows.iter().zip(0_u32..).map(|(row, number)| ((row.scope, row.name), number));
        let (numbers, twice) = ShardedMap::of_many(keys);
        let used = rows.len() - twice.len();
        let mut free = NONE;
        for number in twice {
            if let Some(row) = rows.get_mut(number as usize) {
                *row = Row { form: Form::Free, scope: free, ..*row };
                free = number;
            }
        }
        RowTable { rows: List::from(rows), free, used, numbers, odd: Arc::default() }
    }

    pub(crate) fn get(&self, number: u32) -> Option<&Row> {
        self.rows.get(number as usize).filter(|row| row.form != Form::Free)
    }

    /// The assignment that is kept whole.
    pub(crate) fn odd(&self, number: u32) -> Option<&Arc<RoleAssignment>> {
        self.odd.by_number.get(&number)
    }

    /// Every row with its number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Row)> {
        (0_u32..).zip(self.rows.iter()).filter(|(_, row)| row.form != Form::Free)
    }

    pub(crate) fn len(&self) -> usize {
        self.used
    }

    /// The row of the assignment with that id.
    pub(crate) fn find(&self, id: &Scope, scopes: &ScopeTable) -> Option<u32> {
        let plain = || {
            let (scope, name) = plain_id(id)?;
            self.numbers.get(&(scopes.known_number(scope)?, name)).copied()
        };
        plain().or_else(|| self.odd.by_id.get(id).copied())
    }

    pub(crate) fn insert(&mut self, row: Row) -> u32 {
        let number = self.place(row);
        self.numbers.insert((row.scope, row.name), number);
        number
    }

    pub(crate) fn insert_odd(&mut self, row: Row, assignment: RoleAssignment) -> u32 {
        let number = self.place(Row { form: Form::Odd, ..row });
        let odd = Arc::make_mut(&mut self.odd);
        odd.by_id.insert(assignment.id.clone(), number);
        odd.by_number.insert(number, Arc::new(assignment));
        number
    }

    pub(crate) fn remove(&mut self, number: u32) -> Option<Row> {
        let row = *self.get(number)?;
        if row.form == Form::Odd {
            let odd = Arc::make_mut(&mut self.odd);
            if let Some(assignment) = odd.by_number.remove(&number) {
                odd.by_id.remove(&assignment.id);
            }
        } else {
            self.numbers.remove(&(row.scope, row.name));
        }
        *self.rows.get_mut(number as usize)? = Row { form: Form::Free, scope: self.free, ..row };
        self.free = number;
        self.used -= 1;
        Some(row)
    }

    /// Bytes of the rows.
    pub(crate) fn row_bytes(&self) -> usize {
        self.rows.bytes()
    }

    /// Bytes of the map from id to row.
    pub(crate) fn name_bytes(&self) -> usize {
        self.numbers.bytes()
    }

    /// Takes the first free number, or a new one.
    fn place(&mut self, row: Row) -> u32 {
        self.used += 1;
        let number = self.free;
        if let Some(place) = self.rows.get_mut(number as usize) {
            self.free = place.scope;
            *place = row;
            return number;
        }
        self.rows.push(row);
        (self.rows.len() - 1) as u32
    }
}

/// The key of the scope and the name in the id of an assignment, if the id has the form that they all have.
pub(crate) fn plain_id(id: &Scope) -> Option<(&str, Uuid)> {
    let key = id.key();
    let (front, name) = key.split_at_checked(key.len().checked_sub(GUID_BYTES)?)?;
    let scope = front.strip_suffix(INFIX)?;
    Some((if scope.is_empty() { "/" } else { scope }, Uuid::try_parse(name).ok()?))
}
