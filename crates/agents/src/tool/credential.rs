//! What a tool's server is shown: the credentials of a connection, or a token of an identity.

use bytes::Bytes;
use egress::Secret;
use gateway::connection_secrets;
use serde_json::Value;

use super::call::CallError;
use super::context::{Admitted, ToolContext};

/// What an identity's token is for where a connection does not say.
const AUDIENCE: &str = resources::connections::DEFAULT_AUDIENCE;
/// The ways to prove oneself that tools know.
const KNOWN: &str =
    "`ApiKey`, `CustomKeys`, `ProjectManagedIdentity`, `AAD`, `AgenticIdentityToken`, `UserEntraToken` and `None`";

/// Before a token in its header.
const BEARER: &str = "Bearer ";

/// What there is to show.
pub(super) enum Presented {
    /// Nothing.
    Nothing,
    /// A key, wherever the server wants it.
    Key(Secret),
    /// Keys by the names under which they are shown.
    Keys(Vec<(String, Secret)>),
    /// A bearer token.
    Token(Secret),
}

/// What a server said, without the secrets that it was shown: some repeat a key that they refuse.
pub(super) fn scrubbed<'a>(said: Bytes, shown: impl Iterator<Item = &'a Secret>) -> Bytes {
    shown.fold(said, |said, secret| {
        let text = secret.reveal();
        Secret::new(text.strip_prefix(BEARER).unwrap_or(text).to_owned()).scrub(said)
    })
}

/// A token or a key as the header `authorization` has it.
pub(super) fn bearer(secret: &Secret) -> Secret {
    Secret::new(format!("{BEARER}{}", secret.reveal()))
}

impl Admitted {
    /// What the connection of this call has to show, and that it is for this server: a secret goes nowhere but to its connection's own
    /// target, or whoever may define a tool could have it sent to himself.
    pub(super) fn presented(&self, ctx: &ToolContext) -> Result<Presented, CallError> {
        let Some(connection) = &self.connection else { return Ok(Presented::Nothing) };
        let text = |name: &str| connection.properties.get(name).and_then(Value::as_str).unwrap_or_default();
        let (name, auth_type) = (connection.id.name(), text("authType"));
        self.note(|record| record.credential_kind = Some(auth_type.to_owned().into()));
        let own = ctx.egress.exact_target(text("target"));
        if !own.is_ok_and(|own| own.shares_origin(&self.target)) {
            let message = format!(
                "the connection `{name}` is for `{}`, and the tool is at `{}`; a connection's credentials go to its own `target` alone",
                text("target"),
                self.target.host()
            );
            return Err(CallError::http(403, message));
        }
        let audience = Some(text("audience")).filter(|audience| !audience.is_empty()).unwrap_or(AUDIENCE);
        match auth_type {
            "None" => Ok(Presented::Nothing),
            "ApiKey" => match self.opened(ctx)?.into_iter().next() {
                Some((_, key)) => Ok(Presented::Key(key)),
                None => Err(CallError::http(400, format!("the connection `{name}` has no key; set `credentials.key`"))),
            },
            "CustomKeys" => Ok(Presented::Keys(self.opened(ctx)?)),
            "ProjectManagedIdentity" | "AAD" => self.project_token(ctx, audience),
            "AgenticIdentityToken" => {
                let principal = ctx.agent.as_ref().and_then(|agent| agent.principal);
                let principal = principal.ok_or_else(|| {
                    CallError::http(
                        400,
                        format!("the connection `{name}` shows an agent's identity, and no agent runs here"),
                    )
                })?;
                let token = ctx.tokens.of_principal(&self.world, principal, audience, self.now);
                token.map(Presented::Token).map_err(|error| CallError::http(502, error.to_string()))
            }
            "UserEntraToken" => {
                let user = ctx.caller.object_id();
                let token = ctx.tokens.of_user(&self.world, user, &ctx.project, audience, self.now);
                token.map(Presented::Token).map_err(|error| CallError::http(502, error.to_string()))
            }
            other => {
                let message = format!(
                    "the connection `{name}` has `authType` `{other}`, which tools do not know; they know {KNOWN}"
                );
                Err(CallError::http(400, message))
            }
        }
    }

    /// A token of the project's identity.
    pub(super) fn project_token(&self, ctx: &ToolContext, audience: &str) -> Result<Presented, CallError> {
        let token = ctx.tokens.of_resource(&self.world, &ctx.project, audience, self.now);
        token.map(Presented::Token).map_err(|error| CallError::http(502, error.to_string()))
    }

    /// The connection's secrets, each by the last part of its member's name.
    fn opened(&self, ctx: &ToolContext) -> Result<Vec<(String, Secret)>, CallError> {
        let Some(connection) = &self.connection else { return Ok(Vec::new()) };
        let opened = connection_secrets(&ctx.store, &ctx.stand_in, &self.world, &connection.id).map_err(|error| {
            tracing::error!(%error, connection = %connection.id, "a connection's secret cannot be opened");
            CallError::http(503, "the connection's credentials cannot be opened now")
        })?;
        let last_part = |member: String| member.rsplit('/').next().unwrap_or(&member).to_owned();
        Ok(opened.into_iter().map(|(member, secret)| (last_part(member), secret)).collect())
    }
}
