//! The target of a gateway connection: what the paths of operations are appended to.

use super::url::Url;

/// Operations that are appended to a target, so that no target ends in one; the longest first.
const OPERATIONS: &[&str] = &["/chat/completions", "/completions", "/embeddings", "/responses", "/messages"];
/// Hosts of Azure, whose OpenAI routes are never at the root.
const AZURE_HOSTS: &[&str] = &[".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com"];

/// Accepts a target, or says what is wrong and what it should be.
pub(super) fn check(target: &str, deployment_in_path: bool) -> Result<Url<'_>, String> {
    let Some(url) = Url::parse(target) else {
        return Err("expected an `https://` URL up to, and without, the path of an operation".to_owned());
    };
    // What stands before an `@` may be a password, so no text of it is repeated.
    if url.has_user() {
        return Err("it must not carry a user or a password; credentials go into `properties.credentials`".to_owned());
    }
    without_query(&url)?;
    without_operation(&url, deployment_in_path)?;
    not_a_bare_host(&url, deployment_in_path)?;
    Ok(url)
}

fn without_query(url: &Url<'_>) -> Result<(), String> {
    let Some(query) = url.query else {
        return match url.fragment {
            Some(_) => Err("it must have no fragment (`#…`)".to_owned()),
            None => Ok(()),
        };
    };
    let bare = mended(url, url.path);
    if query.to_ascii_lowercase().starts_with("api-version=") {
        return Err(format!("it must have no query; set it to {bare} and the version as `inferenceAPIVersion`"));
    }
    Err(format!("it must have no query; set it to {bare}"))
}

fn without_operation(url: &Url<'_>, deployment_in_path: bool) -> Result<(), String> {
    let path = url.path.trim_end_matches('/');
    let lower = path.to_ascii_lowercase();
    let operation = OPERATIONS.iter().find(|operation| lower.ends_with(*operation));
    let base = operation.and_then(|operation| path.get(..path.len().saturating_sub(operation.len()))).unwrap_or(path);
    let before_deployment = deployment(base);
    match (operation, before_deployment) {
        (Some(operation), Some(base)) => Err(format!(
            "it ends in an operation of one deployment; `/deployments/…{operation}` is appended with each request: set it to {} \
             and `deploymentInPath` to `\"true\"`",
            mended(url, base)
        )),
        (Some(operation), None) => Err(format!(
            "it ends in the operation `{operation}`, which is appended with each request; set it to {}",
            mended(url, base)
        )),
        (None, Some(base)) if deployment_in_path => Err(format!(
            "it names a deployment, and `deploymentInPath` appends one with each request; set it to {}",
            mended(url, base)
        )),
        (None, _) => Ok(()),
    }
}

/// What is before `/deployments/{name}` at the end of a path.
fn deployment(path: &str) -> Option<&str> {
    let (above, _) = path.rsplit_once('/')?;
    let (base, word) = above.rsplit_once('/')?;
    word.eq_ignore_ascii_case("deployments").then_some(base)
}

/// Hosts that are known to answer at no operation of their root.
fn not_a_bare_host(url: &Url<'_>, deployment_in_path: bool) -> Result<(), String> {
    if !url.path.trim_end_matches('/').is_empty() {
        return Ok(());
    }
    let host = url.host();
    let path = if host == "api.openai.com" {
        "/v1"
    } else if AZURE_HOSTS.iter().any(|suffix| host.ends_with(suffix)) {
        if deployment_in_path { "/openai" } else { "/openai/v1" }
    } else {
        return Ok(());
    };
    Err(format!("`{host}` answers nothing at its root; set it to {}", mended(url, path)))
}

/// The target with another path, as it would be written.
fn mended(url: &Url<'_>, path: &str) -> String {
    format!("`{}{}`", url.origin(), path.trim_end_matches('/'))
}
