//! Where a gateway is asked which models it has.

use arm::ArmError;
use serde_json::Value;

use super::metadata::{MODEL_DISCOVERY, Metadata, path_of};
use super::url::Url;
use crate::fields::{Fields, invalid, listed, quoted};

/// What stands for the name of a model in the path that asks for one.
pub const DEPLOYMENT_NAME: &str = "{deploymentName}";
/// The members of `modelDiscovery`: all three, or none where the category has defaults.
const MEMBERS: &[&str] = &["listModelsEndpoint", "getModelEndpoint", "deploymentProvider"];
/// The parameter that carries an api-version.
const API_VERSION: &str = "api-version";

/// The form in which a gateway lists its models.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiscoveryProvider {
    /// `{"data": [{"id"}]}`
    OpenAi,
    /// `{"value": [{"name", "properties": {"model"}}]}`
    AzureOpenAi,
}

impl DiscoveryProvider {
    /// As the metadata write it.
    pub fn as_str(self) -> &'static str {
        match self {
            DiscoveryProvider::OpenAi => "OpenAI",
            DiscoveryProvider::AzureOpenAi => "AzureOpenAI",
        }
    }
}

/// A place at the gateway's own origin, in parts that need no further reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Scheme, host and port.
    pub origin: String,
    /// The path's segments, none empty; one may hold [`DEPLOYMENT_NAME`].
    pub segments: Vec<String>,
    /// The query's parameters, an api-version among them where one is set.
    pub query: Vec<(String, String)>,
}

impl Endpoint {
    /// The segments with a model's name in the place of [`DEPLOYMENT_NAME`].
    pub fn segments_for(&self, model: &str) -> Vec<String> {
        self.segments.iter().map(|segment| segment.replace(DEPLOYMENT_NAME, model)).collect()
    }
}

/// How a gateway is asked for its models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovery {
    /// For all.
    pub list: Endpoint,
    /// For one.
    pub get: Endpoint,
    /// The form of the answers.
    pub provider: DiscoveryProvider,
}

impl Discovery {
    /// What an API Management gateway has where nothing else is said.
    pub(super) fn default_of(target: &Url<'_>, api_version: Option<&str>) -> Result<Discovery, ArmError> {
        let (list, get) = ("/deployments", "/deployments/{deploymentName}");
        Discovery::at(target, api_version, (list, get), DiscoveryProvider::AzureOpenAi)
    }

    fn at(
        target: &Url<'_>,
        api_version: Option<&str>,
        (list, get): (&str, &str),
        provider: DiscoveryProvider,
    ) -> Result<Discovery, ArmError> {
        let path = path_of(MODEL_DISCOVERY);
        let reader = |member: &str, text: &str, names: usize| {
            let path = format!("{path}.{member}");
            endpoint(text, target, api_version, names).map_err(|why| invalid(&path, format!("`{path}`: {why}")))
        };
        Ok(Discovery {
            list: reader("listModelsEndpoint", list, 0)?,
            get: reader("getModelEndpoint", get, 1)?,
            provider,
        })
    }
}

/// What the metadata say: `None` when they leave it to the category's default.
pub(super) fn read(
    metadata: &Metadata<'_>,
    target: &Url<'_>,
    api_version: Option<&str>,
) -> Result<Option<Discovery>, ArmError> {
    let Some(value) = metadata.json(MODEL_DISCOVERY)? else { return Ok(None) };
    let path = path_of(MODEL_DISCOVERY);
    let Value::Object(map) = &value else {
        return Err(invalid(&path, format!("`{path}`: expected a JSON object with {}", listed(MEMBERS))));
    };
    let fields = Fields::new(&path, map);
    fields.only(MEMBERS, "`modelDiscovery`")?;
    if MEMBERS.iter().all(|member| fields.value(member).is_none()) {
        return Ok(None);
    }
    if let Some(missing) = MEMBERS.iter().find(|member| fields.value(member).is_none()) {
        let path = fields.path_of(missing);
        return Err(invalid(&path, format!("`{path}` is missing; `modelDiscovery` has all of {}", listed(MEMBERS))));
    }
    let (list, get) = (fields.required_string("listModelsEndpoint")?, fields.required_string("getModelEndpoint")?);
    let provider = provider(&fields)?;
    Discovery::at(target, api_version, (list, get), provider).map(Some)
}

fn provider(fields: &Fields<'_>) -> Result<DiscoveryProvider, ArmError> {
    let given = fields.required_string("deploymentProvider")?;
    let all = [DiscoveryProvider::OpenAi, DiscoveryProvider::AzureOpenAi];
    all.into_iter().find(|one| one.as_str() == given).ok_or_else(|| {
        let path = fields.path_of("deploymentProvider");
        let near = arm::nearest(given, all.map(DiscoveryProvider::as_str));
        let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        invalid(&path, format!("`{path}`: expected `OpenAI` or `AzureOpenAI`, got `{}`{hint}", quoted(given)))
    })
}

/// Reads a path below the target, or a whole URL at its origin; `names` is how often it names the model.
fn endpoint(text: &str, target: &Url<'_>, api_version: Option<&str>, names: usize) -> Result<Endpoint, String> {
    if text.contains(|c: char| !c.is_ascii_graphic() || matches!(c, '\\' | '%' | '#')) {
        return Err("it may hold no blank, backslash, fragment or percent-encoding".to_owned());
    }
    let (mut segments, path, query) = if text.contains("://") {
        let url = at_origin(text, target)?;
        (Vec::new(), url.path, url.query)
    } else if text.starts_with("//") {
        return Err("it starts with `//`, which names another host; start it with one `/`".to_owned());
    } else {
        let (path, query) = text.split_once('?').map_or((text, None), |(path, query)| (path, Some(query)));
        (segments(target.path)?, path, query)
    };
    segments.extend(self::segments(path)?);
    has_names(&segments.concat(), names)?;
    let mut query = query.map_or(Ok(Vec::new()), parameters)?;
    if let (Some(version), false) = (api_version, query.iter().any(|(name, _)| name == API_VERSION)) {
        query.push((API_VERSION.to_owned(), version.to_owned()));
    }
    Ok(Endpoint { origin: target.origin(), segments, query })
}

/// A whole URL: only at the target's own origin, since the credential goes along.
fn at_origin<'a>(text: &'a str, target: &Url<'_>) -> Result<Url<'a>, String> {
    let url = Url::parse(text).filter(|url| url.is_https).ok_or("a whole URL must be `https://`")?;
    if url.has_user() {
        return Err("it must not carry a user or a password".to_owned());
    }
    if url.origin() != target.origin() {
        let (own, given) = (target.origin(), url.origin());
        return Err(format!("expected the target's own origin `{own}`, got `{}`", quoted(&given)));
    }
    Ok(url)
}

/// The segments of a path, which starts with a slash or without.
fn segments(path: &str) -> Result<Vec<String>, String> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    let is_odd = |segment: &&str| segment.is_empty() || matches!(*segment, "." | "..");
    match path.split('/').find(is_odd) {
        _ if path.is_empty() => Ok(Vec::new()),
        Some(odd) => Err(format!("its path has the segment `{odd}`; write the path that is meant")),
        None => Ok(path.split('/').map(str::to_owned).collect()),
    }
}

fn has_names(path: &str, wanted: usize) -> Result<(), String> {
    let found = path.matches(DEPLOYMENT_NAME).count();
    match (path.replace(DEPLOYMENT_NAME, "").contains(['{', '}']), found == wanted, wanted) {
        (false, true, _) => Ok(()),
        (true, _, 1..) | (_, false, 1..) => Err(format!("its path must hold `{DEPLOYMENT_NAME}` once, so spelled")),
        _ => Err("it asks for all models, so its path holds no `{…}`".to_owned()),
    }
}

fn parameters(query: &str) -> Result<Vec<(String, String)>, String> {
    let mut read: Vec<(String, String)> = Vec::new();
    for part in query.split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        if name.eq_ignore_ascii_case(API_VERSION) && read.iter().any(|(before, _)| before == API_VERSION) {
            return Err("`api-version` stands in its query twice".to_owned());
        }
        if value.contains(['{', '}', '+']) {
            return Err(format!("the value of `{}` in its query must be plain text", quoted(name)));
        }
        let name = if name.eq_ignore_ascii_case(API_VERSION) { API_VERSION } else { name };
        read.push((name.to_owned(), value.to_owned()));
    }
    Ok(read)
}
