//! How an API is shown who calls.

use egress::Secret;
use serde_json::Value;

use super::super::call::CallError;
use super::super::credential::{self, Presented};
use super::{Fields, ToolError, listed, quoted};

/// What an API is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Auth {
    /// Nothing.
    Anonymous,
    /// What a connection of the project has, by name or id.
    Connection(String),
    /// A token of the project's identity.
    ProjectIdentity {
        /// What it is for.
        audience: String,
    },
}

impl Auth {
    /// Reads `openapi.auth`.
    pub(super) fn read(fields: &Fields<'_>) -> Result<Auth, ToolError> {
        const KNOWN: [&str; 3] = ["anonymous", "project_connection", "managed_identity"];
        let kind = fields.required_text("type")?;
        match kind {
            "anonymous" => {
                fields.only(&["type"])?;
                Ok(Auth::Anonymous)
            }
            "project_connection" => {
                fields.only(&["type", "security_scheme"])?;
                let scheme = fields.required_object("security_scheme")?;
                scheme.only(&["project_connection_id"])?;
                Ok(Auth::Connection(scheme.required_text("project_connection_id")?.to_owned()))
            }
            "managed_identity" => {
                fields.only(&["type", "security_scheme"])?;
                let scheme = fields.required_object("security_scheme")?;
                scheme.only(&["audience"])?;
                Ok(Auth::ProjectIdentity { audience: scheme.required_text("audience")?.to_owned() })
            }
            other => {
                let near = arm::nearest(other, KNOWN).map(|near| format!("; did you mean `{near}`?"));
                let message =
                    format!("expected one of {}, got `{}`{}", listed(&KNOWN), quoted(other), near.unwrap_or_default());
                Err(fields.wrong("type", message))
            }
        }
    }
}

/// Where an API wants its key, by one of its document's security schemes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum KeyPlace {
    /// In a header.
    Header(String),
    /// In the query.
    Query(String),
    /// As a bearer token.
    Bearer,
}

impl KeyPlace {
    /// Reads a security scheme; `None` for those that no key satisfies.
    pub(super) fn of(scheme: &Value) -> Option<KeyPlace> {
        let text = |name: &str| scheme.get(name).and_then(Value::as_str).unwrap_or_default();
        match (text("type"), text("in")) {
            ("apiKey", "header") => Some(KeyPlace::Header(text("name").to_owned())),
            ("apiKey", "query") => Some(KeyPlace::Query(text("name").to_owned())),
            ("http", _) if text("scheme").eq_ignore_ascii_case("bearer") => Some(KeyPlace::Bearer),
            _ => None,
        }
    }

    fn name(&self) -> &str {
        match self {
            KeyPlace::Header(name) | KeyPlace::Query(name) => name,
            KeyPlace::Bearer => "authorization",
        }
    }
}

/// A secret in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// In a header.
    Header(String, Secret),
    /// In the query.
    Query(String, Secret),
}

impl Shown {
    fn at(place: &KeyPlace, secret: Secret) -> Shown {
        match place {
            KeyPlace::Header(name) => Shown::Header(name.clone(), secret),
            KeyPlace::Query(name) => Shown::Query(name.clone(), secret),
            KeyPlace::Bearer => Shown::bearer(&secret),
        }
    }

    fn bearer(secret: &Secret) -> Shown {
        Shown::Header("authorization".to_owned(), credential::bearer(secret))
    }
}

/// Puts what there is to show where the document wants it. Keys of a connection that no scheme names are headers.
pub(super) fn placed(presented: Presented, places: &[KeyPlace]) -> Result<Vec<Shown>, CallError> {
    match presented {
        Presented::Nothing => Ok(Vec::new()),
        Presented::Token(token) => Ok(vec![Shown::bearer(&token)]),
        Presented::Key(key) => match places.first() {
            Some(place) => Ok(vec![Shown::at(place, key)]),
            None => Err(CallError::http(
                400,
                "the document says nowhere how its API takes a key; add a scheme of type `apiKey` to `components.securitySchemes`",
            )),
        },
        Presented::Keys(keys) => {
            let shown = |(name, secret): (String, Secret)| {
                let is_named = |place: &&KeyPlace| place.name().eq_ignore_ascii_case(&name);
                match places.iter().find(is_named) {
                    Some(KeyPlace::Query(name)) => Shown::Query(name.clone(), secret),
                    Some(KeyPlace::Header(_) | KeyPlace::Bearer) | None => Shown::Header(name, secret),
                }
            };
            Ok(keys.into_iter().map(shown).collect())
        }
    }
}
