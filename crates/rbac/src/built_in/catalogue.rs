//! The operations that are known, and of which plane each is.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use foldhash::fast::RandomState;

use crate::permission::Permission;

/// One operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The action string, letters as published.
    pub name: &'static str,
    /// Is it a data action?
    pub is_data: bool,
    /// What it does.
    pub description: &'static str,
    /// Where it is documented.
    pub source: &'static str,
}

impl Operation {
    /// The permission to do it.
    pub fn permission(&self) -> Permission {
        if self.is_data { Permission::DataAction(self.name.into()) } else { Permission::Action(self.name.into()) }
    }
}

/// Every known operation: the published list, and those that Cupola's routes use and the list lacks.
pub struct Catalogue {
    operations: Vec<Operation>,
    /// The action strings in lower case, in the order of `operations`.
    keys: Vec<String>,
    /// How many of them are management actions.
    actions: usize,
    /// By the action string as published, and in lower case.
    by_name: HashMap<String, usize, RandomState>,
}

/// The catalogue of the build.
pub fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| Catalogue::read(&[include_str!("operations.tsv"), include_str!("operations_added.tsv")]))
}

impl Catalogue {
    fn read(files: &'static [&'static str]) -> Catalogue {
        let mut operations: Vec<Operation> =
            files.iter().flat_map(|file| file.lines().skip(1)).filter_map(read_line).collect();
        operations.sort_by_cached_key(|operation| (operation.is_data, operation.name.to_ascii_lowercase()));
        let keys: Vec<String> = operations.iter().map(|operation| operation.name.to_ascii_lowercase()).collect();
        let actions = operations.iter().filter(|operation| !operation.is_data).count();
        let mut by_name: HashMap<String, usize, RandomState> = keys.iter().cloned().zip(0..).collect();
        by_name.extend(operations.iter().map(|operation| operation.name.to_owned()).zip(0..));
        Catalogue { operations, keys, actions, by_name }
    }

    /// Every operation: management actions first, each plane sorted without case.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The operation with that action string, without case.
    pub fn find(&self, action: &str) -> Option<&Operation> {
        self.operations.get(self.position(action)?)
    }

    /// The position in `operations` of a permission of that plane.
    pub(crate) fn number(&self, action: &str, is_data: bool) -> Option<usize> {
        self.position(action).filter(|at| self.plane(is_data).contains(at))
    }

    /// The action string in lower case at a position in `operations`.
    pub(crate) fn key(&self, number: usize) -> Option<&str> {
        self.keys.get(number).map(String::as_str)
    }

    /// The operations of one plane that start with a text in lower case, with their positions.
    pub(crate) fn starting_with<'a>(
        &'a self,
        is_data: bool,
        prefix: &'a str,
    ) -> impl Iterator<Item = (usize, &'a str)> {
        let plane = self.plane(is_data);
        let keys = self.keys.get(plane.clone()).unwrap_or_default();
        let first = keys.partition_point(|key| key.as_str() < prefix);
        let numbered = keys.iter().enumerate().skip(first).map(move |(at, key)| (plane.start + at, key.as_str()));
        numbered.take_while(move |(_, key)| key.starts_with(prefix))
    }

    fn plane(&self, is_data: bool) -> Range<usize> {
        if is_data { self.actions..self.operations.len() } else { 0..self.actions }
    }

    fn position(&self, action: &str) -> Option<usize> {
        let found = self.by_name.get(action);
        found.or_else(|| self.by_name.get(&action.to_ascii_lowercase())).copied()
    }

    /// Is it a known operation of the permission's own plane? Directory rights are always known.
    pub fn is_known(&self, permission: &Permission) -> bool {
        match permission {
            Permission::Directory(_) => true,
            _ => self.find(permission.text()).is_some_and(|operation| operation.is_data == permission.is_data()),
        }
    }

    /// Is it a known data action?
    pub fn is_data_action(&self, action: &str) -> bool {
        self.find(action).is_some_and(|operation| operation.is_data)
    }
}

/// `operation ⇥ isDataAction ⇥ description ⇥ source`
fn read_line(line: &'static str) -> Option<Operation> {
    let mut fields = line.split('\t');
    let (name, is_data) = (fields.next()?, fields.next()?);
    let (description, source) = (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
    (!name.is_empty()).then_some(Operation { name, is_data: is_data == "true", description, source })
}
