//! Conditions of role assignments by number, so that an entry of the index stays eight bytes.

use std::collections::HashMap;

use super::compiled_role::Guard;

/// The number of "no condition".
pub(crate) const NO_CONDITION: u16 = 0;
/// The number of a condition that cannot be read, or came when all numbers were taken: never grants.
pub(crate) const NEVER: u16 = u16::MAX;

#[derive(Clone, Default)]
pub(crate) struct GuardTable {
    by_text: HashMap<String, u16>,
    /// The guard of number `n` is at `n - 1`.
    guards: Vec<Guard>,
}

impl GuardTable {
    /// The number of a condition, the same for the same text.
    pub(crate) fn number(&mut self, condition: Option<&str>) -> u16 {
        let Some(text) = condition else {
            return NO_CONDITION;
        };
        if let Some(number) = self.by_text.get(text) {
            return *number;
        }
        let guard = Guard::of(Some(text));
        let number = u16::try_from(self.guards.len() + 1).unwrap_or(NEVER);
        if number == NEVER || matches!(guard, Guard::Never) {
            return NEVER;
        }
        self.by_text.insert(text.to_owned(), number);
        self.guards.push(guard);
        number
    }

    /// The guard of an assignment's condition; one without a number never grants.
    pub(crate) fn find(&self, condition: Option<&str>) -> &Guard {
        match condition {
            None => &Guard::Nothing,
            Some(text) => self.by_text.get(text).map_or(&Guard::Never, |number| self.get(*number)),
        }
    }

    pub(crate) fn get(&self, number: u16) -> &Guard {
        match number {
            NO_CONDITION => &Guard::Nothing,
            number => self.guards.get(usize::from(number) - 1).unwrap_or(&Guard::Never),
        }
    }

    /// Are all numbers taken?
    pub(crate) fn is_full(&self) -> bool {
        self.guards.len() + 1 >= usize::from(NEVER)
    }
}
