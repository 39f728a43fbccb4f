//! A million requests to two thousand random tenants: the compiled index and the naive evaluator say the same.
//!
//! `CUPOLA_REQUESTS` asks for another number of requests, `CUPOLA_TENANT` for one tenant alone: the one that a failure
//! names, and reduces to the few edits that make it.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use arm::Scope;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rbac::{AccessRequest, Edit, Facts, Permission, Snapshot, evaluate};

use crate::generate::condition::known;
use crate::generate::{PEOPLE, SCOPES, any_edits, apply, someone};
use crate::naive::condition::Known;
use crate::naive::{self, Outcome};
use crate::random::{agree, permissions};
use crate::tenant::attributes;

const REQUESTS: u64 = 1_000_000;
const REQUESTS_PER_TENANT: u64 = 500;
/// Different sets of attributes that the requests to a tenant come with.
const KNOWN_PER_TENANT: usize = 6;
/// Each of the four outcomes is at least this share of all, or the comparison would say little.
const LEAST_SHARE: f64 = 0.05;

/// One request, as places in the lists of the small world.
#[derive(Clone, Copy, Debug)]
struct Asked {
    who: u128,
    permission: usize,
    scope: usize,
    known: usize,
}

/// What a tenant is asked, the same for the same seed.
struct Asking {
    permissions: Vec<Permission>,
    scopes: Vec<Scope>,
}

impl Asking {
    fn new() -> Asking {
        let scopes = SCOPES.iter().map(|text| Scope::parse(text).unwrap()).collect();
        Asking { permissions: permissions(), scopes }
    }

    /// The requests to a tenant; one in eleven comes from somebody who is not in the directory.
    fn requests(&self, seed: u64) -> impl Iterator<Item = Asked> + use<> {
        let (permissions, scopes) = (self.permissions.len(), self.scopes.len());
        let mut state = seed;
        (0..REQUESTS_PER_TENANT).map(move |_| {
            let mut below = |bound: usize| (mixed(&mut state) % bound as u64) as usize;
            let (who, permission) = (below(PEOPLE as usize + 1) as u128, below(permissions));
            Asked { who, permission, scope: below(scopes), known: below(KNOWN_PER_TENANT) }
        })
    }

    /// Both answers; `Err` says how they differ.
    fn ask(
        &self,
        asked: Asked,
        snapshot: &Snapshot,
        tenant: &naive::Tenant<'_>,
        known: &[Known],
    ) -> Result<Outcome, String> {
        let (permission, scope) = (&self.permissions[asked.permission], &self.scopes[asked.scope]);
        let (principal, known) = (someone(asked.who), &known[asked.known]);
        let attributes = &attributes(known);
        let verdict = evaluate(&AccessRequest { principal, permission, scope, attributes }, snapshot);
        let expected = tenant.evaluate(&naive::Request { principal, permission, scope: scope.as_str(), known });
        if agree(&verdict, &expected) {
            return Ok(expected);
        }
        Err(format!("{principal} {permission:?} at {scope} with {known:?}:\nfound {verdict:?}\nnaive {expected:?}"))
    }
}

/// SplitMix64.
fn mixed(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut word = *state;
    word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

/// The tenant of a seed, which can be made smaller.
fn grown(seed: u64) -> impl ValueTree<Value = (Vec<Edit>, Vec<Known>)> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    (any_edits(), vec(known(), KNOWN_PER_TENANT)).new_tree(&mut runner).unwrap()
}

/// The facts, and a snapshot: compiled for half of the tenants, made by edits for the others.
fn built(seed: u64, edits: &[Edit]) -> (Facts, Snapshot) {
    let mut facts = Facts::default();
    edits.iter().for_each(|edit| apply(&mut facts, edit));
    let snapshot = match seed % 2 {
        0 => Snapshot::compile(facts.clone()),
        _ => edits.chunks(7).fold(Snapshot::compile(Facts::default()), |snapshot, now| snapshot.edited(now)),
    };
    (facts, snapshot)
}

/// How often each outcome came: allowed, not allowed, only a condition in the way, denied.
fn try_tenant(seed: u64, asking: &Asking) -> Result<[u64; 4], String> {
    let mut tree = grown(seed);
    let (edits, known) = tree.current();
    let (facts, snapshot) = built(seed, &edits);
    let tenant = naive::Tenant::new(&facts);
    let mut counts = [0; 4];
    for asked in asking.requests(seed) {
        match asking.ask(asked, &snapshot, &tenant, &known) {
            Ok(Outcome::Allow(_)) => counts[0] += 1,
            Ok(Outcome::NotAllowed) => counts[1] += 1,
            Ok(Outcome::NotAllowedCondition) => counts[2] += 1,
            Ok(Outcome::Deny(_)) => counts[3] += 1,
            Err(_) => return Err(reduced(seed, &mut tree, asked, asking)),
        }
    }
    Ok(counts)
}

/// The smallest tenant found that still shows the difference.
fn reduced(
    seed: u64,
    tree: &mut impl ValueTree<Value = (Vec<Edit>, Vec<Known>)>,
    asked: Asked,
    asking: &Asking,
) -> String {
    let differs = |(edits, known): &(Vec<Edit>, Vec<Known>)| {
        let (facts, snapshot) = built(seed, edits);
        asking.ask(asked, &snapshot, &naive::Tenant::new(&facts), known).err()
    };
    let mut smallest = (tree.current(), String::new());
    loop {
        let current = tree.current();
        let further = match differs(&current) {
            Some(how) => {
                smallest = (current, how);
                tree.simplify()
            }
            None => tree.complicate(),
        };
        if !further {
            break;
        }
    }
    let ((edits, _), how) = smallest;
    let mut told = format!("CUPOLA_TENANT={seed}: {how}\nafter");
    for edit in edits {
        let _ = write!(told, "\n  {edit:?}");
    }
    told
}

#[test]
fn a_million_requests_are_decided_as_the_rules_say() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect(name));
    let seeds = match number("CUPOLA_TENANT") {
        Some(seed) => seed..seed + 1,
        None => 0..number("CUPOLA_REQUESTS").unwrap_or(REQUESTS).div_ceil(REQUESTS_PER_TENANT),
    };
    let (next, asking) = (AtomicU64::new(seeds.start), Asking::new());
    let work = || {
        let mut counts = [0_u64; 4];
        while let Some(seed) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|seed| seeds.contains(seed)) {
            let found = try_tenant(seed, &asking).unwrap_or_else(|told| panic!("{told}"));
            counts.iter_mut().zip(found).for_each(|(count, more)| *count += more);
        }
        counts
    };
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let counts = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running.into_iter().fold([0; 4], |counts, thread| {
            let more = thread.join().unwrap_or_else(|told| std::panic::resume_unwind(told));
            std::array::from_fn(|at| counts[at] + more[at])
        })
    });
    let total: u64 = counts.iter().sum();
    assert_eq!(total, (seeds.end - seeds.start) * REQUESTS_PER_TENANT);
    let shares = counts.map(|count| count as f64 / total as f64);
    let balanced = total < REQUESTS || shares.iter().all(|share| *share >= LEAST_SHARE);
    assert!(balanced, "allowed, not allowed, condition in the way, denied: {shares:?}");
}
