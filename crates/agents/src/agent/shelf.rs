//! The agents of one project, as far as a permit reaches. Whoever changes one holds the turn of changes
//! ([`crate::Agents::changes`]); the versions of the store's objects hold even so.

use access::{Failure, Query};
use jiff::Timestamp;
use rbac::{Mode, Permit, Writes};
use resources::quoted;
use serde_json::{Value, json};
use store::{DataChange, DataError, DataKey, DataKind, DataObject, DataPrecondition, DataQuery, NewDataObject, Store};

use super::record::{Agent, State, Version};
use super::{Wish, identity, name};
use crate::failure::{conflict, hint, not_found, of_objects, of_rows, refused};
use crate::page;

/// Names among which the one is looked for that was probably meant.
const NEIGHBOURS: u32 = 100;
/// What a version is called that is the newest.
const NEWEST: [&str; 2] = ["latest", "@latest"];

/// The agents of the permit's project.
pub(crate) struct Shelf<'a, M: Mode> {
    pub(crate) store: &'a Store,
    pub(crate) permit: &'a Permit<M>,
}

impl<M: Mode> Shelf<'_, M> {
    /// An agent; without it, the nearest name.
    pub(crate) async fn get(&self, name: &str) -> Result<Agent, Failure> {
        match self.read(name).await? {
            Some((agent, _)) => Ok(agent),
            None => Err(self.no_agent(name).await),
        }
    }

    /// One of its versions.
    pub(crate) async fn version(&self, agent: &Agent, version: &str) -> Result<Version, Failure> {
        if NEWEST.contains(&version) || version == agent.latest.number.to_string() {
            return Ok(agent.latest.clone());
        }
        let found = self.store.data_object(self.permit, &self.version_key(agent, version)).await;
        match found.map_err(|error| of_objects(&error))? {
            Some(object) => read_back(object),
            None => Err(no_version(agent, version)),
        }
    }

    /// A page of the agents.
    pub(crate) async fn list(&self, query: &Query) -> Result<Value, Failure> {
        let all = page::all(DataKind::Agent, self.permit.scope(), None);
        let query = page::of(query, all, name::id).map_err(|error| refused(&error))?;
        let (objects, has_more) = self.page(&query).await?;
        let agents = objects.into_iter().map(read_back::<Agent>).collect::<Result<Vec<_>, _>>()?;
        Ok(page::reply(&query, agents.iter().map(Agent::to_json).collect(), has_more))
    }

    /// A page of an agent's versions.
    pub(crate) async fn versions(&self, name: &str, query: &Query) -> Result<Value, Failure> {
        let agent = self.get(name).await?;
        let all = page::all(DataKind::AgentVersion, self.permit.scope(), Some(&name::id(name)));
        // A version's id is `name:version`; either end of it is understood.
        let number = |id: &str| id.rsplit(':').next().unwrap_or_default().to_owned();
        let query = page::of(query, all, number).map_err(|error| refused(&error))?;
        let (objects, has_more) = self.page(&query).await?;
        let versions = objects.into_iter().map(read_back::<Version>).collect::<Result<Vec<_>, _>>()?;
        let shown = versions.iter().map(|version| agent.version_to_json(version)).collect();
        Ok(page::reply(&query, shown, has_more))
    }

    async fn page(&self, query: &DataQuery) -> Result<(Vec<DataObject>, bool), Failure> {
        match self.store.data_objects(self.permit, query).await {
            Ok(page) => Ok((page.objects, page.has_more)),
            Err(error) => {
                Err(page::not_in_list(&error, query).map_or_else(|| of_objects(&error), |told| refused(&told)))
            }
        }
    }

    async fn read(&self, name: &str) -> Result<Option<(Agent, i64)>, Failure> {
        match self.store.data_object(self.permit, &self.key(name)).await {
            Ok(Some(object)) => {
                let version = object.stamp.version;
                read_back(object).map(|agent| Some((agent, version)))
            }
            // What cannot be an id is nothing's.
            Ok(None) | Err(DataError::Invalid { .. }) => Ok(None),
            Err(error) => Err(of_objects(&error)),
        }
    }

    async fn no_agent(&self, name: &str) -> Failure {
        let query = DataQuery {
            newest_first: true,
            ..DataQuery::first(DataKind::Agent, self.permit.scope(), None, NEIGHBOURS)
        };
        let near = self.store.data_objects(self.permit, &query).await.map(|page| page.objects).unwrap_or_default();
        let hint = hint(name, near.iter().filter_map(|object| object.body.get("name")?.as_str()));
        let (name, project) = (quoted(name), self.permit.scope().name());
        not_found(format!("there is no agent `{name}` in the project `{project}`{hint}"))
    }

    fn key(&self, name: &str) -> DataKey {
        DataKey::new(DataKind::Agent, self.permit.scope(), name::id(name))
    }

    fn version_key(&self, agent: &Agent, version: impl ToString) -> DataKey {
        self.key(&agent.name).part(DataKind::AgentVersion, version.to_string())
    }

    async fn write(&self, changes: Vec<DataChange>) -> Result<(), Failure> {
        match self.store.write_data(self.permit, changes).await {
            Ok(_) => Ok(()),
            Err(DataError::Exists { .. } | DataError::Changed { .. } | DataError::NotFound { .. }) => {
                Err(conflict("the agent was changed by somebody else meanwhile: read it and try again"))
            }
            Err(error) => Err(of_objects(&error)),
        }
    }
}

impl Shelf<'_, Writes> {
    /// Makes an agent, whose name must be free.
    pub(crate) async fn create(&self, name: &str, wish: Wish, now: Timestamp) -> Result<Agent, Failure> {
        if let Some((agent, _)) = self.read(name).await? {
            let name = agent.name;
            let mend = format!("`POST …/agents/{name}/versions` adds a version to it");
            return Err(conflict(format!("there is an agent `{name}` in this project; {mend}")));
        }
        self.put_version(Agent::new(name, wish, now), DataPrecondition::Absent, now).await
    }

    /// Adds a version to an agent, which is made if there is none.
    pub(crate) async fn add_version(&self, name: &str, wish: Wish, now: Timestamp) -> Result<Agent, Failure> {
        match self.read(name).await? {
            None => self.put_version(Agent::new(name, wish, now), DataPrecondition::Absent, now).await,
            Some((mut agent, read)) => {
                agent.add(wish, now);
                self.put_version(agent, DataPrecondition::Version(read), now).await
            }
        }
    }

    /// Lets an agent answer, or not.
    pub(crate) async fn set_state(&self, name: &str, state: State) -> Result<(), Failure> {
        self.change(name, |agent| agent.state = state).await.map(drop)
    }

    /// Replaces what an agent says of itself.
    pub(crate) async fn set_card(&self, name: &str, card: Option<Value>) -> Result<Agent, Failure> {
        self.change(name, |agent| agent.card = card).await
    }

    /// Removes an agent with its versions and its identity. The identity goes first: what is left after a failure can be deleted again,
    /// and nothing without an agent acts.
    pub(crate) async fn delete(&self, name: &str) -> Result<Agent, Failure> {
        let agent = self.get(name).await?;
        let project = self.permit.scope();
        identity::delete(self.store, self.permit, project, &agent).await.map_err(|error| of_rows(&error))?;
        self.write(vec![DataChange::Delete(self.key(name))]).await?;
        Ok(agent)
    }

    /// Removes a version; with its last version an agent goes.
    pub(crate) async fn delete_version(&self, name: &str, version: &str) -> Result<Agent, Failure> {
        let Some((mut agent, read)) = self.read(name).await? else { return Err(self.no_agent(name).await) };
        let number = self.version(&agent, version).await?.number;
        let gone = DataChange::Delete(self.version_key(&agent, number));
        if number != agent.latest.number {
            self.write(vec![gone]).await?;
            return Ok(agent);
        }
        let mut query = DataQuery::first(DataKind::AgentVersion, self.permit.scope(), Some(&name::id(name)), 1);
        (query.newest_first, query.after) = (true, Some(number.to_string()));
        match self.page(&query).await?.0.into_iter().next() {
            None => self.delete(name).await,
            Some(object) => {
                agent.latest = read_back(object)?;
                self.write(vec![self.put(&agent, DataPrecondition::Version(read))?, gone]).await?;
                Ok(agent)
            }
        }
    }

    async fn change(&self, name: &str, change: impl FnOnce(&mut Agent)) -> Result<Agent, Failure> {
        let Some((mut agent, read)) = self.read(name).await? else { return Err(self.no_agent(name).await) };
        change(&mut agent);
        self.write(vec![self.put(&agent, DataPrecondition::Version(read))?]).await?;
        Ok(agent)
    }

    /// Keeps the agent with its newest version, and sees to its identity, which an earlier attempt may have failed to make.
    async fn put_version(&self, agent: Agent, if_: DataPrecondition, now: Timestamp) -> Result<Agent, Failure> {
        let key = self.version_key(&agent, agent.latest.number);
        let version = kept(key, DataPrecondition::Absent, &agent.latest)?;
        self.write(vec![self.put(&agent, if_)?, version]).await?;
        let project = self.permit.scope();
        identity::put(self.store, self.permit, project, &agent, now).await.map_err(|error| of_rows(&error))?;
        Ok(agent)
    }

    fn put(&self, agent: &Agent, if_: DataPrecondition) -> Result<DataChange, Failure> {
        kept(self.key(&agent.name), if_, agent)
    }
}

fn kept<T: serde::Serialize>(key: DataKey, precondition: DataPrecondition, what: &T) -> Result<DataChange, Failure> {
    let body = serde_json::to_value(what).map_err(|error| damaged(&error))?;
    Ok(DataChange::Put(NewDataObject { key, precondition, expires_at: None, body }))
}

fn read_back<T: serde::de::DeserializeOwned>(object: DataObject) -> Result<T, Failure> {
    serde_json::from_value(object.body).map_err(|error| damaged(&error))
}

fn damaged(error: &serde_json::Error) -> Failure {
    tracing::error!(%error, "an agent is not what was kept");
    let body = json!({"error": {"code": "InternalServerError", "message": "The agent is not what was kept."}});
    Failure::json(http::StatusCode::INTERNAL_SERVER_ERROR, body, error.to_string())
}

fn no_version(agent: &Agent, version: &str) -> Failure {
    let (name, newest) = (&agent.name, agent.latest.number);
    not_found(format!("the agent `{name}` has no version `{}`; the newest is `{newest}`", quoted(version)))
}
