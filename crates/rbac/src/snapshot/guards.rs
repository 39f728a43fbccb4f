//! Conditions of role assignments by number, so that an entry of the index stays eight bytes.

use std::sync::Arc;

use super::compiled_role::Guard;
use super::list::List;
use super::sharded::ShardedMap;

/// The number of "no condition".
pub(crate) const NO_CONDITION: u16 = 0;
/// The number of a condition that came when all numbers were taken: never grants.
pub(crate) const NEVER: u16 = u16::MAX;
/// One edit copies this many conditions.
const CHUNK: usize = 64;

#[derive(Clone, Default)]
pub(crate) struct GuardTable {
    numbers: ShardedMap<Arc<str>, u16>,
    /// That of number `n` is at `n - 1`.
    guards: List<(Arc<str>, Guard), CHUNK>,
}

impl GuardTable {
    /// The number of a condition, the same for the same text.
    pub(crate) fn number(&mut self, condition: Option<&str>) -> u16 {
        let Some(text) = condition else {
            return NO_CONDITION;
        };
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = u16::try_from(self.guards.len() + 1).unwrap_or(NEVER);
        if number == NEVER {
            return NEVER;
        }
        let text: Arc<str> = text.into();
        self.guards.push((Arc::clone(&text), Guard::of(Some(&text))));
        self.numbers.insert(text, number);
        number
    }

    pub(crate) fn get(&self, number: u16) -> &Guard {
        match number {
            NO_CONDITION => &Guard::Nothing,
            number => self.guards.get(usize::from(number) - 1).map_or(&Guard::Never, |(_, guard)| guard),
        }
    }

    /// The text of a number.
    pub(crate) fn text(&self, number: u16) -> Option<&str> {
        self.guards.get(usize::from(number).checked_sub(1)?).map(|(text, _)| text.as_ref())
    }

    /// Every text, in the order of the numbers, which start at one.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.guards.iter().map(|(text, _)| text.as_ref())
    }

    /// Are all numbers taken?
    pub(crate) fn is_full(&self) -> bool {
        self.guards.len() + 1 >= usize::from(NEVER)
    }

    /// Bytes of the texts and the map; what they were parsed into is not counted.
    pub(crate) fn bytes(&self) -> usize {
        let counts = 2 * size_of::<usize>();
        self.numbers.bytes() + self.guards.bytes() + self.texts().map(|text| text.len() + counts).sum::<usize>()
    }
}
