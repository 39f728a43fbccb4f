//! What goes along with one request through a connection: the headers, and the token of the identity that is shown.

use access::{Failure, Stored};
use arm::Resource;
use egress::{OwnHeaders, Secret};
use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use rbac::{Permit, Reads};
use store::World;
use uuid::Uuid;

use super::line::Line;
use super::refusal;
use super::shown::{Shown, Whose};
use super::tokens::Tokens;
use crate::inside::AgentTag;

/// Headers that name the agent (`name:version`), the model (`connection/model`) and the project (the object id of its identity).
const AGENT: &str = "x-ms-foundry-agent-id";
const MODEL: &str = "x-ms-foundry-model-id";
const PROJECT: &str = "x-ms-foundry-project-id";
/// The header with the project's name, as OpenAI's clients call it.
const PROJECT_NAME: &str = "openai-project";
/// What every request has, the caller's own or one of ours.
const REQUEST_ID: &str = "x-ms-client-request-id";
const TRACE: &str = "traceparent";

/// Who uses connections, as it was decided: a value of this stands for that decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Uses {
    /// Who may read the project's connections, by object id: the agent, or the caller.
    pub(crate) identity: Uuid,
    /// The caller, or for whom an agent acts.
    pub(crate) caller: Uuid,
    /// The agent that asks.
    pub(crate) agent: Option<AgentTag>,
}

impl Uses {
    /// The caller of a request whose operation demands that its caller may read the connection; `None` for keys.
    pub(crate) fn by_caller(permit: &Permit<Reads>) -> Option<Uses> {
        let caller = Stored::of(permit)?.object_id();
        Some(Uses { identity: caller, caller, agent: None })
    }
}

/// What one request carries.
#[derive(Default)]
pub(crate) struct Aside {
    pub(super) headers: OwnHeaders,
    pub(super) token: Option<Secret>,
}

/// A request through a connection.
pub(crate) struct Through<'a> {
    pub(crate) world: &'a World,
    pub(crate) project: &'a Resource,
    /// What the gateway calls the model.
    pub(crate) model: &'a str,
    pub(crate) uses: &'a Uses,
    pub(crate) from_caller: &'a HeaderMap,
    /// The request's id.
    pub(crate) id: Uuid,
    pub(crate) now: Timestamp,
}

impl Through<'_> {
    /// What goes along. An identity that cannot be shown is a refusal that says why.
    pub(super) fn aside(&self, line: &Line, tokens: &dyn Tokens) -> Result<Aside, Failure> {
        Ok(Aside { headers: self.headers(line), token: self.token(line, tokens)? })
    }

    fn headers(&self, line: &Line) -> OwnHeaders {
        let mut headers = line.headers.clone();
        let id = self.id.simple();
        let (trace, span) = (id.to_string(), format!("{:016x}", self.id.as_u64_pair().1));
        let mut put = |name: &str, value: &str| {
            // A model may be called what no header can carry; the other end then is not told.
            if let Err(error) = headers.put(name, value) {
                tracing::debug!(%error, "a header is left out");
            }
        };
        put(MODEL, &format!("{}/{}", line.name(), self.model));
        put(PROJECT_NAME, self.project.id.name());
        if let Some(own) = self.project.identity.as_ref().and_then(|identity| identity.principal_id) {
            put(PROJECT, &own.to_string());
        }
        if let Some(agent) = &self.uses.agent {
            put(AGENT, &agent.label);
        }
        for (name, ours) in [(REQUEST_ID, self.id.to_string()), (TRACE, format!("00-{trace}-{span}-00"))] {
            let theirs = self.from_caller.get(name).map(HeaderValue::to_str).and_then(Result::ok);
            put(name, theirs.unwrap_or(&ours));
        }
        headers
    }

    fn token(&self, line: &Line, tokens: &dyn Tokens) -> Result<Option<Secret>, Failure> {
        let Shown::Identity(whose, audience) = &line.shown else { return Ok(None) };
        let (world, now, project) = (self.world, self.now, &self.project.id);
        let token = match whose {
            Whose::Project => tokens.of_resource(world, project, audience, now),
            Whose::User => tokens.of_user(world, self.uses.caller, project, audience, now),
            Whose::Agent => {
                let agent = self.uses.agent.as_ref().ok_or_else(|| refusal::no_agent(line.name()))?;
                let own = agent.principal.ok_or_else(|| refusal::agent_without_identity(line.name(), &agent.label))?;
                tokens.of_principal(world, own, audience, now)
            }
        };
        token.map(Some).map_err(|error| refusal::no_token(line.name(), line.shown.kind(), &error))
    }
}
