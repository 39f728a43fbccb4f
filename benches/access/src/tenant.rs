//! A tenant as a large organisation has it: people in nested groups, a tree of places, roles given all over it.

use std::collections::HashMap;

use arm::Scope;
use fastrand::Rng;
use rbac::{DenyAssignment, Facts, PrincipalType, RoleAssignment, RolePermission};
use uuid::Uuid;

use crate::roles;

/// How large.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// People.
    pub users: usize,
    /// Groups; a fifth of them hold the others.
    pub groups: usize,
    /// Groups that each person is put into; through them it is in about twice as many.
    pub groups_of_a_user: usize,
    /// Subscriptions; a place has ten groups of resources, each of them three accounts with two projects each.
    pub subscriptions: usize,
    /// Role assignments, spread over the tree.
    pub assignments: usize,
    /// Of a thousand assignments, how many have a condition.
    pub conditional_per_mille: usize,
    /// Deny assignments.
    pub denies: usize,
    /// Further assignments, all at one account.
    pub at_one_account: usize,
}

impl Shape {
    /// The tenant of the figures: 50 000 people, 5 000 groups, about 20 000 places.
    pub fn large(assignments: usize) -> Shape {
        Shape {
            users: 50_000,
            groups: 5_000,
            groups_of_a_user: 11,
            subscriptions: 200,
            assignments,
            conditional_per_mille: 10,
            denies: 300,
            at_one_account: 0,
        }
    }

    /// A small one in which much meets, without conditions: what another engine can be asked about.
    pub fn small() -> Shape {
        Shape {
            users: 400,
            groups: 40,
            groups_of_a_user: 3,
            subscriptions: 4,
            assignments: 3_000,
            conditional_per_mille: 0,
            denies: 30,
            at_one_account: 0,
        }
    }
}

/// What a snapshot is made from, and what requests are drawn from.
pub struct Tenant {
    /// The facts.
    pub facts: Facts,
    /// The people.
    pub users: Vec<Uuid>,
    /// Who is in a group directly.
    pub members: HashMap<Uuid, Vec<Uuid>>,
    /// What somebody is in directly.
    pub groups_of: HashMap<Uuid, Vec<Uuid>>,
    /// Accounts and projects: what requests are about.
    pub targets: Vec<Scope>,
    /// The account with many assignments.
    pub one_account: Scope,
    /// The account or group of resources below each place, so that a request can be drawn from an assignment.
    below: HashMap<Scope, Vec<Scope>>,
    /// The place above, as it is in the tree.
    above: HashMap<Scope, Scope>,
}

/// Management groups of the second level; the first holds them all.
const MANAGEMENT_GROUPS: usize = 20;

impl Tenant {
    /// Makes it from the seed.
    pub fn generate(shape: Shape, seed: u64) -> Tenant {
        let mut rng = Rng::with_seed(seed);
        let tree = Tree::grow(shape.subscriptions);
        let one_account = tree.accounts[0].clone();
        let mut tenant = Tenant {
            facts: Facts { roles: roles::custom(&mut rng), parents: tree.parents, ..Facts::default() },
            users: Vec::new(),
            members: HashMap::new(),
            groups_of: HashMap::new(),
            targets: tree.accounts.iter().chain(&tree.projects).cloned().collect(),
            one_account: one_account.clone(),
            below: HashMap::new(),
            above: tree.above,
        };
        for (place, above) in &tenant.above {
            tenant.below.entry(above.clone()).or_default().push(place.clone());
        }
        tenant.below.values_mut().for_each(|places| places.sort());
        let groups = tenant.populate(shape, &mut rng);
        let levels = [tree.management_groups, tree.subscriptions, tree.resource_groups, tree.accounts, tree.projects];
        tenant.assign(shape, &levels, &groups, &mut rng);
        tenant.deny(shape.denies, &levels, &groups, &mut rng);
        tenant
    }

    /// The place and all above it, `/` last, by the tree and not by the engine.
    pub fn chain(&self, scope: &Scope) -> Vec<Scope> {
        let above = |place: &Scope| self.above.get(place).cloned();
        std::iter::successors(Some(scope.clone()), above).chain(std::iter::once(Scope::root())).collect()
    }

    /// Somebody who holds what the principal holds: itself, or a member however deep.
    pub fn somebody_in(&self, principal: Uuid, rng: &mut Rng) -> Uuid {
        match self.members.get(&principal).filter(|members| !members.is_empty()) {
            Some(members) => self.somebody_in(members[rng.usize(..members.len())], rng),
            None => principal,
        }
    }

    /// An account or project at or below the place, where there is one.
    pub fn target_below(&self, scope: &Scope, rng: &mut Rng) -> Scope {
        let children = self.below.get(scope).map_or(&[][..], Vec::as_slice);
        let is_account = scope.resource_type().is_some_and(|kind| kind.to_string().ends_with("accounts"));
        if children.is_empty() || (is_account && rng.bool()) {
            return scope.clone();
        }
        self.target_below(&children[rng.usize(..children.len())], rng)
    }

    fn populate(&mut self, shape: Shape, rng: &mut Rng) -> Vec<Uuid> {
        let groups: Vec<Uuid> = (0..shape.groups).map(|_| Uuid::from_u128(rng.u128(..))).collect();
        let (holding, held) = groups.split_at(shape.groups / 5);
        for group in &groups {
            self.facts.principals.push((*group, PrincipalType::Group));
        }
        for group in held {
            self.join(holding[rng.usize(..holding.len())], *group);
        }
        for _ in 0..shape.users {
            let user = Uuid::from_u128(rng.u128(..));
            self.facts.principals.push((user, PrincipalType::User));
            self.users.push(user);
            let mut joined: Vec<usize> = (0..shape.groups_of_a_user).map(|_| rng.usize(..held.len())).collect();
            joined.sort_unstable();
            joined.dedup();
            joined.into_iter().for_each(|at| self.join(held[at], user));
        }
        groups
    }

    fn join(&mut self, group: Uuid, member: Uuid) {
        self.facts.members.push((group, member));
        self.members.entry(group).or_default().push(member);
        self.groups_of.entry(member).or_default().push(group);
    }

    fn assign(&mut self, shape: Shape, levels: &[Vec<Scope>; 5], groups: &[Uuid], rng: &mut Rng) {
        let roles = roles::assigned(&self.facts.roles);
        // Of a hundred assignments, how many are at each level: few high up, most at what people work on.
        let per_cent = [1, 9, 30, 30, 30];
        for _ in 0..shape.assignments {
            let level = &levels[weighted(&per_cent, rng)];
            let scope = level[rng.usize(..level.len())].clone();
            let condition = (rng.usize(..1000) < shape.conditional_per_mille).then(|| condition(&roles, rng));
            self.put(scope, groups, &roles, condition, rng);
        }
        for _ in 0..shape.at_one_account {
            self.put(self.one_account.clone(), groups, &roles, None, rng);
        }
    }

    fn put(&mut self, scope: Scope, groups: &[Uuid], roles: &[Uuid], condition: Option<String>, rng: &mut Rng) {
        let (principal, principal_type) = match rng.bool() {
            true => (self.users[rng.usize(..self.users.len())], PrincipalType::User),
            false => (groups[rng.usize(..groups.len())], PrincipalType::Group),
        };
        let name = Uuid::from_u128(rng.u128(..)).to_string();
        self.facts.assignments.push(RoleAssignment {
            id: scope.extension("Microsoft.Authorization", "roleAssignments", &name),
            scope,
            role: roles[rng.usize(..roles.len())],
            principal,
            principal_type,
            condition,
        });
    }

    fn deny(&mut self, count: usize, levels: &[Vec<Scope>; 5], groups: &[Uuid], rng: &mut Rng) {
        for number in 0..count {
            let level = &levels[rng.usize(2..5)];
            let scope = level[rng.usize(..level.len())].clone();
            let for_everybody = rng.bool();
            let some = |rng: &mut Rng| vec![groups[rng.usize(..groups.len())]];
            let all = ["*/delete", "*/write", "*/action"][rng.usize(..3)].to_owned();
            let permission =
                RolePermission { actions: vec![all.clone()], data_actions: vec![all], ..RolePermission::default() };
            self.facts.denies.push(DenyAssignment {
                id: scope.extension(
                    "Microsoft.Authorization",
                    "denyAssignments",
                    &Uuid::from_u128(rng.u128(..)).to_string(),
                ),
                scope,
                name: format!("deny {number}"),
                permissions: vec![permission],
                principals: if for_everybody { vec![DenyAssignment::ALL_PRINCIPALS] } else { some(rng) },
                exclude_principals: if for_everybody { some(rng) } else { Vec::new() },
                do_not_apply_to_child_scopes: rng.bool(),
                condition: None,
                is_system_protected: false,
            });
        }
    }
}

/// A position, as often as its weight says.
fn weighted(per_cent: &[usize], rng: &mut Rng) -> usize {
    let whole: usize = per_cent.iter().sum();
    let mut drawn = rng.usize(..whole);
    for (at, weight) in per_cent.iter().enumerate() {
        if drawn < *weight {
            return at;
        }
        drawn -= weight;
    }
    0
}

/// The usual condition: whoever may assign roles may assign these alone. There are as many texts as roles.
fn condition(roles: &[Uuid], rng: &mut Rng) -> String {
    let role = roles[rng.usize(..roles.len())];
    format!(
        "((!(ActionMatches{{'Microsoft.Authorization/roleAssignments/write'}})) OR \
         (@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {{{role}}}))"
    )
}

/// The places, by level.
struct Tree {
    management_groups: Vec<Scope>,
    subscriptions: Vec<Scope>,
    resource_groups: Vec<Scope>,
    accounts: Vec<Scope>,
    projects: Vec<Scope>,
    parents: Vec<(Scope, Scope)>,
    above: HashMap<Scope, Scope>,
}

impl Tree {
    fn grow(subscriptions: usize) -> Tree {
        let group = |name: &str| Scope::root().extension("Microsoft.Management", "managementGroups", name);
        let top = group("contoso");
        let mut tree = Tree {
            management_groups: vec![top.clone()],
            subscriptions: Vec::new(),
            resource_groups: Vec::new(),
            accounts: Vec::new(),
            projects: Vec::new(),
            parents: Vec::new(),
            above: HashMap::new(),
        };
        for number in 0..MANAGEMENT_GROUPS {
            let unit = group(&format!("unit-{number}"));
            tree.parents.push((unit.clone(), top.clone()));
            tree.above.insert(unit.clone(), top.clone());
            tree.management_groups.push(unit);
        }
        for number in 0..subscriptions {
            let id = Uuid::from_u128(0x5000_0000_0000_0000_0000_0000_0000_0000 + number as u128);
            let subscription = Scope::subscription(&id.to_string());
            let unit = tree.management_groups[1 + number % MANAGEMENT_GROUPS].clone();
            tree.parents.push((subscription.clone(), unit.clone()));
            tree.above.insert(subscription.clone(), unit);
            tree.branch(&subscription, number);
            tree.subscriptions.push(subscription);
        }
        tree
    }

    /// Groups of resources, accounts and projects of one subscription.
    fn branch(&mut self, subscription: &Scope, number: usize) {
        for group_number in 0..10 {
            let group = subscription.child("resourceGroups", &format!("rg-{number}-{group_number}"));
            self.above.insert(group.clone(), subscription.clone());
            for account_number in 0..3 {
                let name = format!("foundry-{number}-{group_number}-{account_number}");
                let account = group.extension("Microsoft.CognitiveServices", "accounts", &name);
                self.above.insert(account.clone(), group.clone());
                for project_number in 0..2 {
                    let project = account.child("projects", &format!("project-{project_number}"));
                    self.above.insert(project.clone(), account.clone());
                    self.projects.push(project);
                }
                self.accounts.push(account);
            }
            self.resource_groups.push(group);
        }
    }
}
