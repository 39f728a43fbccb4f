//! What inference and agents keep of an account or project. It is private and there is much of it, so it is not part of
//! the world: it is sealed in the database and read when it is asked for.

mod error;
pub(crate) mod queue;
pub(crate) mod read;
pub(crate) mod write;

use arm::Scope;
use jiff::Timestamp;
use serde_json::Value;

pub use error::DataError;

/// Longest id of an object, bytes: several times what any service makes.
pub(crate) const ID_LIMIT_BYTES: usize = 256;

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DataKind {
    /// A response of a model.
    Response,
    /// An item that a response was asked with; part of a response.
    ResponseInput,
    /// A conversation.
    Conversation,
    /// An item of a conversation; part of it.
    ConversationItem,
    /// An agent.
    Agent,
    /// A version of an agent; part of it.
    AgentVersion,
    /// A run of an agent.
    Run,
    /// A step of a run; part of it.
    RunStep,
}

impl DataKind {
    const ALL: [DataKind; 8] = [
        DataKind::Response,
        DataKind::ResponseInput,
        DataKind::Conversation,
        DataKind::ConversationItem,
        DataKind::Agent,
        DataKind::AgentVersion,
        DataKind::Run,
        DataKind::RunStep,
    ];

    /// Its name in the database: never to be changed.
    pub fn as_str(self) -> &'static str {
        match self {
            DataKind::Response => "response",
            DataKind::ResponseInput => "responseInput",
            DataKind::Conversation => "conversation",
            DataKind::ConversationItem => "conversationItem",
            DataKind::Agent => "agent",
            DataKind::AgentVersion => "agentVersion",
            DataKind::Run => "run",
            DataKind::RunStep => "runStep",
        }
    }

    /// The kind that it is part of; `None` for what stands by itself.
    pub fn parent(self) -> Option<DataKind> {
        match self {
            DataKind::ResponseInput => Some(DataKind::Response),
            DataKind::ConversationItem => Some(DataKind::Conversation),
            DataKind::AgentVersion => Some(DataKind::Agent),
            DataKind::RunStep => Some(DataKind::Run),
            DataKind::Response | DataKind::Conversation | DataKind::Agent | DataKind::Run => None,
        }
    }

    /// The kinds of its parts.
    pub(crate) fn parts(self) -> impl Iterator<Item = DataKind> {
        DataKind::ALL.into_iter().filter(move |kind| kind.parent() == Some(self))
    }

    pub(crate) fn from_text(text: &str) -> Option<DataKind> {
        DataKind::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Where an object is: its id is unique among those of one kind, account or project, and parent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DataKey {
    /// What it is.
    pub kind: DataKind,
    /// The account or project.
    pub scope: Scope,
    /// The id of the object that it is part of, where its kind has one.
    pub parent: Option<String>,
    /// Its id, compared with its case.
    pub id: String,
}

impl DataKey {
    /// The key of an object that stands by itself.
    pub fn new(kind: DataKind, scope: &Scope, id: impl Into<String>) -> DataKey {
        DataKey { kind, scope: scope.clone(), parent: None, id: id.into() }
    }

    /// The key of a part of this object.
    pub fn part(&self, kind: DataKind, id: impl Into<String>) -> DataKey {
        DataKey { kind, scope: self.scope.clone(), parent: Some(self.id.clone()), id: id.into() }
    }

    /// The object that it is part of.
    pub fn parent_key(&self) -> Option<DataKey> {
        Some(DataKey::new(self.kind.parent()?, &self.scope, self.parent.clone()?))
    }

    /// As the database has it: empty for none.
    pub(crate) fn parent_text(&self) -> &str {
        self.parent.as_deref().unwrap_or_default()
    }

    /// Refuses a key that no object can have.
    pub(crate) fn check(&self) -> Result<(), DataError> {
        if self.kind.parent().is_some() != self.parent.is_some() {
            let expected = if self.kind.parent().is_some() { "is part of another object" } else { "stands by itself" };
            return Err(DataError::Invalid { reason: format!("a {} {expected}", self.kind.as_str()) });
        }
        [Some(&self.id), self.parent.as_ref()].into_iter().flatten().try_for_each(|id| check_id(id))
    }
}

fn check_id(id: &str) -> Result<(), DataError> {
    if !id.is_empty() && id.len() <= ID_LIMIT_BYTES && !id.chars().any(char::is_control) {
        return Ok(());
    }
    Err(DataError::Invalid {
        reason: format!("an id has 1 to {ID_LIMIT_BYTES} bytes and no control characters, not {} bytes", id.len()),
    })
}

/// What must hold of the stored object for it to be put. An expired object is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DataPrecondition {
    /// Nothing: it is made or replaced.
    #[default]
    Any,
    /// There is none.
    Absent,
    /// There is one.
    Present,
    /// It is what it was when it was read: it has this [`DataStamp::version`].
    Version(i64),
}

/// An object to be kept.
#[derive(Clone, Debug)]
pub struct NewDataObject {
    /// Where.
    pub key: DataKey,
    /// What must hold of the stored one.
    pub precondition: DataPrecondition,
    /// From when on it is no longer shown; `None` keeps it until it is deleted.
    pub expires_at: Option<Timestamp>,
    /// What it says.
    pub body: Value,
}

/// One change. Those of one write are applied in order, all or none.
#[derive(Clone, Debug)]
pub enum DataChange {
    /// Makes or replaces an object. What it is part of must exist.
    Put(NewDataObject),
    /// Removes an object, which must exist, and its parts.
    Delete(DataKey),
}

impl DataChange {
    /// What it changes.
    pub fn key(&self) -> &DataKey {
        match self {
            DataChange::Put(new) => &new.key,
            DataChange::Delete(key) => key,
        }
    }
}

/// When an object was made and last put. Numbers rise with every write, and none is used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataStamp {
    /// The number of the write that made it; lists are in this order.
    pub seq: i64,
    /// The number of the write that made it what it is.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// An object as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct DataObject {
    /// Where.
    pub key: DataKey,
    /// When it was made and last put.
    pub stamp: DataStamp,
    /// From when on it is no longer shown.
    pub expires_at: Option<Timestamp>,
    /// What it says.
    pub body: Value,
}

/// Which objects of one kind and place, a page of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataQuery {
    /// What they are.
    pub kind: DataKind,
    /// The account or project.
    pub scope: Scope,
    /// The id of the object that they are part of, where their kind has one.
    pub parent: Option<String>,
    /// Those that follow this id in the list.
    pub after: Option<String>,
    /// Those that stand before this id in the list; without `after`, the ones next to it.
    pub before: Option<String>,
    /// At most so many.
    pub limit: u32,
    /// The newest first.
    pub newest_first: bool,
}

impl DataQuery {
    /// The first objects, oldest first.
    pub fn first(kind: DataKind, scope: &Scope, parent: Option<&str>, limit: u32) -> DataQuery {
        let parent = parent.map(str::to_owned);
        DataQuery { kind, scope: scope.clone(), parent, after: None, before: None, limit, newest_first: false }
    }

    /// The key of the object with this id among those that are asked for.
    pub(crate) fn key(&self, id: &str) -> DataKey {
        DataKey { kind: self.kind, scope: self.scope.clone(), parent: self.parent.clone(), id: id.to_owned() }
    }
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct DataPage {
    /// The objects, in the order that was asked for.
    pub objects: Vec<DataObject>,
    /// There are more in the direction of the page.
    pub has_more: bool,
}
