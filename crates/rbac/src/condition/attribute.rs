//! Attributes by source and name: `@Request[Microsoft.Authorization/roleAssignments:PrincipalType]`.

use arm::nearest;

use crate::attributes::Attributes;

/// Behind the key of a tag: the key is compared with case.
const KEY_CASE_SENSITIVE: &str = "<$key_case_sensitive$>";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attribute {
    source: Source,
    name: Name,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Request,
    Resource,
    Principal,
    Environment,
}

const SOURCES: [(&str, Source); 4] = [
    ("Request", Source::Request),
    ("Resource", Source::Resource),
    ("Principal", Source::Principal),
    ("Environment", Source::Environment),
];

/// `namespace/type:name`, a bare name, or `path:Key<$key_case_sensitive$>`.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Name {
    /// Compared without case.
    Plain(String),
    /// The path without case, the key with it.
    Key { path: String, key: String },
}

impl Source {
    /// The source of that name, in any case.
    pub(super) fn named(word: &str) -> Option<Source> {
        SOURCES.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, source)| source)
    }

    /// The name that was probably meant.
    pub(super) fn nearest(word: &str) -> Option<&'static str> {
        nearest(word, SOURCES.map(|(name, _)| name))
    }
}

impl Attribute {
    /// The attribute whose name stands so between the brackets.
    pub(super) fn new(source: Source, name: &str) -> Attribute {
        let marked = name.strip_suffix(KEY_CASE_SENSITIVE).and_then(|name| name.split_once(':'));
        let name = match marked {
            Some((path, key)) => Name::Key { path: path.to_owned(), key: key.to_owned() },
            None => Name::Plain(name.to_owned()),
        };
        Attribute { source, name }
    }

    /// Its values, none if the request has no such attribute or an empty one.
    pub(super) fn values<'a>(&self, attributes: &'a Attributes) -> Option<&'a [String]> {
        let is_meant = |name: &str| self.name.is(name);
        match self.source {
            Source::Request => attributes.of_request(is_meant),
            Source::Resource => attributes.of_resource(is_meant),
            Source::Principal => attributes.of_principal(is_meant),
            Source::Environment => attributes.of_environment(is_meant),
        }
    }
}

impl Name {
    fn is(&self, given: &str) -> bool {
        match self {
            Name::Plain(name) => name.eq_ignore_ascii_case(given),
            Name::Key { path, key } => {
                let given = given.strip_suffix(KEY_CASE_SENSITIVE).unwrap_or(given);
                given.split_once(':').is_some_and(|(at, found)| at.eq_ignore_ascii_case(path) && found == key)
            }
        }
    }
}
