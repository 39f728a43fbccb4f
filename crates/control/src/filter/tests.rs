#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
use super::{Term, parse};

fn call(name: &str, argument: Option<&str>) -> Term {
    Term::Call { name: name.to_owned(), argument: argument.map(str::to_owned) }
}

fn equals(name: &str, value: &str) -> Term {
    Term::Equals { name: name.to_owned(), value: value.to_owned() }
}

#[test]
fn every_filter_that_the_clients_send_is_read() {
    for (text, terms) in [
        ("atScope()", vec![call("atScope", None)]),
        ("atScope() and assignedTo('x')", vec![call("atScope", None), call("assignedTo", Some("x"))]),
        ("principalId eq 'x'", vec![equals("principalId", "x")]),
        ("roleName eq 'Foundry User'", vec![equals("roleName", "Foundry User")]),
        (
            "resourceType eq 'Microsoft.CognitiveServices/accounts' and name eq 'a1'",
            vec![equals("resourceType", "Microsoft.CognitiveServices/accounts"), equals("name", "a1")],
        ),
        ("  assignedTo ( 'x' )  AND  atScope( ) ", vec![call("assignedTo", Some("x")), call("atScope", None)]),
    ] {
        assert_eq!(parse(Some(text)).unwrap(), terms, "{text}");
    }
    assert_eq!(parse(None).unwrap(), vec![]);
    assert_eq!(parse(Some(" ")).unwrap(), vec![]);
}

#[test]
fn two_quotes_stand_for_one() {
    assert_eq!(parse(Some("name eq 'it''s'")).unwrap(), vec![equals("name", "it's")]);
}

#[test]
fn what_is_not_understood_is_refused_and_not_ignored() {
    for text in [
        "name ne 'a'",
        "name eq a",
        "name eq 'a",
        "name eq 'a' or name eq 'b'",
        "name eq 'a' and",
        "and name eq 'a'",
        "atScope() atScope()",
        "(atScope())",
        "eq 'a'",
        "atScope(",
        "name eq'a'x",
        "'a' eq name",
        "not atScope()",
    ] {
        assert!(parse(Some(text)).is_err(), "{text}");
    }
    assert!(parse(Some(&"a".repeat(5000))).is_err());
}
