//! An ARM id used as a place: where a role holds, where a resource is.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::layout::{self, Kind, Layout, Tail};
use crate::path_error::PathError;
use crate::request_path::{MAX_PATH_BYTES, check_segment, check_segment_count};
use crate::resource_type::ResourceType;

/// The words of the grammar that ids print in one way only (clients split at `resourceGroups`).
const WORDS: [&str; 3] = ["subscriptions", "resourceGroups", "providers"];
/// Where management groups live.
const MANAGEMENT_GROUPS: &str = "/providers/Microsoft.Management/managementGroups";

/// A place in the tree of resources. Compared, ordered and hashed without case; cheap to clone.
#[derive(Clone)]
pub struct Scope {
    canonical: Arc<str>,
    key: Arc<str>,
}

/// How high a scope stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScopeLevel {
    /// `/`
    Root,
    /// `/providers/Microsoft.Management/managementGroups/{name}`
    ManagementGroup,
    /// `/subscriptions/{id}`
    Subscription,
    /// `/subscriptions/{id}/resourceGroups/{name}`
    ResourceGroup,
    /// Everything below.
    Resource,
}

impl Scope {
    /// `/`, above everything.
    pub fn root() -> Scope {
        Scope::from_canonical("/".to_owned())
    }

    /// `/subscriptions/{id}`; `id` is one segment.
    pub fn subscription(id: &str) -> Scope {
        Scope::from_canonical(format!("/subscriptions/{id}"))
    }

    /// Reads an id. A trailing `/` and doubled slashes are tolerated; percent signs are not (ids are not URLs).
    pub fn parse(text: &str) -> Result<Scope, PathError> {
        if text.len() > MAX_PATH_BYTES {
            return Err(PathError::TooLong { bytes: text.len(), limit: MAX_PATH_BYTES });
        }
        if !text.starts_with('/') {
            return Err(malformed("", "an id starts with `/`"));
        }
        let mut clean = String::with_capacity(text.len());
        for segment in text.split('/').filter(|segment| !segment.is_empty()) {
            check_segment(segment)?;
            clean.push('/');
            clean.push_str(segment);
        }
        check_segment_count(&clean)?;
        let layout = layout::read(&clean);
        match layout.tail {
            Tail::Nothing => Ok(Scope::from_layout(&clean, &layout)),
            Tail::Providers | Tail::Namespace(_) => {
                Err(malformed(&clean, "`/providers/` is followed by a namespace, a type and a name"))
            }
            Tail::Type(_) => Err(malformed(&clean, "the last type has no name")),
            Tail::Unknown => Err(malformed(&clean, "expected `/resourceGroups/` or `/providers/`")),
        }
    }

    /// The id with the words of the grammar in their one spelling, names as they were given.
    pub fn as_str(&self) -> &str {
        &self.canonical
    }

    /// [`Scope::as_str`], shared instead of copied.
    pub fn to_shared(&self) -> Arc<str> {
        Arc::clone(&self.canonical)
    }

    /// The id in lower case, for comparing and as a map key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Is this `/`?
    pub fn is_root(&self) -> bool {
        &*self.key == "/"
    }

    /// Is `other` this place or below it? By whole segments of the text; which subscriptions are in a management group
    /// is known to the access snapshot alone.
    pub fn contains(&self, other: &Scope) -> bool {
        if self.is_root() {
            return true;
        }
        match other.key.strip_prefix(&*self.key) {
            Some(rest) => rest.is_empty() || rest.starts_with('/'),
            None => false,
        }
    }

    /// The place above in the text: project → account → group → subscription → `/`; an extension → what it extends.
    pub fn parent(&self) -> Option<Scope> {
        if self.is_root() {
            return None;
        }
        let layout = layout::read(&self.canonical);
        let above = match layout.tail {
            Tail::Nothing => layout.places.iter().rev().nth(1),
            _ => layout.places.last(),
        };
        Some(above.map_or_else(Scope::root, |place| self.prefix(place.end)))
    }

    /// The keys of this place and all above it in the text, nearest first, `/` last.
    pub fn ancestor_keys(&self) -> impl Iterator<Item = &str> {
        let layout = layout::read(&self.key);
        let whole = match layout.tail {
            Tail::Nothing => None,
            _ => Some(self.key()),
        };
        let above = layout.places.into_iter().rev().filter_map(|place| self.key.get(..place.end));
        whole.into_iter().chain(above).chain(std::iter::once("/"))
    }

    /// This place and all above it in the text, nearest first, `/` last.
    pub fn ancestors(&self) -> impl Iterator<Item = Scope> {
        std::iter::successors(Some(self.clone()), Scope::parent)
    }

    /// `{self}/{type_segment}/{name}`; both are one segment of a checked path.
    pub fn child(&self, type_segment: &str, name: &str) -> Scope {
        self.below(&["/", type_segment, "/", name])
    }

    /// `{self}/providers/{provider}/{type_segment}/{name}`; each is one segment of a checked path.
    pub fn extension(&self, provider: &str, type_segment: &str, name: &str) -> Scope {
        self.below(&["/providers/", provider, "/", type_segment, "/", name])
    }

    /// The last segment, empty for `/`.
    pub fn name(&self) -> &str {
        self.canonical.rsplit('/').next().unwrap_or_default()
    }

    /// The subscription's id.
    pub fn subscription_id(&self) -> Option<&str> {
        self.name_of(Kind::Subscription)
    }

    /// The resource group's name.
    pub fn resource_group(&self) -> Option<&str> {
        self.name_of(Kind::ResourceGroup)
    }

    /// The first-level resource that this is or is below (the account of a project), none above resources.
    pub fn top_resource(&self) -> Option<Scope> {
        let layout = layout::read(&self.canonical);
        let place = layout.places.iter().find(|place| place.kind == Kind::Resource)?;
        Some(self.prefix(place.end))
    }

    /// The type of what is named here; none for `/`.
    pub fn resource_type(&self) -> Option<ResourceType> {
        let layout = layout::read(&self.canonical);
        layout.resource_type()
    }

    /// How high this stands.
    pub fn level(&self) -> ScopeLevel {
        let layout = layout::read(&self.canonical);
        match layout.places.last().map(|place| place.kind) {
            None => ScopeLevel::Root,
            Some(Kind::Subscription) => ScopeLevel::Subscription,
            Some(Kind::ResourceGroup) => ScopeLevel::ResourceGroup,
            Some(Kind::Resource) if layout.is_management_group() => ScopeLevel::ManagementGroup,
            Some(Kind::Resource) => ScopeLevel::Resource,
        }
    }

    /// The scope that a canonical text names; the caller has checked the segments.
    pub(crate) fn from_canonical(mut text: String) -> Scope {
        let canonical = Arc::from(text.as_str());
        text.make_ascii_lowercase();
        Scope { canonical, key: text.into() }
    }

    fn below(&self, parts: &[&str]) -> Scope {
        let front = self.front();
        let mut text = String::with_capacity(front.len() + parts.iter().map(|part| part.len()).sum::<usize>());
        text.push_str(front);
        parts.iter().for_each(|part| text.push_str(part));
        Scope::from_canonical(text)
    }

    /// Spells the words of the grammar in their one way.
    pub(crate) fn from_layout(clean: &str, layout: &Layout<'_>) -> Scope {
        if clean.is_empty() {
            return Scope::root();
        }
        let mut text = String::with_capacity(clean.len());
        let mut start = 0;
        for place in &layout.places {
            push_place(&mut text, clean.get(start..place.end).unwrap_or_default());
            start = place.end;
        }
        push_place(&mut text, clean.get(start..).unwrap_or_default());
        let key = text.to_ascii_lowercase();
        if key.starts_with(&MANAGEMENT_GROUPS.to_ascii_lowercase()) {
            text.replace_range(..MANAGEMENT_GROUPS.len(), MANAGEMENT_GROUPS);
        }
        Scope { canonical: text.into(), key: key.into() }
    }

    fn prefix(&self, end: usize) -> Scope {
        Scope {
            canonical: self.canonical.get(..end).unwrap_or("/").into(),
            key: self.key.get(..end).unwrap_or("/").into(),
        }
    }

    fn front(&self) -> &str {
        if self.is_root() { "" } else { &self.canonical }
    }

    fn name_of(&self, kind: Kind) -> Option<&str> {
        let layout = layout::read(&self.canonical);
        let place = layout.places.iter().find(|place| place.kind == kind)?;
        self.canonical.get(..place.end)?.rsplit('/').next()
    }
}

impl Layout<'_> {
    /// The type of the last whole place.
    pub(crate) fn resource_type(&self) -> Option<ResourceType> {
        match self.places.last()?.kind {
            Kind::Subscription => Some(ResourceType::new("Microsoft.Resources/subscriptions")),
            Kind::ResourceGroup => Some(ResourceType::new("Microsoft.Resources/subscriptions/resourceGroups")),
            Kind::Resource => Some(ResourceType::new(&self.chain.join("/"))),
        }
    }

    fn is_management_group(&self) -> bool {
        let [namespace, kind] = self.chain.as_slice() else {
            return false;
        };
        self.places.len() == 1
            && namespace.eq_ignore_ascii_case("Microsoft.Management")
            && kind.eq_ignore_ascii_case("managementGroups")
    }
}

/// Appends `/word/…`: the first segment of a place is a word of the grammar or a type.
fn push_place(text: &mut String, place: &str) {
    let Some(rest) = place.strip_prefix('/') else {
        return;
    };
    let first = rest.split('/').next().unwrap_or_default();
    let word = canonical_word(first);
    text.push('/');
    text.push_str(word);
    text.push_str(rest.get(first.len()..).unwrap_or_default());
}

/// A word of the grammar in its one spelling, anything else as it is.
pub(crate) fn canonical_word(segment: &str) -> &str {
    let mut words = WORDS.into_iter();
    words.find(|word| word.eq_ignore_ascii_case(segment)).unwrap_or(segment)
}

pub(crate) fn malformed(path: &str, reason: &'static str) -> PathError {
    PathError::Malformed { path: path.to_owned(), reason }
}

impl PartialEq for Scope {
    fn eq(&self, other: &Scope) -> bool {
        self.key == other.key
    }
}

impl Eq for Scope {}

/// A map by scope can be asked with a key in lower case.
impl Borrow<str> for Scope {
    fn borrow(&self) -> &str {
        &self.key
    }
}

impl PartialOrd for Scope {
    fn partial_cmp(&self, other: &Scope) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Scope {
    fn cmp(&self, other: &Scope) -> Ordering {
        self.key.cmp(&other.key)
    }
}

impl Hash for Scope {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.canonical)
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scope({})", self.canonical)
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.canonical)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Scope, D::Error> {
        let text = String::deserialize(deserializer)?;
        Scope::parse(&text).map_err(de::Error::custom)
    }
}
