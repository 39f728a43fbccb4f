//! `Microsoft.CognitiveServices/accounts/projects`: a use case's own place in a Foundry account, with its own identity.

use arm::{ArmError, ErrorCode, Resource};
use serde_json::{Map, Value, json};

use crate::accounts::{self, AI_SERVICES, has_project_management};
use crate::draft::{Draft, IdentityWish};
use crate::fields::{Fields, invalid};
use crate::kind::{Accepted, Context, Kind, Parent, Polling, View};
use crate::location;
use crate::name_rule::NameRule;

/// Projects.
pub struct Project;

/// The type of a project.
pub const TYPE: &str = "Microsoft.CognitiveServices/accounts/projects";
/// Longest display name and description, characters: they are shown in lists, not documents.
const TEXT_LIMIT_CHARS: usize = 4096;
/// Every known property; the last three are the server's and ignored in a body.
const KNOWN: &[&str] = &["displayName", "description", "provisioningState", "endpoints", "isDefault"];

impl Kind for Project {
    const TYPE: &'static str = TYPE;
    const NOUN: &'static str = "a project";
    const API_VERSIONS: &'static [&'static str] = crate::registry::COGNITIVE_API_VERSIONS;
    const PARENT: Parent = Parent::Resource("Microsoft.CognitiveServices/accounts");
    const NAME: NameRule = NameRule::COGNITIVE;
    const HAS_IDENTITY: bool = true;
    const QUALIFIED_NAME: bool = true;
    const DELETE_POLLING: Polling = Polling::Both;

    fn validate(draft: Draft, existing: Option<&Resource>, context: &Context<'_>) -> Result<Accepted, ArmError> {
        let account = context.parent;
        if !account.is_some_and(has_project_management) {
            return Err(ArmError::new(
                ErrorCode::InvalidRequestContent,
                format!(
                    "projects need an account of kind `{AI_SERVICES}` with `properties.allowProjectManagement` true"
                ),
            ));
        }
        no_sku_or_kind(&draft)?;
        // A project lives where its account lives; templates that leave the region out get it from there.
        let location = location::required(draft.location.as_deref(), existing.or(account), Self::NOUN)?;
        let fields = Fields::new("properties", &draft.properties);
        fields.only(KNOWN, "a project")?;
        let mut stored = Map::new();
        let display_name = text(&fields, "displayName")?.unwrap_or_else(|| context.id.name());
        stored.insert("displayName".to_owned(), json!(display_name));
        if let Some(description) = text(&fields, "description")? {
            stored.insert("description".to_owned(), json!(description));
        }
        stored.insert("isDefault".to_owned(), json!(is_default(existing, context)));
        let wish = draft.identity.unwrap_or(IdentityWish { system_assigned: true });
        if !wish.system_assigned {
            let message = "`identity.type`: a project always has its own identity; use `SystemAssigned`";
            return Err(invalid("identity.type", message.to_owned()));
        }
        Ok(Accepted {
            location: Some(location),
            tags: draft.tags,
            identity: context.identity(&wish, existing),
            properties: stored,
            ..Accepted::default()
        })
    }

    fn present(project: &Resource, view: &View<'_>) -> Value {
        let mut properties = Map::new();
        properties.insert("provisioningState".to_owned(), json!("Succeeded"));
        properties.extend(project.properties.clone());
        if let Some(account) = view.parent {
            let url = format!("{}api/projects/{}", accounts::foundry_url(&view.site, account), project.id.name());
            properties.insert("endpoints".to_owned(), json!({ "AI Foundry API": url }));
        }
        let mut shown = project.clone();
        shown.properties = properties;
        shown.to_json()
    }
}

/// The first project of an account is its default one.
fn is_default(existing: Option<&Resource>, context: &Context<'_>) -> bool {
    match (existing, context.parent) {
        (Some(project), _) => project.properties.get("isDefault").and_then(Value::as_bool).unwrap_or(false),
        (None, Some(account)) => !context.neighbours.has_below(&account.id, TYPE),
        (None, None) => false,
    }
}

fn no_sku_or_kind(draft: &Draft) -> Result<(), ArmError> {
    let given = [("sku", draft.sku.is_some()), ("kind", draft.kind.is_some())];
    match given.iter().find(|(_, given)| *given) {
        Some((name, _)) => Err(invalid(name, format!("a project has no `{name}`"))),
        None => Ok(()),
    }
}

fn text<'a>(fields: &Fields<'a>, name: &str) -> Result<Option<&'a str>, ArmError> {
    match fields.string(name)? {
        Some(text) if text.chars().count() > TEXT_LIMIT_CHARS => {
            let path = fields.path_of(name);
            Err(invalid(&path, format!("`{path}` is longer than {TEXT_LIMIT_CHARS} characters")))
        }
        text => Ok(text),
    }
}

#[cfg(test)]
mod tests;
