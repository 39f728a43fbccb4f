//! An agent and its versions as they are kept, and as clients see them.

use arm::Scope;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::Wish;

/// Whether an agent answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum State {
    Enabled,
    Disabled,
}

impl State {
    fn as_str(self) -> &'static str {
        match self {
            State::Enabled => "enabled",
            State::Disabled => "disabled",
        }
    }
}

/// An agent, with its newest version, so that asking it reads one object.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Agent {
    /// As it was made; compared without case.
    pub(crate) name: String,
    /// Tells it from others that have had its name.
    pub(crate) id: Uuid,
    /// Whether it answers.
    pub(crate) state: State,
    /// Its identity, by object id.
    pub(crate) principal_id: Uuid,
    /// Its identity, by client id.
    pub(crate) client_id: Uuid,
    /// The number that was given last. It is not given again, whatever is deleted.
    pub(super) last_number: u64,
    /// The newest version that there is.
    pub(crate) latest: Version,
    /// What it says of itself, as it was put.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) card: Option<Value>,
}

/// A version. It never changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Version {
    /// 1, 2 …
    pub(crate) number: u64,
    /// Seconds since 1970.
    pub(super) created_at: i64,
    /// What the agent is.
    pub(crate) definition: Value,
    /// Labels.
    pub(super) metadata: Map<String, Value>,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
}

impl Version {
    /// The version that is asked for.
    pub(super) fn of(wish: Wish, number: u64, now: Timestamp) -> Version {
        let Wish { definition, metadata, description } = wish;
        Version { number, created_at: now.as_second(), definition, metadata, description }
    }
}

impl Agent {
    /// A new agent, with an identity of its own.
    pub(super) fn new(name: &str, wish: Wish, now: Timestamp) -> Agent {
        Agent {
            name: name.to_owned(),
            id: Uuid::new_v4(),
            state: State::Enabled,
            principal_id: Uuid::new_v4(),
            client_id: Uuid::new_v4(),
            last_number: 1,
            latest: Version::of(wish, 1, now),
            card: None,
        }
    }

    /// The next version.
    pub(super) fn add(&mut self, wish: Wish, now: Timestamp) {
        self.last_number += 1;
        self.latest = Version::of(wish, self.last_number, now);
    }

    /// The agent on the wire. Its id is its name, which lists go on after.
    pub(crate) fn to_json(&self) -> Value {
        let mut shown = json!({
            "object": "agent",
            "id": self.name,
            "name": self.name,
            "state": self.state.as_str(),
            "configuration_state": self.state.as_str(),
            "versions": {"latest": self.version_to_json(&self.latest)},
            "instance_identity": self.identity(),
        });
        if let (Some(members), Some(card)) = (shown.as_object_mut(), &self.card) {
            members.insert("agent_card".to_owned(), card.clone());
        }
        shown
    }

    /// One of its versions on the wire.
    pub(crate) fn version_to_json(&self, version: &Version) -> Value {
        let mut shown = json!({
            "object": "agent.version",
            "id": format!("{}:{}", self.name, version.number),
            "name": self.name,
            "version": version.number.to_string(),
            "created_at": version.created_at,
            "metadata": version.metadata,
            "definition": version.definition,
            "status": "active",
            "agent_guid": self.id,
            "instance_identity": self.identity(),
        });
        if let (Some(members), Some(description)) = (shown.as_object_mut(), &version.description) {
            members.insert("description".to_owned(), json!(description));
        }
        shown
    }

    /// What its identity belongs to.
    pub(super) fn scope(&self, project: &Scope) -> Scope {
        super::scope(project, &self.name)
    }

    fn identity(&self) -> Value {
        json!({"principal_id": self.principal_id, "client_id": self.client_id})
    }
}
