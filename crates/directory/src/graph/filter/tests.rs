#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use serde_json::{Value, json};

use super::{Filter, NESTING_LIMIT};

const PROPERTIES: [&str; 4] = ["displayName", "mailNickname", "accountEnabled", "servicePrincipalNames"];

fn object() -> Value {
    json!({
        "displayName": "O'Neill Gruppe Ö", "mailNickname": "g1", "accountEnabled": true,
        "servicePrincipalNames": ["1f0c", "https://app1"],
    })
}

fn holds(text: &str) -> bool {
    let object = object();
    Filter::parse(text, &PROPERTIES).unwrap().holds(&|name| object.get(name).cloned())
}

fn refused(text: &str) -> String {
    Filter::parse(text, &PROPERTIES).unwrap_err().0
}

#[test]
fn the_filters_of_the_real_clients_are_understood() {
    assert!(holds("displayName eq 'O''Neill Gruppe Ö'"));
    assert!(holds("displayname eq 'o''neill gruppe ö'"));
    assert!(!holds("displayName eq 'O''Neill'"));
    assert!(holds("startswith(displayName,'O''N')"));
    assert!(holds("startsWith(displayName, 'o''neill g')"));
    assert!(!holds("startswith(displayName,'x')"));
    assert!(holds("servicePrincipalNames/any(c:c eq '1F0C')"));
    assert!(holds("servicePrincipalNames/any(x: x eq 'https://app1')"));
    assert!(!holds("servicePrincipalNames/any(c:c eq 'https')"));
    assert!(holds("startswith(displayName,'O') and mailNickname eq 'g1'"));
    assert!(!holds("startswith(displayName,'O') and mailNickname eq 'g2'"));
}

#[test]
fn and_binds_closer_than_or_and_not_closer_than_both() {
    assert!(holds("mailNickname eq 'g1' or mailNickname eq 'x' and mailNickname eq 'y'"));
    assert!(!holds("(mailNickname eq 'g1' or mailNickname eq 'x') and mailNickname eq 'y'"));
    assert!(!holds("not mailNickname eq 'g1' and mailNickname eq 'y'"));
    assert!(holds("not (mailNickname eq 'g1' and mailNickname eq 'y')"));
    assert!(holds("mailNickname in ('a','G1') and accountEnabled eq true and mailNickname ne null"));
}

#[test]
fn what_is_not_understood_is_named_with_what_is() {
    let unknown = refused("shoeSize eq '43'");
    assert!(unknown.contains("`shoeSize`") && unknown.contains("displayName, mailNickname"), "{unknown}");
    let cases = [
        ("", "a name was expected at the end"),
        ("displayName", "a comparison is missing behind `displayName`"),
        ("displayName gt 'a'", "`gt` is no comparison"),
        ("displayName eq a", "`a` is no value"),
        ("displayName eq 'a", "a quote is not closed"),
        ("displayName eq 'a' 'b'", "`'b'` is left over"),
        ("displayName eq 'a';", "`;` is not expected"),
        ("servicePrincipalNames/all(c:c eq 'a')", "`servicePrincipalNames/all` is not a test"),
        ("servicePrincipalNames/any(c:d eq 'a')", "its own variable `c`"),
    ];
    for (text, reason) in cases {
        assert!(refused(text).contains(reason), "{text}: {}", refused(text));
    }
}

#[test]
fn deep_and_long_filters_are_refused_without_deep_recursion() {
    let deep = format!("{}displayName eq 'a'{}", "(".repeat(900), ")".repeat(900));
    assert!(refused(&deep).contains("nested deeper"));
    let negated = format!("{}displayName eq 'a'", "not ".repeat(400));
    assert!(refused(&negated).contains("nested deeper"));
    let fits = format!("{}displayName eq 'a'{}", "(".repeat(NESTING_LIMIT - 1), ")".repeat(NESTING_LIMIT - 1));
    assert!(!holds(&fits));
    assert!(refused(&format!("displayName eq '{}'", "a".repeat(3000))).contains("longer than"));
}

#[test]
fn an_index_can_answer_a_demanded_value() {
    let filter = Filter::parse("mailNickname eq 'g1' and displayName eq 'x'", &PROPERTIES).unwrap();
    assert_eq!(filter.demands("displayName"), Some("x"));
    let either = Filter::parse("mailNickname eq 'g1' or displayName eq 'x'", &PROPERTIES).unwrap();
    assert_eq!(either.demands("displayName"), None);
}
