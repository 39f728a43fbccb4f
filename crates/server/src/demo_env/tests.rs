#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use super::*;

fn kept() -> Kept {
    Kept {
        tenant_id: Uuid::from_u128(1),
        subscription_id: "sub".to_owned(),
        admin_client_id: Uuid::from_u128(2),
        admin_client_secret: "secret".to_owned(),
        user: "user@contoso.com".to_owned(),
        user_password: "password".to_owned(),
        account: "a".to_owned(),
        project: "p".to_owned(),
    }
}

fn trust(dir: &Path) -> Trust {
    Trust { ca: dir.join("ca.pem"), bundle: dir.join("ca-bundle.pem") }
}

#[test]
fn it_holds_exactly_the_promised_variables() {
    let dir = PathBuf::from("/d");
    let text = kept().text("https://localhost:8443", &trust(&dir));
    let expected = "\
export CUPOLA_URL='https://localhost:8443'
export CUPOLA_TENANT_ID='00000000-0000-0000-0000-000000000001'
export CUPOLA_SUBSCRIPTION_ID='sub'
export CUPOLA_ADMIN_CLIENT_ID='00000000-0000-0000-0000-000000000002'
export CUPOLA_ADMIN_CLIENT_SECRET='secret'
export CUPOLA_USER='user@contoso.com'
export CUPOLA_USER_PASSWORD='password'
export CUPOLA_OPENAI_ENDPOINT='https://localhost:8443/accounts/a/openai/v1'
export CUPOLA_PROJECT_ENDPOINT='https://localhost:8443/accounts/a/api/projects/p'
export REQUESTS_CA_BUNDLE='/d/ca-bundle.pem'
export SSL_CERT_FILE='/d/ca-bundle.pem'
export AZURE_CORE_INSTANCE_DISCOVERY='false'
export AZURE_AUTHORITY_HOST='https://localhost:8443'
export NO_PROXY='localhost,127.0.0.1'
";
    assert_eq!(text, expected);
}

#[test]
fn a_restart_on_another_port_changes_addresses_alone() {
    let dir = tempfile::tempdir().unwrap();
    kept().write(dir.path(), "https://localhost:1", &trust(dir.path())).unwrap();
    let first = std::fs::read_to_string(dir.path().join(FILE_NAME)).unwrap();
    Kept::read(dir.path()).unwrap().write(dir.path(), "https://localhost:2", &trust(dir.path())).unwrap();
    let second = std::fs::read_to_string(dir.path().join(FILE_NAME)).unwrap();
    assert_eq!(first.replace("localhost:1", "localhost:2"), second);
}

#[test]
fn only_its_owner_reads_it() {
    let dir = tempfile::tempdir().unwrap();
    kept().write(dir.path(), "https://localhost:1", &trust(dir.path())).unwrap();
    let mode = std::fs::metadata(dir.path().join(FILE_NAME)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_file_that_is_not_whole_is_not_believed() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(FILE_NAME), "export CUPOLA_URL='https://localhost:1'\n").unwrap();
    assert!(Kept::read(dir.path()).is_none());
}

#[test]
fn a_quote_in_a_value_stays_a_quote_in_the_shell() {
    assert_eq!(quoted("it's"), r"'it'\''s'");
}
