//! A snapshot as bytes, and back.

use proptest::prelude::*;
use rbac::{Attributes, DecodeError, DirectoryRole, Edit, Facts, Outcome, PrincipalType, RoleAssignment, Snapshot};
use uuid::Uuid;

use crate::generate::condition::known;
use crate::generate::{PEOPLE, SCOPES, any_edits, someone};
use crate::random::permissions;
use crate::tenant::{SUB, assignment, attributes, person, scope};

/// Texts of everything, in an order of their own.
fn told(facts: &Facts) -> Vec<String> {
    let mut told = Vec::new();
    told.extend(facts.roles.iter().map(|role| format!("{role:?}")));
    told.extend(facts.assignments.iter().map(|assignment| format!("{assignment:?}")));
    told.extend(facts.denies.iter().map(|deny| format!("{deny:?}")));
    told.extend(facts.principals.iter().map(|principal| format!("{principal:?}")));
    told.extend(facts.members.iter().map(|member| format!("{member:?}")));
    told.extend(facts.directory_roles.iter().map(|held| format!("{held:?}")));
    told.extend(facts.parents.iter().map(|parent| format!("{parent:?}")));
    // A scope may be spelled as it was first seen.
    told.iter_mut().for_each(|text| text.make_ascii_lowercase());
    told.sort();
    told
}

fn answers(snapshot: &Snapshot, attributes: &Attributes) -> Vec<String> {
    let scopes: Vec<_> = SCOPES.iter().map(|text| scope(text)).collect();
    let mut answers = Vec::new();
    for who in 0..=PEOPLE {
        for permission in &permissions() {
            for scope in &scopes {
                let outcome = snapshot.look_up(someone(who), permission, scope).named_outcome(attributes);
                answers.push(match outcome {
                    Outcome::Denied { deny, undecided } => format!("{} {undecided}", deny.id),
                    other => format!("{other:?}"),
                });
            }
        }
    }
    answers
}

/// One of everything.
fn full() -> Snapshot {
    let mut facts = crate::tenant::facts(&[("Reader", SUB, "u1"), ("Owner", "/", "g1")]);
    facts.members = vec![(person("g1"), person("u2"))];
    facts.directory_roles = vec![(person("u1"), DirectoryRole::GlobalAdministrator)];
    facts.parents = vec![(scope(SUB), scope(crate::tenant::MG))];
    facts.assignments[0].condition = Some("@Resource[a] StringEquals 'b'".to_owned());
    facts.assignments.push(RoleAssignment {
        id: scope("/").extension("Microsoft.Authorization", "roleAssignments", "not-a-guid"),
        ..assignment(7, "Reader", SUB, "u2")
    });
    Snapshot::compile(facts).edited(&[Edit::PutPrincipal(person("u3"), PrincipalType::User)])
}

fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.len() - 4);
    let sum = crc32fast::hash(&bytes);
    bytes.extend(sum.to_le_bytes());
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn what_is_read_back_is_what_was_written(edits in any_edits(), known in known(), cut in 0_usize..60) {
        let (first, later) = edits.split_at(cut.min(edits.len()));
        let written = Snapshot::compile(Facts::default()).edited(first).edited(later);
        let read = Snapshot::decode(&written.encode()).unwrap();
        prop_assert_eq!(read.version(), written.version());
        prop_assert_eq!(told(&read.facts()), told(&written.facts()));
        let compiled = Snapshot::compile(written.facts());
        prop_assert_eq!(told(&compiled.facts()), told(&written.facts()));
        let attributes = attributes(&known);
        let expected = answers(&written, &attributes);
        prop_assert_eq!(&answers(&read, &attributes), &expected);
        prop_assert_eq!(&answers(&compiled, &attributes), &expected);
        // It can be edited as before.
        let change = Edit::PutAssignment(assignment(9, "Owner", "/", &someone(0).to_string()));
        let change = [change, Edit::RemovePrincipal(someone(1))];
        prop_assert_eq!(answers(&read.edited(&change), &attributes), answers(&written.edited(&change), &attributes));
    }

    #[test]
    fn bytes_that_were_made_up_are_never_believed_blindly(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = full().encode();
        for (at, byte) in changes {
            let at = at.index(bytes.len() - 4);
            bytes[at] = byte;
        }
        // The checksum is right: whatever it says, it is a snapshot or an error, and a snapshot can be asked.
        if let Ok(snapshot) = Snapshot::decode(&sealed(bytes)) {
            answers(&snapshot, &Attributes::none());
        }
    }
}

#[test]
fn everything_is_written() {
    let (written, read) = (full(), Snapshot::decode(&full().encode()).unwrap());
    let facts = read.facts();
    assert_eq!(told(&facts), told(&written.facts()));
    assert_eq!((facts.assignments.len(), facts.members.len(), facts.directory_roles.len()), (3, 1, 1));
    assert_eq!((facts.parents.len(), facts.principals.len()), (1, 6));
}

#[test]
fn damage_of_any_byte_is_an_error() {
    let bytes = full().encode();
    for at in 0..bytes.len() {
        for bit in [0, at % 8] {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << bit;
            assert!(Snapshot::decode(&damaged).is_err(), "byte {at}");
        }
    }
}

#[test]
fn a_part_or_more_than_the_whole_is_an_error() {
    let bytes = full().encode();
    for length in 0..bytes.len() {
        assert!(Snapshot::decode(&bytes[..length]).is_err(), "{length} bytes");
    }
    let longer = [bytes.clone(), vec![0]].concat();
    assert_eq!(Snapshot::decode(&longer).err().unwrap(), DecodeError::Damaged);
    // One more byte in front of a checksum that is right.
    let longer = sealed([&bytes[..bytes.len() - 4], &[0; 5]].concat());
    assert_eq!(Snapshot::decode(&longer).err().unwrap(), DecodeError::Malformed { part: "end" });
}

#[test]
fn another_format_and_other_files_are_told_apart() {
    let mut bytes = full().encode();
    bytes[8] = 99;
    assert_eq!(Snapshot::decode(&sealed(bytes)).err().unwrap(), DecodeError::OtherFormat { found: 99 });
    assert_eq!(Snapshot::decode(b"SQLite format 3").err().unwrap(), DecodeError::NotASnapshot);
    assert_eq!(Snapshot::decode(b"").err().unwrap(), DecodeError::NotASnapshot);
}

#[test]
fn numbers_that_name_nothing_are_an_error() {
    let plain = Snapshot::compile(crate::tenant::facts(&[("Reader", SUB, "u1")]));
    let bytes = plain.encode();
    let name = Uuid::from_u128(0);
    let at = bytes.windows(16).rposition(|window| window == name.as_bytes()).unwrap();
    // Behind the name: scope, principal, role, condition, kind.
    for (place, wrong) in [(16, 0xFF), (20, 0xFF), (25, 0xFF), (26, 0xFF), (28, 9), (28, 0)] {
        let mut bytes = bytes.clone();
        bytes[at + place] = wrong;
        let error = Snapshot::decode(&sealed(bytes)).err().unwrap();
        assert_eq!(error, DecodeError::Malformed { part: "rows" }, "{place}");
    }
}
