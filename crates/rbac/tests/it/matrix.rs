//! Built-in role × catalogued operation, as a picture: a change of a role shows as a change of ticks.

use std::fmt::Write as _;

use rbac::{Snapshot, Verdict, catalogue};

use crate::tenant::{ACCOUNT, conformance, facts, verdict};

/// One line per role with its number, then one per operation: the plane, a mark per role (`x` gives, `c` gives under a
/// condition, `.` does not), the action string.
fn matrix() -> String {
    let roles = rbac::built_in();
    let mut text = String::new();
    for (number, role) in roles.iter().enumerate() {
        writeln!(text, "{number:02} {} {}", role.id, role.name).unwrap();
    }
    let snapshots: Vec<Snapshot> =
        roles.iter().map(|role| Snapshot::compile(facts(&[(&role.name, "/", "u1")]))).collect();
    for operation in catalogue().operations() {
        let marks: String = snapshots
            .iter()
            .map(|snapshot| match verdict(snapshot, "u1", &operation.permission(), ACCOUNT) {
                Verdict::Allowed(_) => 'x',
                Verdict::NotAllowed(misses) if misses.condition_false.is_some() => 'c',
                Verdict::NotAllowed(_) | Verdict::Denied(_) => '.',
            })
            .collect();
        let plane = if operation.is_data { 'D' } else { 'A' };
        writeln!(text, "{plane} {marks} {}", operation.name).unwrap();
    }
    text
}

#[test]
fn the_matrix_of_roles_and_operations_is_as_blessed() {
    let path = conformance("matrix.golden");
    let matrix = matrix();
    if std::env::var_os("CUPOLA_BLESS").is_some() {
        std::fs::write(&path, &matrix).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    let changed: Vec<String> = golden
        .lines()
        .zip(matrix.lines())
        .filter(|(golden, now)| golden != now)
        .map(|(golden, now)| format!("- {golden}\n+ {now}"))
        .take(20)
        .collect();
    assert!(golden == matrix, "differs from {} (bless with CUPOLA_BLESS=1):\n{}", path.display(), changed.join("\n"));
}
