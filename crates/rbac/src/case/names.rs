//! The ids of a case, which are any text, and the GUIDs that stand for them.

use uuid::Uuid;

/// Ids that are no GUIDs are numbered from here; nothing else is near.
const FIRST: u128 = 0xCA5E_1D00_0000_4000_8000_0000_0000_0000;

/// Each id with its GUID, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Names {
    given: Vec<(String, Uuid)>,
}

impl Names {
    /// The GUID of an id: itself if it is one, otherwise the same one for the same text.
    pub(super) fn guid(&mut self, id: &str) -> Uuid {
        if let Some((_, guid)) = self.given.iter().find(|(given, _)| given == id) {
            return *guid;
        }
        let numbered = Uuid::from_u128(FIRST + self.given.len() as u128);
        let guid = Uuid::try_parse(id).unwrap_or(numbered);
        self.given.push((id.to_owned(), guid));
        guid
    }

    /// A text with the case's own ids in place of the GUIDs that stand for them.
    pub(super) fn in_text(&self, text: &str) -> String {
        self.given.iter().fold(text.to_owned(), |text, (id, guid)| text.replace(&guid.to_string(), id))
    }
}
