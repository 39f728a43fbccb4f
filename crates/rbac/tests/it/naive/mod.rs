//! A second evaluator, written from the rules alone and sharing no code with the first: lists, text and recursion.
//!
//! 1. Who is asking: the caller and each group that it is in, however deep; nobody if it is not in the directory.
//! 2. Where: the scope and each place above it.
//! 3. A deny assignment there, for one of these and not for an excluded one, that includes the permission, and whose
//!    conditions are not false: DENY.
//! 4. A role assignment there, for one of these, whose role includes the permission, and whose conditions are true: ALLOW.
//! 5. Only a condition was in the way: NOT_ALLOWED(condition). Else NOT_ALLOWED.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use rbac::{DenyAssignment, Facts, Permission, PrincipalType, RoleAssignment, RoleDefinition, RolePermission};
use uuid::Uuid;

pub(crate) use crate::second_opinion::condition;
use crate::second_opinion::pattern::pattern_matches;
use condition::{Known, Truth};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The ids of all assignments that grant.
    Allow(BTreeSet<String>),
    NotAllowed,
    NotAllowedCondition,
    /// The ids of all deny assignments that deny; true where one denies because its condition cannot be decided.
    Deny(BTreeMap<String, bool>),
}

pub(crate) struct Request<'a> {
    pub(crate) principal: Uuid,
    pub(crate) permission: &'a Permission,
    pub(crate) scope: &'a str,
    pub(crate) known: &'a Known,
}

/// Facts, and what was worked out of them for earlier requests.
pub(crate) struct Tenant<'a> {
    facts: &'a Facts,
    roles: HashMap<Uuid, &'a RoleDefinition>,
    /// The scope of each role assignment, in lower case.
    scopes: Vec<String>,
    holders: RefCell<HashMap<Uuid, BTreeSet<Uuid>>>,
    above: RefCell<HashMap<String, BTreeSet<String>>>,
    /// By the place of the permission object in memory.
    includes: RefCell<HashMap<(*const RolePermission, Permission), bool>>,
}

impl<'a> Tenant<'a> {
    pub(crate) fn new(facts: &'a Facts) -> Tenant<'a> {
        // Custom roles cannot replace built-in ones.
        let roles = facts.roles.iter().chain(rbac::built_in()).map(|role| (role.id, role)).collect();
        let scopes = facts.assignments.iter().map(|assignment| lower(assignment.scope.as_str())).collect();
        let (holders, above, includes) = Default::default();
        Tenant { facts, roles, scopes, holders, above, includes }
    }

    pub(crate) fn evaluate(&self, request: &Request<'_>) -> Outcome {
        let denying = self.denying(request);
        if !denying.is_empty() {
            return Outcome::Deny(denying);
        }
        let (mut granting, mut conditional) = (BTreeSet::new(), false);
        let (holders, above) = (self.holders(request.principal), self.above(request.scope));
        for (assignment, scope) in self.facts.assignments.iter().zip(&self.scopes) {
            let holds_here = holders.contains(&assignment.principal) && above.contains(scope);
            match holds_here.then(|| self.gives(assignment, request)).flatten() {
                Some(true) => {
                    granting.insert(assignment.id.to_string());
                }
                Some(false) => conditional = true,
                None => {}
            }
        }
        match (granting.is_empty(), conditional) {
            (false, _) => Outcome::Allow(granting),
            (true, true) => Outcome::NotAllowedCondition,
            (true, false) => Outcome::NotAllowed,
        }
    }

    /// Some(true): gives it. Some(false): only a condition is in the way. None: does not include it.
    fn gives(&self, assignment: &RoleAssignment, request: &Request<'_>) -> Option<bool> {
        let role = self.roles.get(&assignment.role)?;
        let mut including =
            role.permissions.iter().filter(|object| self.includes(object, request.permission)).peekable();
        including.peek()?;
        // What is undecided or cannot be read does not grant.
        let holds = |condition: &Option<String>| truth(condition.as_deref(), request) == Some(true);
        Some(including.any(|object| holds(&object.condition)) && holds(&assignment.condition))
    }

    fn denying(&self, request: &Request<'_>) -> BTreeMap<String, bool> {
        let of = |deny: &DenyAssignment| Some((deny.id.to_string(), self.denies(deny, request)?));
        self.facts.denies.iter().filter_map(of).collect()
    }

    /// Does it deny? Some(true) if only because a condition cannot be decided.
    fn denies(&self, deny: &DenyAssignment, request: &Request<'_>) -> Option<bool> {
        let at = lower(deny.scope.as_str());
        let here = if deny.do_not_apply_to_child_scopes {
            at == lower(request.scope)
        } else {
            self.above(request.scope).contains(&at)
        };
        let callers = self.holders(request.principal);
        let meant = deny.principals.iter().any(|id| id.is_nil() || callers.contains(id));
        let excluded = deny.exclude_principals.iter().any(|id| callers.contains(id));
        if !here || !meant || excluded {
            return None;
        }
        let including = deny.permissions.iter().filter(|object| self.includes(object, request.permission));
        let truths: Vec<Truth> = including.map(|object| truth(object.condition.as_deref(), request)).collect();
        let of_permission = match truths {
            truths if truths.contains(&Some(true)) => Some(true),
            truths if truths.contains(&None) => None,
            _ => return None,
        };
        match (of_permission, truth(deny.condition.as_deref(), request)) {
            (_, Some(false)) => None,
            (of_permission, of_deny) => Some(of_permission.is_none() || of_deny.is_none()),
        }
    }

    /// Subtraction stays inside one permission object; the planes never mix; rights in the directory are no role's.
    fn includes(&self, object: &RolePermission, permission: &Permission) -> bool {
        let (given, taken) = match permission {
            Permission::Action(_) => (&object.actions, &object.not_actions),
            Permission::DataAction(_) => (&object.data_actions, &object.not_data_actions),
            Permission::Directory(_) => return false,
        };
        let matches = |patterns: &[String]| patterns.iter().any(|pattern| matched(pattern, permission.text()));
        let named = !permission.text().is_empty() && !permission.text().contains('*');
        let mut known = self.includes.borrow_mut();
        let includes = known.entry((std::ptr::from_ref(object), permission.clone()));
        *includes.or_insert_with(|| named && matches(given) && !matches(taken))
    }

    /// The principal, and each group in the directory that it is in, however deep.
    fn holders(&self, principal: Uuid) -> std::cell::Ref<'_, BTreeSet<Uuid>> {
        self.holders.borrow_mut().entry(principal).or_insert_with(|| holders(self.facts, principal));
        std::cell::Ref::map(self.holders.borrow(), |known| &known[&principal])
    }

    /// Every place at which an assignment reaches the scope, in lower case.
    pub(crate) fn above(&self, scope: &str) -> std::cell::Ref<'_, BTreeSet<String>> {
        self.above.borrow_mut().entry(scope.to_owned()).or_insert_with(|| above(self.facts, scope));
        std::cell::Ref::map(self.above.borrow(), |known| &known[scope])
    }
}

/// As `pattern_matches`, remembered: the built-in roles are the same in every tenant.
fn matched(pattern: &str, action: &str) -> bool {
    thread_local! {
        static KNOWN: RefCell<HashMap<String, HashMap<String, bool>>> = RefCell::default();
    }
    KNOWN.with_borrow_mut(|known| {
        let of_action = known.entry(action.to_owned()).or_default();
        if let Some(matches) = of_action.get(pattern) {
            return *matches;
        }
        let matches = pattern_matches(pattern, action);
        of_action.insert(pattern.to_owned(), matches);
        matches
    })
}

/// No condition is true; one that cannot be read is as one that cannot be decided.
fn truth(condition: Option<&str>, request: &Request<'_>) -> Truth {
    match condition {
        None => Some(true),
        Some(text) => condition::decide(text, request.permission.text(), request.known).unwrap_or(None),
    }
}

fn holders(facts: &Facts, principal: Uuid) -> BTreeSet<Uuid> {
    let kinds: BTreeMap<Uuid, PrincipalType> = facts.principals.iter().copied().collect();
    let mut holders = BTreeSet::new();
    if kinds.contains_key(&principal) {
        holders.insert(principal);
    }
    loop {
        let next: Vec<Uuid> = facts
            .members
            .iter()
            .filter(|(group, member)| {
                holders.contains(member) && !holders.contains(group) && kinds.get(group) == Some(&PrincipalType::Group)
            })
            .map(|(group, _)| *group)
            .collect();
        if next.is_empty() {
            return holders;
        }
        holders.extend(next);
    }
}

fn above(facts: &Facts, scope: &str) -> BTreeSet<String> {
    let parents: BTreeMap<String, String> =
        facts.parents.iter().map(|(child, parent)| (lower(child.as_str()), lower(parent.as_str()))).collect();
    let mut above = BTreeSet::from(["/".to_owned()]);
    let scope = lower(scope);
    let mut ends: Vec<usize> = scope.match_indices('/').map(|(at, _)| at).filter(|at| *at > 0).collect();
    ends.push(scope.len());
    for end in ends {
        let mut place = scope[..end].to_owned();
        while above.insert(place.clone()) {
            match parents.get(&place) {
                Some(parent) => place = parent.clone(),
                None => break,
            }
        }
    }
    above
}

fn lower(text: &str) -> String {
    text.to_ascii_lowercase()
}
