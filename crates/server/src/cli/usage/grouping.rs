//! What a line stands for, and which lines a request counts for.

use std::collections::HashMap;

use clap::ValueEnum;
use store::{Record, World};
use uuid::Uuid;

/// What a line stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum By {
    /// A deployment of an account.
    Deployment,
    /// Who asked.
    Identity,
    /// A project of an account.
    Project,
    /// A group of who asked, as the directory is now; a request counts for each group that its caller is in.
    Group,
    /// A model of the catalog.
    Model,
    /// An account.
    Account,
    /// A provider outside.
    Upstream,
    /// A connection of an account or a project.
    Connection,
}

impl By {
    /// Its name on the command line and in JSON.
    pub(super) fn name(self) -> &'static str {
        match self {
            By::Deployment => "deployment",
            By::Identity => "identity",
            By::Project => "project",
            By::Group => "group",
            By::Model => "model",
            By::Account => "account",
            By::Upstream => "upstream",
            By::Connection => "connection",
        }
    }

    /// Whether names or memberships are needed.
    pub(super) fn needs_directory(self) -> bool {
        matches!(self, By::Identity | By::Group)
    }
}

/// A line's name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    /// What tells it from others: a name, or an object id.
    pub(super) id: String,
    /// The name that people know it by, where that is another.
    pub(super) name: Option<String>,
}

impl Key {
    fn named(id: &str) -> Key {
        Key { id: id.to_owned(), name: None }
    }
}

/// Whether a record is of the data plane, where models are used.
pub(super) fn is_use(record: &Record) -> bool {
    matches!(record.plane.as_ref(), "inference" | "project")
}

/// Finds the lines of requests.
pub(super) struct Grouping {
    by: By,
    world: Option<World>,
    /// Of who has asked so far.
    groups: HashMap<Uuid, Vec<Key>>,
}

impl Grouping {
    /// `world` is the directory's, where [`By::needs_directory`].
    pub(super) fn new(by: By, world: Option<World>) -> Grouping {
        Grouping { by, world, groups: HashMap::new() }
    }

    /// The lines that a request counts for: at least one; several only by group.
    pub(super) fn keys_of(&mut self, record: &Record) -> Vec<Key> {
        let of_account = |part: Option<&str>, none: &str| {
            let account = account_of(record).unwrap_or("(no account)");
            vec![Key::named(&format!("{account}/{}", part.unwrap_or(none)))]
        };
        match self.by {
            By::Deployment => of_account(record.deployment.as_deref(), "(no deployment)"),
            By::Project => of_account(project_of(record), "(no project)"),
            By::Account => vec![Key::named(account_of(record).unwrap_or("(no account)"))],
            By::Model => vec![Key::named(record.model.as_deref().unwrap_or("(no model)"))],
            By::Upstream => {
                let none = match (&record.connection, &record.model) {
                    (Some(_), _) => "(none: a connection)",
                    (None, Some(_)) => "(none: answered here)",
                    (None, None) => "(none)",
                };
                vec![Key::named(record.upstream.as_deref().unwrap_or(none))]
            }
            By::Connection => vec![Key::named(record.connection.as_deref().unwrap_or("(no connection)"))],
            By::Identity => vec![self.identity_of(record)],
            By::Group => match record.principal_id {
                Some(id) => self.groups_of(id),
                None => vec![Key::named("(no group: a key or a stranger)")],
            },
        }
    }

    fn identity_of(&self, record: &Record) -> Key {
        let Some(id) = record.principal_id else {
            let account = account_of(record).unwrap_or("(no account)");
            return match record.credential.as_ref() {
                "none" | "" => Key::named("(not recognised)"),
                slot => Key::named(&format!("{account}/{slot}")),
            };
        };
        let known = self.world.as_ref().and_then(|world| world.directory.object(id));
        let name = known.map(|object| object.user_principal_name.as_ref().unwrap_or(&object.display_name).clone());
        Key { id: id.to_string(), name: name.or_else(|| record.principal_label.as_deref().map(str::to_owned)) }
    }

    /// The groups of a principal, those that its groups are in included.
    fn groups_of(&mut self, principal: Uuid) -> Vec<Key> {
        if let Some(known) = self.groups.get(&principal) {
            return known.clone();
        }
        let mut keys = Vec::new();
        let mut seen = vec![principal];
        let mut next = 0;
        while let (Some(member), Some(world)) = (seen.get(next).copied(), &self.world) {
            next += 1;
            for group in world.directory.groups_of_direct(member) {
                if !seen.contains(&group.id) {
                    seen.push(group.id);
                    keys.push(Key { id: group.id.to_string(), name: Some(group.display_name.clone()) });
                }
            }
        }
        if keys.is_empty() {
            keys.push(Key::named("(no group)"));
        }
        self.groups.insert(principal, keys.clone());
        keys
    }
}

/// The account's name. Of what ended before its deployment was looked for, the decision's target has it.
fn account_of(record: &Record) -> Option<&str> {
    let of_key = record.account.as_deref().and_then(|account| account.rsplit('/').next());
    of_key.or_else(|| segment_after(record, "accounts"))
}

fn project_of(record: &Record) -> Option<&str> {
    record.project.as_deref().or_else(|| segment_after(record, "projects"))
}

fn segment_after<'a>(record: &'a Record, name: &str) -> Option<&'a str> {
    let mut segments = record.target.as_deref()?.split('/').skip_while(|segment| !segment.eq_ignore_ascii_case(name));
    segments.nth(1)
}
