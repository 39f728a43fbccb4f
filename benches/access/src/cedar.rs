//! The same questions put to Cedar, as well as they can be put to it.
//!
//! Cedar is given what an index would have found: for each request a policy set of the assignments at the target and above it, each a
//! link of one template per role. Nothing of that is timed. Roles are groups of actions, people are in their groups by the entity
//! hierarchy, both closed beforehand; places need not be compared any more, since all candidates hold at the target. No schema, no
//! conditions; deny assignments are `forbid`.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use anyhow::Result;
use arm::Scope;
use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, Policy, PolicyId, PolicySet,
    Request, SlotId, Template,
};
use rbac::{DenyAssignment, RoleAssignment, catalogue};
use uuid::Uuid;

use crate::request::Asked;
use crate::roles::{self, Given};
use crate::tenant::Tenant;

/// Cedar, with everything about a tenant that it can be told beforehand.
pub struct Cedar<'a> {
    tenant: &'a Tenant,
    authorizer: Authorizer,
    entities: Entities,
    assignments_at: HashMap<Scope, Vec<&'a RoleAssignment>>,
    denies_at: HashMap<Scope, Vec<&'a DenyAssignment>>,
    templates: HashMap<Uuid, Template>,
    by_scope: RefCell<HashMap<Scope, Rc<Policies>>>,
}

/// One request and the policies that can matter to it.
pub struct Question {
    request: Request,
    policies: Rc<Policies>,
    /// Whether a conditional assignment of the caller was left out, so that the engines may differ.
    pub has_condition: bool,
}

/// A policy set.
#[derive(Default)]
struct Policies {
    set: PolicySet,
    count: usize,
    /// Holders of the assignments that were left out for their condition.
    conditional: Vec<Uuid>,
}

impl Question {
    /// How many policies Cedar is given.
    pub fn candidates(&self) -> usize {
        self.policies.count
    }
}

/// Which of the assignments at the target and above it Cedar is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Candidates {
    /// All of them.
    OfTheScopes,
    /// Those of the caller and its groups: what is left after most of the work of deciding is done.
    OfTheCaller,
}

impl<'a> Cedar<'a> {
    /// Tells it about people, groups and roles.
    pub fn new(tenant: &'a Tenant, given: &Given) -> Result<Cedar<'a>> {
        let mut assignments_at: HashMap<Scope, Vec<&RoleAssignment>> = HashMap::new();
        for assignment in &tenant.facts.assignments {
            assignments_at.entry(assignment.scope.clone()).or_default().push(assignment);
        }
        let mut denies_at: HashMap<Scope, Vec<&DenyAssignment>> = HashMap::new();
        for deny in &tenant.facts.denies {
            denies_at.entry(deny.scope.clone()).or_default().push(deny);
        }
        let templates = roles::assigned(&tenant.facts.roles).into_iter().map(|role| Ok((role, template(role)?)));
        Ok(Cedar {
            tenant,
            authorizer: Authorizer::new(),
            entities: entities(tenant, given)?,
            assignments_at,
            denies_at,
            templates: templates.collect::<Result<_>>()?,
            by_scope: RefCell::default(),
        })
    }

    /// May it?
    pub fn allows(&self, question: &Question) -> bool {
        let response = self.authorizer.is_authorized(&question.request, &question.policies.set, &self.entities);
        response.decision() == Decision::Allow
    }

    /// Prepares a question: what an index in front of Cedar would have to do, not timed.
    pub fn question(&self, asked: &Asked, candidates: Candidates) -> Result<Question> {
        let callers = self.identity(asked.principal);
        let policies = match candidates {
            Candidates::OfTheScopes => self.of_scopes(&asked.scope)?,
            Candidates::OfTheCaller => Rc::new(self.policies(&asked.scope, |holder| callers.contains(&holder))?),
        };
        let has_condition = policies.conditional.iter().any(|holder| callers.contains(holder));
        let action = action(asked.operation.name, asked.operation.is_data);
        let resource = uid("Scope", asked.scope.key());
        let principal = uid("Principal", &asked.principal.to_string());
        let request = Request::new(principal, action, resource, Context::empty(), None)?;
        Ok(Question { request, policies, has_condition })
    }

    /// The same set for every request about a place.
    fn of_scopes(&self, scope: &Scope) -> Result<Rc<Policies>> {
        if let Some(known) = self.by_scope.borrow().get(scope) {
            return Ok(Rc::clone(known));
        }
        let made = Rc::new(self.policies(scope, |_| true)?);
        self.by_scope.borrow_mut().insert(scope.clone(), Rc::clone(&made));
        Ok(made)
    }

    /// What holds at the place, of these holders.
    fn policies(&self, target: &Scope, is_wanted: impl Fn(Uuid) -> bool) -> Result<Policies> {
        let mut policies = Policies::default();
        let mut linked = HashSet::new();
        for scope in self.tenant.chain(target) {
            for assignment in self.assignments_at.get(&scope).into_iter().flatten() {
                match &assignment.condition {
                    Some(_) => policies.conditional.push(assignment.principal),
                    None if is_wanted(assignment.principal) => self.link(assignment, &mut linked, &mut policies)?,
                    None => {}
                }
            }
            for deny in self.denies_at.get(&scope).into_iter().flatten() {
                if scope == *target || !deny.do_not_apply_to_child_scopes {
                    forbid(deny, &mut policies)?;
                }
            }
        }
        Ok(policies)
    }

    fn link(&self, assignment: &RoleAssignment, linked: &mut HashSet<Uuid>, policies: &mut Policies) -> Result<()> {
        let Some(template) = self.templates.get(&assignment.role) else { return Ok(()) };
        if linked.insert(assignment.role) {
            policies.set.add_template(template.clone())?;
        }
        let holder = uid("Principal", &assignment.principal.to_string());
        let values = HashMap::from([(SlotId::principal(), holder)]);
        let name = PolicyId::new(format!("assignment-{}", policies.count));
        policies.set.link(template.id().clone(), name, values)?;
        policies.count += 1;
        Ok(())
    }

    /// The caller and its groups.
    fn identity(&self, principal: Uuid) -> HashSet<Uuid> {
        let mut found = HashSet::from([principal]);
        let mut open = vec![principal];
        while let Some(next) = open.pop() {
            for group in self.tenant.groups_of.get(&next).into_iter().flatten() {
                if found.insert(*group) {
                    open.push(*group);
                }
            }
        }
        found
    }
}

/// The role's template: whoever is, or is in, the holder may do what the role gives.
fn template(role: Uuid) -> Result<Template> {
    let text = format!(r#"permit(principal in ?principal, action in Action::"{role}", resource);"#);
    Ok(Template::parse(Some(PolicyId::new(format!("role-{role}"))), text)?)
}

/// A deny assignment as one policy for each principal that it names.
fn forbid(deny: &DenyAssignment, policies: &mut Policies) -> Result<()> {
    let excluded: Vec<String> =
        deny.exclude_principals.iter().map(|id| format!(r#"principal in Principal::"{id}""#)).collect();
    let unless = if excluded.is_empty() { String::new() } else { format!(" unless {{ {} }}", excluded.join(" || ")) };
    for (number, principal) in deny.principals.iter().enumerate() {
        let whom = match *principal {
            DenyAssignment::ALL_PRINCIPALS => "principal".to_owned(),
            id => format!(r#"principal in Principal::"{id}""#),
        };
        let text = format!(r#"forbid({whom}, action in Action::"{}", resource){unless};"#, deny.id.key());
        let name = PolicyId::new(format!("{}-{number}", deny.id.key()));
        policies.set.add(Policy::parse(Some(name), text)?)?;
        policies.count += 1;
    }
    Ok(())
}

/// People and groups with what they are in, actions with the roles that give them and the deny assignments that name them.
fn entities(tenant: &Tenant, given: &Given) -> Result<Entities> {
    let mut all = Vec::new();
    for (principal, _) in &tenant.facts.principals {
        let groups = tenant.groups_of.get(principal).into_iter().flatten();
        let parents = groups.map(|group| uid("Principal", &group.to_string())).collect();
        all.push(Entity::new_no_attrs(uid("Principal", &principal.to_string()), parents));
    }
    for operation in catalogue().operations() {
        let mut parents: HashSet<EntityUid> =
            given.roles(operation).iter().map(|role| uid("Action", &role.to_string())).collect();
        let denied =
            |deny: &&DenyAssignment| deny.permissions.iter().any(|permission| roles::gives(permission, operation));
        parents.extend(tenant.facts.denies.iter().filter(denied).map(|deny| uid("Action", deny.id.key())));
        all.push(Entity::new_no_attrs(action(operation.name, operation.is_data), parents));
    }
    Ok(Entities::from_entities(all, None)?)
}

/// The two planes never mix: an action's name says which it is of.
fn action(name: &str, is_data: bool) -> EntityUid {
    uid("Action", &format!("{}:{name}", if is_data { "data" } else { "control" }))
}

fn uid(kind: &'static str, id: &str) -> EntityUid {
    let kind: EntityTypeName = kind.parse().expect("the type names of this file are identifiers");
    EntityUid::from_type_name_and_id(kind, EntityId::new(id))
}
