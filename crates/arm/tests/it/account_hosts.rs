//! Host names of accounts.

use arm::{AccountDomain, HostFamily};

#[test]
fn a_host_names_an_account_in_each_family_without_case_or_port() {
    let domain = AccountDomain::new("Corp.Example.", Some(8443)).unwrap();
    for family in HostFamily::ALL {
        let url = domain.url(family, "acct");
        let authority = url.strip_prefix("https://").unwrap().trim_end_matches('/');
        assert_eq!(domain.account(authority), Some("acct"));
        assert_eq!(domain.account(&authority.to_ascii_uppercase()), Some("ACCT"));
    }
    assert_eq!(domain.url(HostFamily::ServicesAi, "acct"), "https://acct.services.ai.corp.example:8443/");
}

#[test]
fn other_hosts_name_none() {
    let domain = AccountDomain::new("corp.example", None).unwrap();
    for host in [
        "corp.example",
        "openai.corp.example",
        "xopenai.corp.example",
        "acct.openai.corp.example.org",
        "acct.openai.xcorp.example",
        "acct.search.corp.example",
        "",
        ":",
        "ü.example",
        "[::1]:443",
    ] {
        assert_eq!(domain.account(host), None, "{host}");
    }
}

#[test]
fn a_certificate_for_all_accounts_has_one_name_for_each_family() {
    let wildcards = AccountDomain::new("corp.example", None).unwrap().wildcards();
    assert_eq!(wildcards, ["*.openai.corp.example", "*.services.ai.corp.example", "*.cognitiveservices.corp.example"]);
}
