//! Random tenants: the compiled index, the naive evaluator, lists and edits must all agree.

use arm::Scope;
use proptest::collection::vec;
use proptest::prelude::*;
use rbac::{AccessRequest, Facts, Grant, Permission, Snapshot, Verdict, could_allow, evaluate, visible_to};

use crate::generate::condition::known;
use crate::generate::{ACTIONS, PEOPLE, SCOPES, any_edits, apply, someone};
use crate::naive::condition::Known;
use crate::naive::{self, Outcome};
use crate::tenant::attributes;

pub(crate) fn permissions() -> Vec<Permission> {
    let both = |text: &'static str| [Permission::Action(text.into()), Permission::DataAction(text.into())];
    ACTIONS.iter().flat_map(|text| both(text)).collect()
}

/// Do both name the same kind of outcome, for a reason that is one?
pub(crate) fn agree(verdict: &Verdict, expected: &Outcome) -> bool {
    match (verdict, expected) {
        (Verdict::Allowed(Grant::Assignment { assignment, .. }), Outcome::Allow(ids)) => {
            ids.contains(assignment.as_str())
        }
        (Verdict::Denied(deny), Outcome::Deny(ids)) => ids.get(deny.id.as_str()) == Some(&deny.undecided),
        (Verdict::NotAllowed(misses), Outcome::NotAllowedCondition) => misses.condition_false.is_some(),
        (Verdict::NotAllowed(misses), Outcome::NotAllowed) => misses.condition_false.is_none(),
        _ => false,
    }
}

/// Every principal, permission and scope of the small world, with what both evaluators say.
fn compare(snapshot: &Snapshot, facts: &Facts, known: &Known) -> Result<(), TestCaseError> {
    let scopes: Vec<Scope> = SCOPES.iter().map(|text| Scope::parse(text).unwrap()).collect();
    let (tenant, attributes) = (naive::Tenant::new(facts), &attributes(known));
    for who in 0..PEOPLE {
        let principal = someone(who);
        for permission in &permissions() {
            for scope in &scopes {
                let request = AccessRequest { principal, permission, scope, attributes };
                let verdict = evaluate(&request, snapshot);
                let scope_text = scope.as_str();
                let expected = tenant.evaluate(&naive::Request { principal, permission, scope: scope_text, known });
                let agrees = agree(&verdict, &expected);
                prop_assert!(agrees, "{principal} {permission:?} at {scope}: {verdict:?}, naive {expected:?}");
                let could = could_allow(principal, permission, scope, snapshot);
                match expected {
                    Outcome::Allow(_) => prop_assert!(could),
                    Outcome::NotAllowed => prop_assert!(!could),
                    Outcome::NotAllowedCondition => prop_assert!(could || !facts.denies.is_empty()),
                    Outcome::Deny(_) => {}
                }
            }
        }
    }
    Ok(())
}

/// For each base and each scope below it: shown exactly if a single check allows it.
fn compare_lists(snapshot: &Snapshot, facts: &Facts, known: &Known) -> Result<(), TestCaseError> {
    let scopes: Vec<Scope> = SCOPES.iter().map(|text| Scope::parse(text).unwrap()).collect();
    let (tenant, attributes) = (naive::Tenant::new(facts), &attributes(known));
    for who in 0..PEOPLE {
        let principal = someone(who);
        for permission in &permissions() {
            let request = |scope| AccessRequest { principal, permission, scope, attributes };
            let single: Vec<bool> =
                scopes.iter().map(|scope| evaluate(&request(scope), snapshot).is_allowed()).collect();
            for base in &scopes {
                let shown = visible_to(&request(base), snapshot);
                for (scope, single) in scopes.iter().zip(&single) {
                    let expected = tenant.above(scope.as_str()).contains(base.key()) && *single;
                    prop_assert!(
                        shown.covers(scope) == expected,
                        "{who} {permission:?} base {base} scope {scope}: {shown:?}, expected {expected}"
                    );
                }
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn an_edited_snapshot_decides_like_a_compiled_one(
        edits in any_edits(),
        cuts in vec(1_usize..12, 100),
        known in known(),
    ) {
        let (mut facts, mut snapshot, mut rest) = (Facts::default(), Snapshot::compile(Facts::default()), &edits[..]);
        for cut in cuts {
            let (now, later) = rest.split_at(cut.min(rest.len()));
            snapshot = snapshot.edited(now);
            rest = later;
        }
        edits.iter().for_each(|edit| apply(&mut facts, edit));
        compare(&snapshot, &facts, &known)?;
        let compiled = Snapshot::compile(facts);
        for who in 0..PEOPLE {
            prop_assert_eq!(snapshot.groups_of(someone(who)), compiled.groups_of(someone(who)));
        }
        for text in SCOPES {
            let scope = Scope::parse(text).unwrap();
            prop_assert_eq!(snapshot.chain(&scope), compiled.chain(&scope));
        }
        prop_assert!(snapshot.roles().map(|role| role.id).eq(compiled.roles().map(|role| role.id))
            || snapshot.roles().count() == compiled.roles().count());
    }

    #[test]
    fn a_list_shows_what_single_checks_allow(edits in any_edits(), known in known()) {
        let mut facts = Facts::default();
        edits.iter().for_each(|edit| apply(&mut facts, edit));
        compare_lists(&Snapshot::compile(facts.clone()), &facts, &known)?;
    }
}
