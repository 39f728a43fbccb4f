//! Two engines that share no code decide alike.

use bench_access::cedar::{Candidates, Cedar};
use bench_access::request::Draw;
use bench_access::roles::Given;
use bench_access::tenant::{Shape, Tenant};
use rbac::{AccessRequest, Attributes, Snapshot, evaluate};

/// Requests in all.
const REQUESTS: usize = 120_000;
const TENANTS: u64 = 12;

#[test]
fn cedar_agrees_on_every_request_that_it_can_be_asked() {
    let attributes = Attributes::none();
    let (mut allowed, mut refused) = (0, 0);
    for seed in 0..TENANTS {
        let tenant = Tenant::generate(Shape::small(), seed);
        let given = Given::read(&tenant.facts.roles);
        let cedar = Cedar::new(&tenant, &given).unwrap();
        let snapshot = Snapshot::compile(tenant.facts.clone());
        for asked in Draw::new(&tenant, &given, seed).requests(REQUESTS / TENANTS as usize) {
            let question = cedar.question(&asked, Candidates::OfTheScopes).unwrap();
            assert!(!question.has_condition);
            let request = AccessRequest {
                principal: asked.principal,
                permission: &asked.permission,
                scope: &asked.scope,
                attributes: &attributes,
            };
            let ours = evaluate(&request, &snapshot).is_allowed();
            assert_eq!(ours, cedar.allows(&question), "tenant {seed}: {asked:?}");
            if ours { allowed += 1 } else { refused += 1 }
        }
    }
    // Both answers occur, or nothing was compared.
    assert!(allowed > REQUESTS / 10 && refused > REQUESTS / 10, "{allowed} allowed, {refused} refused");
}
