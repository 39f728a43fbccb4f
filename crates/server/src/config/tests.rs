#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use super::*;

fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cupola.toml");
    std::fs::write(&path, text).unwrap();
    (dir, path)
}

fn read(text: &str) -> Result<Config> {
    let (_dir, path) = file(text);
    Config::read(Some(&path), |_| None)
}

#[test]
fn an_unknown_key_names_the_one_that_was_meant() {
    let error = read("public_ulr = \"https://a\"").unwrap_err().to_string();
    assert!(error.contains("`public_ulr`") && error.contains("did you mean `public_url`?"), "{error}");
}

#[test]
fn an_unknown_key_far_from_all_lists_them() {
    let error = read("zzzzzzzzzzzzzzzzzz = 1").unwrap_err().to_string();
    assert!(error.contains("zzzz") && error.contains("public_url"), "{error}");
}

#[test]
fn the_environment_wins_over_the_file() {
    let (_dir, path) = file("public_url = \"https://file.example\"");
    let config =
        Config::read(Some(&path), |name| (name == "CUPOLA_PUBLIC_URL").then(|| "https://env.example/".into())).unwrap();
    assert_eq!(config.public_url(1), "https://env.example");
}

#[test]
fn without_a_public_url_it_is_localhost_and_the_port() {
    assert_eq!(Config::default().public_url(8443), "https://localhost:8443");
}

#[test]
fn a_public_url_with_a_path_or_plain_http_or_a_user_is_refused() {
    for url in ["https://a/b", "http://a", "https://", "https://u@a", "a"] {
        let error = read(&format!("public_url = {url:?}")).unwrap_err().to_string();
        assert!(error.contains("is not a public url"), "{url}: {error}");
    }
}

#[test]
fn a_wrong_type_is_one_line_that_names_the_file() {
    let error = read("public_url = 3").unwrap_err().to_string();
    assert!(error.contains("cupola.toml") && !error.contains('\n'), "{error}");
}

#[test]
fn broken_toml_is_one_line_that_names_the_file() {
    let error = read("public_url = [").unwrap_err().to_string();
    assert!(error.contains("cupola.toml") && !error.contains('\n'), "{error}");
}

#[test]
fn a_short_bootstrap_secret_is_refused_and_a_long_one_never_prints() {
    let read = |secret: &str| {
        let secret = secret.to_owned();
        Config::read(None, move |name| (name == "CUPOLA_BOOTSTRAP_CLIENT_SECRET").then(|| secret.clone()))
    };
    assert!(read("short").is_err());
    let config = read("0123456789abcdef").unwrap();
    assert!(!format!("{config:?}").contains("0123456789abcdef"));
    assert_eq!(config.bootstrap.unwrap().reveal(), "0123456789abcdef");
}

#[test]
fn the_host_of_a_url_is_bare() {
    assert_eq!(host_of("https://localhost:8443"), "localhost");
    assert_eq!(host_of("https://[::1]:8443"), "::1");
    assert_eq!(host_of("https://ai.contoso.example"), "ai.contoso.example");
}

#[test]
fn a_domain_gives_accounts_hosts_with_the_port_of_the_public_url() {
    let config = read("public_url = \"https://ai.corp.example:8443\"\ndomain = \"Corp.Example\"").unwrap();
    let domain = config.account_domain(&config.public_url(1)).unwrap().unwrap();
    assert_eq!(domain.url(arm::HostFamily::OpenAi, "acct"), "https://acct.openai.corp.example:8443/");
    assert!(Config::default().account_domain("https://localhost:8443").unwrap().is_none());
}

#[test]
fn what_is_no_domain_and_a_public_url_that_is_an_account_are_refused() {
    for domain in
        ["https://corp.example", "corp.example:8443", "*.corp.example", "", "corp..example", "10.0.0.1", "-a.example"]
    {
        let config = Config { domain: Some(domain.to_owned()), ..Config::default() };
        let error = config.account_domain("https://localhost:8443").unwrap_err().to_string();
        assert!(error.contains("is not a domain"), "{domain}: {error}");
    }
    let config = Config { domain: Some("corp.example".to_owned()), ..Config::default() };
    let error = config.account_domain("https://cupola.openai.corp.example").unwrap_err().to_string();
    assert!(error.contains("is the host of an account"), "{error}");
}

#[test]
fn the_way_out_is_a_table_and_the_environment_wins_list_by_list() {
    let text = "[egress]\nallowed_targets = [\"http://localhost:11434\"]\nallowed_domains = [\"api.openai.com\"]";
    let (_dir, path) = file(text);
    let of = |name: &str| {
        (name == "CUPOLA_EGRESS_ALLOWED_DOMAINS").then(|| "*.openai.azure.com, api.mistral.ai,".to_owned())
    };
    let config = Config::read(Some(&path), of).unwrap();
    assert_eq!(config.egress.allowed_targets, ["http://localhost:11434"]);
    assert_eq!(config.egress.allowed_domains.unwrap(), ["*.openai.azure.com", "api.mistral.ai"]);
    let error = read("[egress]\nallow = 1").unwrap_err().to_string();
    assert!(error.contains("`allow`") && !error.contains('\n'), "{error}");
}

#[test]
fn limits_are_azures_until_the_operator_says_others() {
    assert_eq!(read("").unwrap().limits.access(), control::AccessLimits::default());
    let (_dir, path) = file("[limits]\nrole_assignments_per_subscription = 20000\ncustom_roles = 1");
    let variable = |name: &str| (name == "CUPOLA_LIMITS_CUSTOM_ROLES").then(|| "7".to_owned());
    let limits = Config::read(Some(&path), variable).unwrap().limits.access();
    assert_eq!((limits.role_assignments_per_subscription, limits.custom_roles), (20_000, 7));
    assert_eq!(limits.role_assignments_per_management_group, 500);
    for wrong in ["[limits]\ncustom_role = 1", "[limits]\ncustom_roles = -1", "[limits]\ncustom_roles = \"many\""] {
        assert!(read(wrong).unwrap_err().to_string().contains("is not valid"), "{wrong}");
    }
    let (_dir, path) = file("[limits]\nquota_units = 500");
    let config = Config::read(Some(&path), |_: &str| None).unwrap();
    assert_eq!(crate::assemble::catalog(&config).unwrap().quota_units("Standard", None), 500);
    let variable = |name: &str| (name == "CUPOLA_LIMITS_QUOTA_UNITS").then(|| " 7 ".to_owned());
    assert_eq!(Config::read(Some(&path), variable).unwrap().limits.quota_units, Some(7));
    let variable = |name: &str| (name == "CUPOLA_LIMITS_CUSTOM_ROLES").then(|| "many".to_owned());
    let error = Config::read(None, variable).unwrap_err().to_string();
    assert!(error.contains("`CUPOLA_LIMITS_CUSTOM_ROLES`") && error.contains("`many`"), "{error}");
}
