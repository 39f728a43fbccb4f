//! Which connection is meant: its id, from the names of account, project and connection.

use anyhow::{Context, Result, bail};
use arm::Scope;
use serde_json::Value;

use crate::cli::remote::Remote;

/// The type of an account, as a filter of resources names it.
const ACCOUNTS: &str = "resourceType eq 'Microsoft.CognitiveServices/accounts'";

/// A connection, and for which project one of an account acts.
pub(super) struct Place {
    pub(super) connection: Scope,
    pub(super) acts_for: Option<String>,
}

/// The project's own connection, else the account's of that name.
pub(super) async fn place(remote: &Remote, account: &str, project: Option<&str>, name: &str) -> Result<Place> {
    for (noun, given) in [("--project", project.unwrap_or_default()), ("NAME", name)] {
        if given.contains('/') {
            bail!("`{given}` is no name; give `{noun}` without a `/`");
        }
    }
    let account = find_account(remote, account).await?;
    let of_account = account.child("connections", name);
    let Some(project) = project else { return Ok(Place { connection: of_account, acts_for: None }) };
    let own = account.child("projects", project).child("connections", name);
    match remote.exists(&own).await? {
        true => Ok(Place { connection: own, acts_for: None }),
        false => Ok(Place { connection: of_account, acts_for: Some(project.to_owned()) }),
    }
}

/// An account by its id, or by its name among those that the token may see.
async fn find_account(remote: &Remote, given: &str) -> Result<Scope> {
    if given.starts_with('/') {
        return Scope::parse(given).ok().with_context(|| format!("`{given}` is not the id of an account"));
    }
    let mut found = Vec::new();
    for subscription in remote.list("/subscriptions", &[]).await? {
        let Some(id) = subscription.get("id").and_then(Value::as_str) else { continue };
        let resources = remote.list(&format!("{id}/resources"), &[("$filter", ACCOUNTS)]).await?;
        let ids = resources.iter().filter_map(|resource| Scope::parse(resource.get("id")?.as_str()?).ok());
        found.extend(ids.filter(|id| id.name().eq_ignore_ascii_case(given)));
    }
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => bail!(
            "no account `{given}` is to be seen with this token; `az cognitiveservices account list` shows those that are"
        ),
        several => {
            let ids: Vec<&str> = several.iter().map(Scope::as_str).collect();
            bail!("`{given}` is the name of several accounts; give `--account` the id of one: {}", ids.join(", "))
        }
    }
}
