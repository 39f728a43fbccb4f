//! The type of a resource: `Microsoft.CognitiveServices/accounts/projects`.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A namespace and the types below it, compared without case.
#[derive(Clone)]
pub struct ResourceType {
    text: Arc<str>,
    key: Arc<str>,
}

impl ResourceType {
    /// The type of that name, letters as given.
    pub fn new(text: &str) -> ResourceType {
        ResourceType { text: text.into(), key: text.to_ascii_lowercase().into() }
    }

    /// Letters as given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// In lower case, for comparing and as a map key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The type of the parent: `ns/accounts` for `ns/accounts/projects`; none for a first-level type.
    pub fn parent_type(&self) -> Option<ResourceType> {
        let (parent, _) = self.text.rsplit_once('/')?;
        parent.contains('/').then(|| ResourceType::new(parent))
    }

    /// What this type adds to its parent: `projects`.
    pub fn last_segment(&self) -> &str {
        self.text.rsplit('/').next().unwrap_or_default()
    }

    /// The provider: `Microsoft.CognitiveServices`.
    pub fn namespace(&self) -> &str {
        self.text.split('/').next().unwrap_or_default()
    }
}

impl PartialEq for ResourceType {
    fn eq(&self, other: &ResourceType) -> bool {
        self.key == other.key
    }
}

impl Eq for ResourceType {}

impl Hash for ResourceType {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl fmt::Display for ResourceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for ResourceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ResourceType({})", self.text)
    }
}
