//! Providers outside, as the operator's catalog names them.

use std::path::PathBuf;

use serde::{Deserialize, Deserializer};

use super::CatalogError;

/// What a provider speaks, and how its paths are built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpstreamKind {
    /// The OpenAI API at a base URL: OpenAI itself, vLLM, Ollama, LiteLLM and many more.
    #[serde(rename = "openai")]
    OpenAi,
    /// Azure OpenAI: dated routes with a deployment in the path, or its v1 routes where no `api_version` is given.
    #[serde(rename = "azure_openai")]
    AzureOpenAi,
    /// The Anthropic API: messages.
    Anthropic,
}

/// Where a secret is kept; the secret itself never stands in the catalog.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretPlace {
    /// The name of an environment variable.
    Env(String),
    /// A file whose first line is the secret.
    File(PathBuf),
}

/// How the server proves itself to a provider.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum UpstreamCredential {
    /// A key in an environment variable of this name.
    Env(String),
    /// A key in the first line of this file.
    File(PathBuf),
    /// A token of the managed identity of the machine that the server runs on.
    HostIdentity(HostIdentity),
    /// A token of an application, by its client secret.
    ClientSecret(ClientSecret),
}

/// Which identity of the machine, and for what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostIdentity {
    /// The client id of a user-assigned identity; the machine's own when unset.
    pub client_id: Option<String>,
    /// What the token is for; [`AZURE_AUDIENCE`] when unset.
    pub audience: Option<String>,
}

/// An application of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientSecret {
    /// The tenant, by id or domain.
    pub tenant_id: String,
    /// The application's client id.
    pub client_id: String,
    /// Its secret.
    #[serde(deserialize_with = "a_place")]
    pub secret: SecretPlace,
    /// Where tokens are issued; [`AZURE_AUTHORITY`] when unset.
    pub authority: Option<String>,
    /// What the token is for; [`AZURE_AUDIENCE`] when unset.
    pub audience: Option<String>,
}

/// Where Azure's public cloud issues tokens.
pub const AZURE_AUTHORITY: &str = "https://login.microsoftonline.com";
/// What a token for Azure OpenAI is for, in Azure's public cloud.
pub const AZURE_AUDIENCE: &str = "https://cognitiveservices.azure.com";

/// A provider outside.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upstream {
    /// What models call it by.
    pub name: String,
    /// What it speaks.
    pub kind: UpstreamKind,
    /// Where it is: for `openai` the URL that its clients take (mostly with `/v1`), for `azure_openai` the resource's endpoint, for
    /// `anthropic` the URL without `/v1`.
    pub base_url: String,
    /// For `azure_openai`: the version of the dated routes.
    pub api_version: Option<String>,
    /// How the server proves itself there; nothing is sent when unset.
    #[serde(default, deserialize_with = "a_credential")]
    pub credential: Option<UpstreamCredential>,
    /// The header of a key: `bearer` (`Authorization: Bearer`), or a header's name. By default `bearer` for `openai`, `api-key` for
    /// `azure_openai` and `x-api-key` for `anthropic`; tokens always go as `bearer`.
    pub header: Option<String>,
    /// Whether a stream may be asked for its usage (`stream_options.include_usage`); without it the usage of streams is estimated.
    #[serde(default = "yes")]
    pub stream_usage: bool,
    /// Whether it has the Responses API; else responses are asked for as chat. By default only `azure_openai` has.
    pub responses: Option<bool>,
    /// The region it runs in. A deployment of a regional type is served by none of another region than its account's.
    pub region: Option<String>,
    /// How long is waited for the head of an answer, milliseconds; ten minutes when unset.
    pub first_byte_timeout_ms: Option<u64>,
    /// How long is waited between two pieces of an answer, milliseconds; five minutes when unset.
    pub idle_timeout_ms: Option<u64>,
}

fn yes() -> bool {
    true
}

impl Upstream {
    /// What cannot be meant, by name.
    pub(super) fn check(&self) -> Result<(), CatalogError> {
        let wrong = |reason: &'static str| Err(CatalogError::Upstream { name: self.name.clone(), reason });
        if self.name.trim().is_empty() {
            return wrong("its `name` is empty");
        }
        let is_token =
            matches!(self.credential, Some(UpstreamCredential::HostIdentity(_) | UpstreamCredential::ClientSecret(_)));
        if is_token && self.header.is_some() {
            return wrong("`header` is for keys; a token is always sent as `bearer`");
        }
        match self.kind {
            UpstreamKind::OpenAi if self.api_version.is_some() => {
                wrong("`api_version` is for `kind = \"azure_openai\"`")
            }
            UpstreamKind::OpenAi if is_token => {
                wrong("`host_identity` and `client_secret` are for `kind = \"azure_openai\"`")
            }
            UpstreamKind::AzureOpenAi if self.credential.is_none() => wrong("it needs a `credential`"),
            UpstreamKind::Anthropic if self.api_version.is_some() => {
                wrong("`api_version` is for `kind = \"azure_openai\"`")
            }
            UpstreamKind::Anthropic if is_token => {
                wrong("`host_identity` and `client_secret` are for `kind = \"azure_openai\"`")
            }
            UpstreamKind::Anthropic if self.responses.is_some() => wrong("`responses` is for the OpenAI kinds"),
            _ if self.first_byte_timeout_ms == Some(0) || self.idle_timeout_ms == Some(0) => {
                wrong("a timeout of 0 ms is no time at all")
            }
            UpstreamKind::OpenAi | UpstreamKind::AzureOpenAi | UpstreamKind::Anthropic => Ok(()),
        }
    }
}

/// A pasted key must not be repeated by the error that refuses it.
const NOT_A_PLACE: &str = "a secret never stands in the catalog: say { env = \"NAME\" } or { file = \"path\" }";

fn a_credential<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<UpstreamCredential>, D::Error> {
    UpstreamCredential::deserialize(a_table(reader)?).map(Some).map_err(serde::de::Error::custom)
}

fn a_place<'de, D: Deserializer<'de>>(reader: D) -> Result<SecretPlace, D::Error> {
    SecretPlace::deserialize(a_table(reader)?).map_err(serde::de::Error::custom)
}

fn a_table<'de, D: Deserializer<'de>>(reader: D) -> Result<toml::Value, D::Error> {
    match toml::Value::deserialize(reader)? {
        table @ toml::Value::Table(_) => Ok(table),
        _ => Err(serde::de::Error::custom(NOT_A_PLACE)),
    }
}
