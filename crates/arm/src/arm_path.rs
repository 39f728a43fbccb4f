//! What an ARM URL names: an item, a collection, or an action on an item.

use crate::layout::{self, Tail};
use crate::path_error::PathError;
use crate::request_path::RequestPath;
use crate::resource_type::ResourceType;
use crate::scope::{Scope, canonical_word, malformed};

/// An ARM URL taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArmPath {
    /// What the type hangs on: the parent of an item or collection, the item that an action is done to.
    pub base: Scope,
    /// For an action, the item's type with the action behind it.
    pub resource_type: ResourceType,
    /// The id of the item; none for a collection or an action.
    pub item: Option<Scope>,
}

impl ArmPath {
    /// Reads the path of a control-plane request.
    pub fn parse(path: &RequestPath) -> Result<ArmPath, PathError> {
        if let Some(kind) = lonely_root_word(path) {
            return Ok(ArmPath { base: Scope::root(), resource_type: ResourceType::new(kind), item: None });
        }
        let text = path.as_str();
        let layout = layout::read(text);
        let front = layout.places.last().map_or(0, |place| place.end);
        let base_text = text.get(..front).unwrap_or_default();
        let base = Scope::from_layout(base_text, &layout::read(base_text));
        match layout.tail {
            Tail::Nothing => item(base).ok_or_else(|| malformed(text, "nothing is named")),
            Tail::Type(word) => {
                let front = match layout.chain.as_slice() {
                    [] => grammar_type(&base).ok_or_else(|| unknown(text))?.to_string(),
                    chain => chain.join("/"),
                };
                let kind = format!("{front}/{}", canonical_word(word));
                Ok(ArmPath { base, resource_type: ResourceType::new(&kind), item: None })
            }
            Tail::Providers => Ok(ArmPath { resource_type: providers_of(&base, text)?, base, item: None }),
            Tail::Namespace(namespace) => {
                let resource_type = providers_of(&base, text)?;
                let front = if base.is_root() { "" } else { base.as_str() };
                let item = Some(Scope::from_canonical(format!("{front}/providers/{namespace}")));
                Ok(ArmPath { base, resource_type, item })
            }
            Tail::Unknown => Err(unknown(text)),
        }
    }
}

fn unknown(text: &str) -> PathError {
    malformed(text, "expected `/subscriptions/`, `/resourceGroups/` or `/providers/`")
}

/// Collections that hang on nothing.
fn lonely_root_word(path: &RequestPath) -> Option<&'static str> {
    match path.key() {
        "/subscriptions" => Some("Microsoft.Resources/subscriptions"),
        "/tenants" => Some("Microsoft.Resources/tenants"),
        _ => None,
    }
}

fn item(id: Scope) -> Option<ArmPath> {
    Some(ArmPath { base: id.parent()?, resource_type: id.resource_type()?, item: Some(id) })
}

/// The type that a lonely word below a subscription or a resource group is added to.
fn grammar_type(base: &Scope) -> Option<ResourceType> {
    base.resource_type().filter(|kind| kind.namespace() == "Microsoft.Resources")
}

/// The type of the list of providers at the base.
fn providers_of(base: &Scope, text: &str) -> Result<ResourceType, PathError> {
    if base.is_root() {
        return Ok(ResourceType::new("Microsoft.Resources/providers"));
    }
    let kind =
        grammar_type(base).ok_or_else(|| malformed(text, "`/providers/` is followed by a namespace and a type"))?;
    Ok(ResourceType::new(&format!("{kind}/providers")))
}
