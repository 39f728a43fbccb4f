//! Requests, half of them such as are made by people who may, half of them drawn at random.

use arm::Scope;
use fastrand::Rng;
use rbac::Permission;
use rbac::built_in::Operation;
use uuid::Uuid;

use crate::roles::{self, Given};
use crate::tenant::Tenant;

/// Who wants to do what where.
#[derive(Clone, Debug)]
pub struct Asked {
    /// A person.
    pub principal: Uuid,
    /// What.
    pub operation: &'static Operation,
    /// The same, as the engine takes it.
    pub permission: Permission,
    /// An account or project.
    pub scope: Scope,
}

impl Asked {
    fn new(principal: Uuid, operation: &'static Operation, scope: Scope) -> Asked {
        Asked { principal, operation, permission: operation.permission(), scope }
    }
}

/// Draws requests from a tenant.
pub struct Draw<'a> {
    tenant: &'a Tenant,
    given: &'a Given,
    rng: Rng,
}

impl<'a> Draw<'a> {
    /// The same seed draws the same requests.
    pub fn new(tenant: &'a Tenant, given: &'a Given, seed: u64) -> Draw<'a> {
        Draw { tenant, given, rng: Rng::with_seed(seed) }
    }

    /// So many.
    pub fn requests(&mut self, count: usize) -> Vec<Asked> {
        (0..count).map(|_| if self.rng.bool() { self.granted() } else { self.random() }).collect()
    }

    /// So many at the account with many assignments, or below it.
    pub fn requests_at_one_account(&mut self, count: usize) -> Vec<Asked> {
        let account = &self.tenant.one_account;
        let mut requests = self.requests(count);
        for request in &mut requests {
            request.scope = self.tenant.target_below(account, &mut self.rng);
        }
        requests
    }

    /// One that some role assignment gives.
    fn granted(&mut self) -> Asked {
        let assignments = &self.tenant.facts.assignments;
        let assignment = &assignments[self.rng.usize(..assignments.len())];
        let principal = self.tenant.somebody_in(assignment.principal, &mut self.rng);
        let operations = self.given.operations(assignment.role);
        if operations.is_empty() {
            return self.random();
        }
        let operation = operations[self.rng.usize(..operations.len())];
        Asked::new(principal, operation, self.tenant.target_below(&assignment.scope, &mut self.rng))
    }

    fn random(&mut self) -> Asked {
        let (users, targets) = (&self.tenant.users, &self.tenant.targets);
        let principal = users[self.rng.usize(..users.len())];
        let target = targets[self.rng.usize(..targets.len())].clone();
        Asked::new(principal, roles::any_operation(&mut self.rng), target)
    }
}
