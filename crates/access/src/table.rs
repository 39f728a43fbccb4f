//! The route table: ARM routes by type, fixed paths by a radix tree, both without case.

use std::collections::HashMap;

use arm::{ArmPath, PathError, RequestPath, Scope, nearest};
use rbac::Permission;

use crate::admit::Need;
use crate::input::Params;
use crate::route::{Form, Plane, Route, Verb};
use crate::routes::{Mounted, Serve};

/// A route that cannot be mounted; the server does not start with one.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum MountError {
    /// Two routes of one verb and path.
    #[error("`{0}` is mounted twice")]
    Twice(String),
    /// An action that the catalogue of operations does not know.
    #[error("`{route}` needs `{action}`, which is not in the catalogue of operations")]
    NotCatalogued {
        /// The route.
        route: String,
        /// The action it needs.
        action: String,
    },
    /// A template that the radix tree refuses.
    #[error("the path template `{template}` cannot be mounted: {reason}")]
    Template {
        /// The template.
        template: &'static str,
        /// Why.
        reason: String,
    },
}

/// A line of the route table, as `routes.golden` prints it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RouteInfo {
    /// Path or type.
    pub template: String,
    /// The method.
    pub verb: Verb,
    /// The plane's name.
    pub plane: Plane,
    /// What it needs: actions, `any token`, or `public: why`.
    pub needs: Vec<String>,
    /// Whether it lists, and is filtered by what is visible.
    pub is_list: bool,
    /// Whether any token is enough for who asks about itself; then `needs` is for asking about others.
    pub is_open_about_oneself: bool,
    /// The route itself.
    pub(crate) order: usize,
}

/// A match: the route, and what the path named.
pub(crate) struct Matched<'a> {
    pub(crate) mounted: &'a Mounted,
    pub(crate) params: Params,
    /// For ARM routes: the target.
    pub(crate) target: Option<Scope>,
}

/// Why nothing matched.
pub(crate) enum Unmatched {
    Path(PathError),
    /// The path is known with these verbs.
    Verb(String),
    /// An ARM type that is not known, and the nearest that is.
    ResourceType {
        given: String,
        nearest: Option<String>,
    },
    Nothing,
}

#[derive(Default)]
pub(crate) struct Table {
    mounted: Vec<Mounted>,
    arm: HashMap<(String, Form), Vec<usize>>,
    paths: matchit::Router<Vec<usize>>,
    templates: HashMap<String, Vec<usize>>,
}

impl Table {
    pub(crate) fn build(mounted: Vec<Mounted>) -> Result<Table, MountError> {
        let mut table = Table { mounted, ..Table::default() };
        for index in 0..table.mounted.len() {
            table.index(index)?;
        }
        for (template, indexes) in std::mem::take(&mut table.templates) {
            let given = indexes.first().and_then(|index| table.mounted.get(*index)).map(|mounted| mounted.route);
            table.paths.insert(template, indexes).map_err(|error| MountError::Template {
                template: match given {
                    Some(Route::Path { template, .. }) => template,
                    _ => "",
                },
                reason: error.to_string(),
            })?;
        }
        Ok(table)
    }

    fn index(&mut self, index: usize) -> Result<(), MountError> {
        let Some(mounted) = self.mounted.get(index) else { return Ok(()) };
        let (route, verb) = (mounted.route, mounted.route.verb());
        if let Serve::Guarded { need, .. } = &mounted.serve {
            catalogued(&route, need)?;
        }
        let slot = match route {
            Route::Arm { resource_type, form, .. } => {
                self.arm.entry((resource_type.to_ascii_lowercase(), form)).or_default()
            }
            Route::Path { template, .. } => self.templates.entry(template.to_ascii_lowercase()).or_default(),
        };
        let twice = slot.iter().any(|other| self.mounted.get(*other).is_some_and(|other| other.route.verb() == verb));
        if twice {
            return Err(MountError::Twice(format!("{verb} {}", route.template())));
        }
        slot.push(index);
        Ok(())
    }

    /// Finds the route of a normalised path.
    pub(crate) fn find(&self, verb: Option<Verb>, path: &RequestPath) -> Result<Matched<'_>, Unmatched> {
        if is_arm(path) { self.find_arm(verb, path) } else { self.find_path(verb, path) }
    }

    fn find_arm(&self, verb: Option<Verb>, path: &RequestPath) -> Result<Matched<'_>, Unmatched> {
        let named = ArmPath::parse(path).map_err(Unmatched::Path)?;
        let (form, target) = match named.item {
            Some(item) => (Form::Item, item),
            None if verb == Some(Verb::Post) => (Form::Action, named.base),
            None => (Form::Collection, named.base),
        };
        let key = named.resource_type.key().to_owned();
        match self.arm.get(&(key.clone(), form)) {
            Some(indexes) => self.pick(indexes, verb).map(|mounted| Matched {
                mounted,
                params: Params::default(),
                target: Some(target),
            }),
            None => Err(self.unknown_type(&key, named.resource_type.as_str(), form)),
        }
    }

    fn unknown_type(&self, key: &str, given: &str, form: Form) -> Unmatched {
        let verbs: Vec<&str> = [Form::Item, Form::Collection, Form::Action]
            .into_iter()
            .filter(|other| *other != form)
            .filter_map(|other| self.arm.get(&(key.to_owned(), other)))
            .flatten()
            .filter_map(|index| self.mounted.get(*index))
            .map(|mounted| mounted.route.verb().as_str())
            .collect();
        if !verbs.is_empty() {
            return Unmatched::Verb(verbs.join(", "));
        }
        let known = self.mounted.iter().filter_map(|mounted| match mounted.route {
            Route::Arm { resource_type, .. } => Some(resource_type),
            Route::Path { .. } => None,
        });
        Unmatched::ResourceType { given: given.to_owned(), nearest: nearest(given, known).map(str::to_owned) }
    }

    fn find_path(&self, verb: Option<Verb>, path: &RequestPath) -> Result<Matched<'_>, Unmatched> {
        let found = self.paths.at(path.key()).map_err(|_not_found| Unmatched::Nothing)?;
        let mounted = self.pick(found.value, verb)?;
        Ok(Matched { mounted, params: Params::of(&mounted.named, path.segments()), target: None })
    }

    /// The route of this verb; HEAD falls back to GET, whose body the server leaves out.
    fn pick(&self, indexes: &[usize], verb: Option<Verb>) -> Result<&Mounted, Unmatched> {
        let candidates = || indexes.iter().filter_map(|index| self.mounted.get(*index));
        let of = |wanted: Verb| candidates().find(|mounted| mounted.route.verb() == wanted);
        let found = match verb {
            Some(Verb::Head) => of(Verb::Head).or_else(|| of(Verb::Get)),
            Some(verb) => of(verb),
            None => None,
        };
        found.ok_or_else(|| {
            let verbs: Vec<&str> = candidates().map(|mounted| mounted.route.verb().as_str()).collect();
            Unmatched::Verb(verbs.join(", "))
        })
    }

    /// Every route, sorted as `routes.golden` prints them.
    pub(crate) fn list(&self) -> Vec<(RouteInfo, Route)> {
        let line = |(order, mounted): (usize, &Mounted)| {
            let needs = match &mounted.serve {
                Serve::Public { why, .. } => vec![format!("public: {why}")],
                Serve::Guarded { need, .. } => needed(need),
            };
            let need = match &mounted.serve {
                Serve::Guarded { need, .. } => Some(&**need),
                Serve::Public { .. } => None,
            };
            let is_list = matches!(need, Some(Need::Visible(_)));
            let is_open_about_oneself = matches!(need, Some(Need::OwnOr(..)));
            let route = mounted.route;
            let info = RouteInfo {
                template: route.template().into_owned(),
                verb: route.verb(),
                plane: route.plane(),
                needs,
                is_list,
                is_open_about_oneself,
                order,
            };
            (info, route)
        };
        let mut list: Vec<_> = self.mounted.iter().enumerate().map(line).collect();
        list.sort_by(|(one, _), (other, _)| one.cmp(other));
        list
    }
}

/// Whether a path follows ARM's grammar.
pub(crate) fn is_arm(path: &RequestPath) -> bool {
    let first = path.segments().next().unwrap_or_default();
    ["subscriptions", "providers", "tenants"].iter().any(|name| first.eq_ignore_ascii_case(name))
}

fn needed(need: &Need) -> Vec<String> {
    let show = |permission: &Permission| {
        let plane = match permission {
            Permission::Action(_) => "action",
            Permission::DataAction(_) => "data action",
            Permission::Directory(_) => "directory",
        };
        format!("{plane} {}", permission.text())
    };
    match need {
        Need::All(first, rest) => std::iter::once(first).chain(rest).map(show).collect(),
        Need::Visible(permission) | Need::OwnOr(_, permission) => vec![show(permission)],
        Need::AnyToken(_) => vec!["any token".to_owned()],
    }
}

/// A route whose action nobody catalogued cannot be granted on purpose: it is refused when it is mounted.
fn catalogued(route: &Route, need: &Need) -> Result<(), MountError> {
    let permissions: Vec<&Permission> = match need {
        Need::All(first, rest) => std::iter::once(first).chain(rest).collect(),
        Need::Visible(permission) | Need::OwnOr(_, permission) => vec![permission],
        Need::AnyToken(_) => Vec::new(),
    };
    let unknown = permissions.into_iter().find(|permission| !rbac::catalogue().is_known(permission));
    match unknown {
        Some(permission) => Err(MountError::NotCatalogued {
            route: format!("{} {}", route.verb(), route.template()),
            action: permission.text().to_owned(),
        }),
        None => Ok(()),
    }
}
