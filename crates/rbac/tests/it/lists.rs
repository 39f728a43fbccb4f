//! Lists equal the sum of single checks: ten thousand users of a thousand random tenants.

use arm::Scope;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use rbac::{AccessRequest, Facts, Snapshot, visible_to};

use crate::generate::condition::known;
use crate::generate::{PEOPLE, SCOPES, any_edits, apply, someone};
use crate::random::permissions;
use crate::tenant::attributes;

const TENANTS: usize = 1000;
/// A list shows some and hides some of what is below at least this often, or the comparison would say little.
const LEAST_MIXED: usize = 300;

#[test]
fn ten_thousand_users_are_shown_what_single_checks_allow() {
    let mut runner = TestRunner::deterministic();
    let tenants = (any_edits(), known(), any::<prop::sample::Selector>());
    let scopes: Vec<Scope> = SCOPES.iter().map(|text| Scope::parse(text).unwrap()).collect();
    let (permissions, mut mixed) = (permissions(), 0);
    for tenant in 0..TENANTS {
        let (edits, known, pick) = tenants.new_tree(&mut runner).unwrap().current();
        let mut facts = Facts::default();
        edits.iter().for_each(|edit| apply(&mut facts, edit));
        let (snapshot, attributes) = (Snapshot::compile(facts), attributes(&known));
        let chains: Vec<Vec<Scope>> = scopes.iter().map(|scope| snapshot.chain(scope)).collect();
        for who in 0..PEOPLE {
            let (permission, base) = (pick.select(&permissions), pick.select(&scopes));
            let request = AccessRequest { principal: someone(who), permission, scope: base, attributes: &attributes };
            let shown = visible_to(&request, &snapshot);
            let below = scopes.iter().zip(&chains).filter(|(_, chain)| chain.contains(base));
            let below: Vec<&Scope> = below.map(|(scope, _)| scope).collect();
            let single = |scope| snapshot.look_up(someone(who), permission, scope).outcome(&attributes).is_allowed();
            let allowed = below.iter().filter(|scope| single(scope)).count();
            for scope in &scopes {
                let expected = below.contains(&scope) && single(scope);
                assert_eq!(
                    shown.covers(scope),
                    expected,
                    "tenant {tenant}: {who} {permission:?} {scope} below {base}: {shown:?}"
                );
            }
            assert!(!shown.is_empty() || allowed == 0, "tenant {tenant}: {who} {permission:?} below {base}");
            assert!(!shown.is_whole() || allowed == below.len(), "tenant {tenant}: {who} {permission:?} below {base}");
            mixed += usize::from(allowed > 0 && allowed < below.len());
        }
    }
    assert!(mixed >= LEAST_MIXED, "{mixed}");
}
