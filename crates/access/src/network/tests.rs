#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;

fn admits(properties: Value, peer: &str) -> bool {
    check(properties.as_object().unwrap(), peer.parse().unwrap()).is_ok()
}

fn deny_but(ranges: &[&str]) -> Value {
    let rules: Vec<Value> = ranges.iter().map(|range| json!({"value": range})).collect();
    json!({"networkAcls": {"defaultAction": "Deny", "ipRules": rules}})
}

#[test]
fn an_account_without_rules_is_open() {
    assert!(admits(json!({}), "10.0.0.1"));
    assert!(admits(json!({"publicNetworkAccess": "Enabled", "networkAcls": null}), "10.0.0.1"));
    assert!(admits(json!({"networkAcls": {"defaultAction": "Allow"}}), "10.0.0.1"));
}

#[test]
fn public_access_that_is_disabled_refuses_everybody() {
    assert!(!admits(json!({"publicNetworkAccess": "Disabled"}), "127.0.0.1"));
    assert!(!admits(json!({"publicNetworkAccess": "SecuredByPerimeter"}), "127.0.0.1"));
}

#[test]
fn a_default_of_deny_admits_the_listed_ranges_only() {
    assert!(admits(deny_but(&["192.0.2.7"]), "192.0.2.7"));
    assert!(!admits(deny_but(&["192.0.2.7"]), "192.0.2.8"));
    assert!(admits(deny_but(&["198.51.100.0/24", "192.0.2.0/30"]), "192.0.2.3"));
    assert!(!admits(deny_but(&["192.0.2.0/30"]), "192.0.2.4"));
    assert!(admits(deny_but(&["2001:db8::/32"]), "2001:db8:1::1"));
    assert!(!admits(deny_but(&["2001:db8::/32"]), "2001:db9::1"));
    assert!(admits(deny_but(&["0.0.0.0/0"]), "203.0.113.9"));
}

#[test]
fn an_ipv4_peer_on_an_ipv6_socket_is_the_same_peer() {
    assert!(admits(deny_but(&["192.0.2.7"]), "::ffff:192.0.2.7"));
}

#[test]
fn a_range_that_cannot_be_read_admits_nobody() {
    assert!(!admits(deny_but(&["banana", "192.0.2.0/x", ""]), "192.0.2.1"));
    assert!(!admits(json!({"networkAcls": {"defaultAction": "Banana"}}), "192.0.2.1"));
}
