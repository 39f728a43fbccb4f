//! A connection to models behind a gateway, read from its properties: the rules of its metadata are those of reading it.

use arm::{ArmError, Resource};
use serde_json::Value;

use super::auth_type::{self, AuthType};
use super::category::{self, GatewayCategory};
use super::discovery::{self, Discovery};
use super::headers;
use super::metadata::{
    DEPLOYMENT_API_VERSION, DEPLOYMENT_IN_PATH, INFERENCE_API_VERSION, MODEL_DISCOVERY, MODELS, Metadata, path_of,
};
use super::models::{self, GatewayModel};
use super::url::Url;
use super::{is_connection, target};
use crate::fields::{Fields, invalid, quoted};

/// What a token is for where a connection does not say: the audience that API Management's own examples check.
pub const DEFAULT_AUDIENCE: &str = "https://cognitiveservices.azure.com";
/// Longest audience, token URL or scope, characters.
const TEXT_LIMIT_CHARS: usize = 2048;

/// A gateway connection as the gateway uses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayConnection {
    /// Its category.
    pub category: GatewayCategory,
    /// Where it leads, without a trailing slash.
    pub target: String,
    /// How it proves itself.
    pub auth: GatewayAuth,
    /// Whether the model is named in the path (`/deployments/{model}/…`) and not in the body.
    pub deployment_in_path: bool,
    /// The `api-version` of inference, if any.
    pub inference_api_version: Option<String>,
    /// The `api-version` of discovery, if any; the endpoints of [`Discovery`] carry it already.
    pub deployment_api_version: Option<String>,
    /// Which models it has.
    pub models: GatewayModels,
    /// Headers of every request besides the credential, names in lower case.
    pub custom_headers: Vec<(String, String)>,
    /// The header that carries an API key, in lower case.
    pub key_header: String,
    /// Its value, with [`headers::API_KEY`] in the place of the key.
    pub key_format: String,
    /// Whether models without a connection's name are looked for here.
    pub is_default: bool,
}

/// How a gateway connection proves itself. Secrets are credentials of the connection, kept apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GatewayAuth {
    /// A key.
    ApiKey,
    /// A token of the project's identity.
    ProjectIdentity {
        /// What it is for.
        audience: String,
    },
    /// A token of the identity of the agent that runs.
    AgentIdentity {
        /// What it is for.
        audience: String,
    },
    /// A token of the user who calls.
    UserPassthrough {
        /// What it is for.
        audience: String,
    },
    /// A token by client credentials.
    OAuth2 {
        /// The client.
        client_id: String,
        /// Where tokens are issued.
        token_url: String,
        /// What is asked for.
        scopes: Vec<String>,
    },
}

/// Which models a gateway connection has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GatewayModels {
    /// These.
    Static(Vec<GatewayModel>),
    /// Those that the gateway says.
    Discovered(Discovery),
}

impl GatewayConnection {
    /// The gateway connection that a stored resource is; `None` for any other resource.
    pub fn of(resource: &Resource) -> Option<GatewayConnection> {
        if !is_connection(&resource.resource_type) {
            return None;
        }
        GatewayConnection::read(&Fields::new("properties", &resource.properties)).ok().flatten()
    }

    /// Reads a connection's properties; `None` when its category is no gateway's. Whether its secrets are there is asked elsewhere.
    pub(super) fn read(properties: &Fields<'_>) -> Result<Option<GatewayConnection>, ArmError> {
        let Some(category) = GatewayCategory::of(category::read(properties)?) else { return Ok(None) };
        let auth = auth(properties, auth_type::read(properties, true)?)?;
        let metadata = Metadata::read(properties)?;
        metadata.well_spelled()?;
        let deployment_in_path = deployment_in_path(&metadata, category)?;
        let target = properties.required_string("target")?;
        let url = target::check(target, deployment_in_path).map_err(|why| {
            let path = properties.path_of("target");
            invalid(&path, format!("`{path}`: {why}"))
        })?;
        let deployment_api_version = metadata.api_version(DEPLOYMENT_API_VERSION)?;
        let key = headers::key_header(&metadata)?;
        Ok(Some(GatewayConnection {
            category,
            target: target.trim_end_matches('/').to_owned(),
            auth,
            deployment_in_path,
            inference_api_version: metadata.api_version(INFERENCE_API_VERSION)?,
            models: gateway_models(&metadata, category, &url, deployment_api_version.as_deref())?,
            deployment_api_version,
            custom_headers: headers::custom(&metadata, &key)?,
            key_header: key.name,
            key_format: key.format,
            is_default: properties.boolean("isDefault")?.unwrap_or(false),
        }))
    }
}

fn deployment_in_path(metadata: &Metadata<'_>, category: GatewayCategory) -> Result<bool, ArmError> {
    match (metadata.boolean(DEPLOYMENT_IN_PATH)?, category) {
        (Some(given), _) => Ok(given),
        (None, GatewayCategory::ModelGateway) => Ok(false),
        (None, GatewayCategory::ApiManagement) => {
            let path = path_of(DEPLOYMENT_IN_PATH);
            let message = format!(
                "`{path}` is required for `ApiManagement`: `\"true\"` when the model is named in the path \
                 (`/deployments/{{model}}/chat/completions`), `\"false\"` when it is named in the body"
            );
            Err(invalid(&path, message))
        }
    }
}

/// Listed, or asked for: one of the two.
fn gateway_models(
    metadata: &Metadata<'_>,
    category: GatewayCategory,
    target: &Url<'_>,
    api_version: Option<&str>,
) -> Result<GatewayModels, ArmError> {
    let listed = models::read(metadata)?;
    let asked = discovery::read(metadata, target, api_version)?;
    let path = path_of(MODELS);
    match (listed, asked, category) {
        (Some(models), None, _) => Ok(GatewayModels::Static(models)),
        (None, Some(discovery), _) => Ok(GatewayModels::Discovered(discovery)),
        (None, None, GatewayCategory::ApiManagement) => {
            Discovery::default_of(target, api_version).map(GatewayModels::Discovered)
        }
        (None, None, GatewayCategory::ModelGateway) => {
            let message = format!(
                "a `ModelGateway` says which models it has: list them in `{path}`, or say in `{}` how the gateway is asked",
                path_of(MODEL_DISCOVERY)
            );
            Err(invalid(&path, message))
        }
        (Some(_), Some(_), _) => {
            let other = path_of(MODEL_DISCOVERY);
            Err(invalid(&path, format!("`{path}` and `{other}` exclude each other; leave one of them out")))
        }
    }
}

fn auth(properties: &Fields<'_>, auth_type: &AuthType) -> Result<GatewayAuth, ArmError> {
    let audience = audience(properties)?;
    Ok(match auth_type.name {
        auth_type::API_KEY => GatewayAuth::ApiKey,
        auth_type::OAUTH2 => oauth2(properties)?,
        auth_type::AGENTIC_IDENTITY_TOKEN => GatewayAuth::AgentIdentity { audience },
        auth_type::USER_ENTRA_TOKEN => {
            // The usual audience is this server's own: whoever got such a token of a user could ask here in that name.
            if audience == DEFAULT_AUDIENCE {
                let path = properties.path_of("audience");
                let message =
                    format!("`{path}`: `UserEntraToken` needs the gateway's own audience, such as `api://my-gateway`");
                return Err(invalid(&path, message));
            }
            GatewayAuth::UserPassthrough { audience }
        }
        _ => GatewayAuth::ProjectIdentity { audience },
    })
}

/// What a token is for: the name of an application, not a scope.
fn audience(properties: &Fields<'_>) -> Result<String, ArmError> {
    let Some(given) = properties.string("audience")?.filter(|text| !text.is_empty()) else {
        return Ok(DEFAULT_AUDIENCE.to_owned());
    };
    let path = properties.path_of("audience");
    if let Some(name) = given.strip_suffix("/.default") {
        let message = format!("`{path}`: `/.default` makes a scope of it; the audience is `{}`", quoted(name));
        return Err(invalid(&path, message));
    }
    plain(given).map_err(|why| invalid(&path, format!("`{path}`: {why}")))?;
    Ok(given.to_owned())
}

fn oauth2(properties: &Fields<'_>) -> Result<GatewayAuth, ArmError> {
    let path = properties.path_of("tokenUrl");
    let wrong = |why: String| invalid(&path, format!("`{path}`: {why}"));
    let missing = "an `OAuth2` connection needs it at this place, beside `credentials`: where tokens are issued, such as \
                   `https://login.example.com/oauth2/token`";
    let token_url = properties.string("tokenUrl")?.filter(|text| !text.trim().is_empty());
    let token_url = token_url.ok_or_else(|| wrong(missing.to_owned()))?;
    let url = Url::parse(token_url).ok_or_else(|| wrong("expected an `https://` URL".to_owned()))?;
    if url.has_user() || url.query.is_some() || url.fragment.is_some() {
        return Err(wrong("it must have no user, query or fragment".to_owned()));
    }
    let credentials = properties.object("credentials").ok().flatten();
    let client_id = credentials.and_then(|map| map.get("clientId")).and_then(Value::as_str).unwrap_or_default();
    Ok(GatewayAuth::OAuth2 {
        client_id: client_id.to_owned(),
        token_url: token_url.to_owned(),
        scopes: scopes(properties)?,
    })
}

fn scopes(properties: &Fields<'_>) -> Result<Vec<String>, ArmError> {
    let path = properties.path_of("scopes");
    let wrong = |why: String| invalid(&path, format!("`{path}`: {why}"));
    if let Some(Value::String(one)) = properties.value("scopes") {
        return Err(wrong(format!("expected an array; write `[\"{}\"]`", quoted(one))));
    }
    let list = properties.array("scopes")?;
    list.into_iter()
        .flatten()
        .map(|entry| match entry.as_str() {
            Some(scope) => plain(scope).map(|()| scope.to_owned()).map_err(wrong),
            None => Err(wrong("each entry is a string".to_owned())),
        })
        .collect()
}

/// A word: visible characters, no blank.
fn plain(text: &str) -> Result<(), String> {
    if !text.is_empty() && text.len() <= TEXT_LIMIT_CHARS && text.chars().all(|c| c.is_ascii_graphic()) {
        return Ok(());
    }
    Err(format!("expected one word without blanks, got `{}`", quoted(text)))
}
