//! Prints how long decisions take, beside Cedar, at 100 000 and 1 000 000 assignments.

use std::fs::File;
use std::hint::black_box;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use arm::Scope;
use bench_access::cedar::{Candidates, Cedar};
use bench_access::request::{Asked, Draw};
use bench_access::roles::Given;
use bench_access::spread::{Blocks, Spread, shown};
use bench_access::tenant::{Shape, Tenant};
use rbac::{AccessRequest, Attributes, Edit, Permission, Question, Snapshot, Verdict, evaluate};
use uuid::Uuid;

const SEED: u64 = 20_261_122;
/// Requests timed together.
const BATCH: usize = 64;
/// So few stay in the nearest caches.
const WARM_REQUESTS: usize = 256;
const WARM_ROUNDS: usize = 500;
/// The warm ones are timed in so many blocks, half a second apart: neighbours of a virtual machine come and go in seconds.
const BLOCKS: usize = 20;
const BLOCK_PAUSE: Duration = Duration::from_millis(500);
/// So many do not.
const COLD_REQUESTS: usize = 200_000;
/// Requests that are put to Cedar as well; each has a policy set of its own.
const CEDAR_REQUESTS: usize = 2_000;
const EDITS: usize = 2_000;

fn main() -> Result<()> {
    println!("| | min | median | p99 |\n|---|---|---|---|");
    let hundred_thousand = tenant("100 000 assignments", Shape::large(100_000))?;
    beside_cedar(&hundred_thousand)?;
    drop(hundred_thousand);
    let hot = Shape { at_one_account: 60_000, ..Shape::large(100_000) };
    let hot = Tenant::generate(hot, SEED);
    let given = Given::read(&hot.facts.roles);
    let snapshot = Snapshot::compile(hot.facts.clone());
    let requests = Draw::new(&hot, &given, SEED).requests_at_one_account(COLD_REQUESTS);
    decide("an account with 60 000 assignments", &snapshot, &requests);
    drop((hot, snapshot));
    tenant("1 000 000 assignments", Shape::large(1_000_000))?;
    Ok(())
}

fn shown_time(time: Duration) -> String {
    shown(time.as_nanos() as f64)
}

/// A tenant with what was made of it.
struct Made {
    tenant: Tenant,
    given: Given,
    snapshot: Snapshot,
    requests: Vec<Asked>,
}

/// All figures of one tenant but those beside Cedar.
fn tenant(name: &str, shape: Shape) -> Result<Made> {
    let tenant = Tenant::generate(shape, SEED);
    let given = Given::read(&tenant.facts.roles);
    let facts = tenant.facts.clone();
    let started = Instant::now();
    let snapshot = Snapshot::compile(facts);
    let compiled = started.elapsed();
    let requests = Draw::new(&tenant, &given, SEED).requests(COLD_REQUESTS);
    decide(name, &snapshot, &requests);
    bytes(name, &snapshot, shape.assignments);
    strings(name, &snapshot, &requests);
    publish(name, &tenant, &snapshot)?;
    println!("| {name}: compiled from facts | | {} | |", shown_time(compiled));
    from_disk(name, &snapshot, &requests)?;
    Ok(Made { tenant, given, snapshot, requests })
}

/// From ids of the snapshot to the verdict: all requests, then each answer alone.
fn decide(name: &str, snapshot: &Snapshot, requests: &[Asked]) {
    let attributes = Attributes::none();
    let verdict = |question: &Question<'_>| question.outcome(&attributes).is_allowed();
    let questions = looked_up(snapshot, requests);
    let block = || Spread::measure(&questions[..WARM_REQUESTS], BATCH, WARM_ROUNDS, verdict);
    println!("| {name}: decide, warm | {} |", block());
    let blocks = Blocks::measure(BLOCKS, BLOCK_PAUSE, block);
    println!("| … medians of {BLOCKS} such, half a second apart: least, middle, most | {blocks} |");
    let cold = Spread::measure(&questions, BATCH, 1, verdict);
    let (allowed, refused): (Vec<_>, Vec<_>) = questions.iter().cloned().partition(verdict);
    println!("| {name}: decide, cold ({} % allowed) | {cold} |", 100 * allowed.len() / requests.len());
    println!("| … what is allowed | {} |", Spread::measure(&allowed, BATCH, 1, verdict));
    println!("| … what is refused | {} |", Spread::measure(&refused, BATCH, 1, verdict));
}

/// The requests as ids of the snapshot.
fn looked_up<'a>(snapshot: &'a Snapshot, requests: &[Asked]) -> Vec<Question<'a>> {
    requests.iter().map(|asked| snapshot.look_up(asked.principal, &asked.permission, &asked.scope)).collect()
}

/// What an assignment takes.
fn bytes(name: &str, snapshot: &Snapshot, assignments: usize) {
    let bytes = snapshot.index_bytes();
    let each = |bytes: usize| bytes as f64 / assignments as f64;
    println!(
        "| {name}: bytes per assignment | | {:.1} to decide by ({:.1} with all that names and lists) | |",
        each(bytes.decision),
        each(bytes.total())
    );
}

/// From the texts of a request to the verdict with its reason. A refusal also looks for what came near, to say it.
fn strings(name: &str, snapshot: &Snapshot, requests: &[Asked]) {
    let attributes = Attributes::none();
    let is_allowed = |texts: &Texts| texts.verdict(snapshot, &attributes).is_some_and(|verdict| verdict.is_allowed());
    let (allowed, refused): (Vec<_>, Vec<_>) = requests.iter().map(Texts::of).partition(is_allowed);
    for (answer, texts) in [("allowed", &allowed), ("refused", &refused)] {
        let spread = Spread::measure(texts, BATCH, 1, |texts| texts.verdict(snapshot, &attributes));
        println!("| {name}: from strings to verdict and reason, {answer}, cold | {spread} |");
    }
}

/// A request as it comes over the wire.
struct Texts {
    principal: String,
    action: &'static str,
    is_data: bool,
    scope: String,
}

impl Texts {
    fn of(asked: &Asked) -> Texts {
        let (action, is_data) = (asked.operation.name, asked.operation.is_data);
        Texts { principal: asked.principal.to_string(), action, is_data, scope: asked.scope.as_str().to_owned() }
    }

    fn verdict(&self, snapshot: &Snapshot, attributes: &Attributes) -> Option<Verdict> {
        let (principal, scope) = (Uuid::parse_str(&self.principal).ok()?, Scope::parse(&self.scope).ok()?);
        let action = self.action.to_owned().into();
        let permission = if self.is_data { Permission::DataAction(action) } else { Permission::Action(action) };
        Some(evaluate(&AccessRequest { principal, permission: &permission, scope: &scope, attributes }, snapshot))
    }
}

/// An assignment written: until the snapshot that has it.
fn publish(name: &str, tenant: &Tenant, snapshot: &Snapshot) -> Result<()> {
    let new = Tenant::generate(Shape { assignments: EDITS, denies: 0, ..Shape::large(0) }, SEED + 1).facts.assignments;
    // Of this tenant's people: the other's are strangers here.
    let people = tenant.users.iter().step_by(tenant.users.len() / EDITS);
    let edits: Vec<Edit> = new
        .into_iter()
        .zip(people)
        .map(|(assignment, person)| Edit::PutAssignment(rbac::RoleAssignment { principal: *person, ..assignment }))
        .collect();
    let mut current = snapshot.clone();
    let mut times_ns = Vec::with_capacity(edits.len());
    for edit in &edits {
        let started = Instant::now();
        let next = black_box(current.edited(std::slice::from_ref(edit)));
        times_ns.push(started.elapsed().as_nanos() as f64);
        current = next;
    }
    ensure!(current.version() == snapshot.version() + edits.len() as u64, "an edit was lost");
    println!("| {name}: one assignment written, until it is in force | {} |", Spread::of(times_ns));
    Ok(())
}

/// From a file to the first decision, as a start does it.
fn from_disk(name: &str, snapshot: &Snapshot, requests: &[Asked]) -> Result<()> {
    let path = std::env::temp_dir().join(format!("bench-access-{}.snapshot", std::process::id()));
    let mut file = File::create(&path)?;
    file.write_all(&snapshot.encode())?;
    file.sync_all()?;
    let asked = requests.first().context("no requests")?;
    for cache in ["page cache dropped", "in the page cache"] {
        if cache == "page cache dropped" {
            let mut drop = Command::new("dd");
            drop.arg(format!("if={}", path.display())).args(["iflag=nocache", "count=0"]);
            ensure!(drop.stderr(Stdio::null()).status()?.success(), "the page cache cannot be dropped");
        }
        let started = Instant::now();
        let read = Snapshot::decode(&std::fs::read(&path)?)?;
        black_box(looked_up(&read, std::slice::from_ref(asked))[0].outcome(&Attributes::none()));
        let took = started.elapsed();
        let mib = file.metadata()?.len() >> 20;
        println!("| {name}: from disk ({mib} MiB, {cache}) to the first decision | | {} | |", shown_time(took));
    }
    Ok(std::fs::remove_file(path)?)
}

/// The same requests put to Cedar, and to the engine once more.
fn beside_cedar(made: &Made) -> Result<()> {
    let cedar = Cedar::new(&made.tenant, &made.given)?;
    let attributes = Attributes::none();
    let requests = made.requests.get(..CEDAR_REQUESTS).unwrap_or_default();
    let ours = looked_up(&made.snapshot, requests);
    let verdict = |question: &Question<'_>| question.outcome(&attributes).is_allowed();
    let spread = Spread::measure(&ours, BATCH, 20, verdict);
    println!("| the requests that Cedar is asked: decide | {spread} |");
    let median_ns = spread.median_ns;
    for (name, candidates) in [
        ("all assignments of the scopes", Candidates::OfTheScopes),
        ("those of the caller alone", Candidates::OfTheCaller),
    ] {
        let questions: Vec<_> =
            requests.iter().map(|asked| cedar.question(asked, candidates)).collect::<Result<_>>()?;
        let spread = Spread::measure(&questions, BATCH, 5, |question| cedar.allows(question));
        let policies = questions.iter().map(|question| question.candidates()).sum::<usize>() as f64;
        let mean = policies / questions.len() as f64;
        println!("| Cedar, given {name} ({mean:.1} policies) | {spread} |");
        let times = spread.median_ns / median_ns;
        let comparable: Vec<_> = ours.iter().zip(&questions).filter(|(_, theirs)| !theirs.has_condition).collect();
        for (at, (ours, theirs)) in comparable.iter().enumerate() {
            ensure!(verdict(ours) == cedar.allows(theirs), "the engines differ at {at}");
        }
        println!("| as many times as long, {} verdicts agree | | {times:.1} × | |", comparable.len());
    }
    Ok(())
}
