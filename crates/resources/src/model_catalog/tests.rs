#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
use super::{Capability, Catalog, CatalogError, Runs, UpstreamCredential, UpstreamKind};
use crate::testing::catalog;

fn entry(name: &str, version: &str, more: &str) -> String {
    format!(
        "[[model]]\nname = \"{name}\"\nversion = \"{version}\"\nformat = \"F\"\n{more}\nruns = {{ embedded = {{ file = \"f\" }} }}\n"
    )
}

#[test]
fn a_model_is_found_by_any_of_its_names_without_case() {
    assert_eq!(catalog().find("TINY", None).unwrap().name, "SmolLM2-135M-Instruct");
    assert!(catalog().find("tiny", Some("2")).is_none());
}

#[test]
fn the_first_version_is_the_default() {
    let text = entry("m", "2", "") + &entry("m", "1", "");
    assert_eq!(Catalog::from_toml(&text).unwrap().find("m", None).unwrap().version, "2");
}

#[test]
fn one_name_and_version_twice_is_refused_even_by_alias() {
    let text = entry("m", "1", "") + &entry("n", "1", "aliases = [\"M\"]");
    assert!(matches!(Catalog::from_toml(&text), Err(CatalogError::Twice { name, .. }) if name == "M"));
}

#[test]
fn an_unknown_key_is_refused() {
    let error = Catalog::from_toml(&entry("m", "1", "colour = 1")).unwrap_err();
    assert!(error.to_string().contains("colour"), "{error}");
    assert_eq!(Catalog::from_toml(&entry("", "1", "")), Err(CatalogError::Empty("name")));
}

/// An embedded model with this file and these further lines.
fn embedded(file: &str, more: &str) -> Result<Catalog, CatalogError> {
    Catalog::from_toml(&entry("m", "1", more).replace("\"f\"", &format!("\"{file}\"")))
}

#[test]
fn a_model_is_for_chat_unless_it_says_otherwise() {
    let capability = |catalog: Catalog| catalog.find("m", None).unwrap().capability;
    assert_eq!(capability(embedded("m.gguf", "").unwrap()), Capability::ChatCompletion);
    let embeds = embedded("m/model.safetensors", "capability = \"embeddings\"").unwrap();
    assert_eq!(capability(embeds), Capability::Embeddings);
}

#[test]
fn a_file_of_another_kind_than_the_capability_says_what_is_expected() {
    for (file, more, why) in [
        ("m/model.safetensors", "", "add `capability = \"embeddings\"`"),
        ("m.gguf", "capability = \"embeddings\"", "a `.safetensors` file with `config.json` and `tokenizer.json`"),
        ("m.gguf", "capability = \"pictures\"", "expected `chat_completion` or `embeddings`"),
    ] {
        let error = embedded(file, more).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
}

fn far(upstream: &str) -> String {
    let model = "[[model]]\nname = \"m\"\nversion = \"1\"\nformat = \"OpenAI\"\n";
    format!(
        "{model}runs = {{ upstream = {{ name = \"there\", model = \"theirs\" }} }}\n[[upstream]]\nname = \"there\"\n{upstream}"
    )
}

#[test]
fn a_model_runs_at_the_upstream_it_names() {
    let catalog =
        Catalog::from_toml(&far("kind = \"openai\"\nbase_url = \"https://a/v1\"\ncredential = { env = \"KEY\" }"))
            .unwrap();
    assert!(
        matches!(&catalog.find("m", None).unwrap().runs, Runs::Upstream { name, model } if name == "there" && model == "theirs")
    );
    let [upstream] = catalog.upstreams() else { panic!("{:?}", catalog.upstreams()) };
    assert_eq!((upstream.kind, upstream.stream_usage), (UpstreamKind::OpenAi, true));
    assert_eq!(upstream.credential, Some(UpstreamCredential::Env("KEY".to_owned())));
}

#[test]
fn azure_takes_a_key_or_an_identity() {
    for credential in [
        "{ file = \"/run/secrets/key\" }",
        "{ host_identity = {} }",
        "{ host_identity = { client_id = \"c\" } }",
        "{ client_secret = { tenant_id = \"t\", client_id = \"c\", secret = { env = \"S\" } } }",
    ] {
        let text = far(&format!("kind = \"azure_openai\"\nbase_url = \"https://a\"\ncredential = {credential}"));
        assert!(Catalog::from_toml(&text).unwrap().upstreams()[0].credential.is_some(), "{credential}");
    }
}

#[test]
fn an_upstream_that_cannot_be_meant_says_why() {
    for (upstream, why) in [
        ("kind = \"azure_openai\"\nbase_url = \"https://a\"", "needs a `credential`"),
        ("kind = \"openai\"\nbase_url = \"https://a\"\napi_version = \"1\"", "`api_version` is for"),
        ("kind = \"openai\"\nbase_url = \"https://a\"\ncredential = { host_identity = {} }", "`host_identity`"),
        (
            "kind = \"azure_openai\"\nbase_url = \"https://a\"\nheader = \"x\"\ncredential = { host_identity = {} }",
            "`header` is for keys",
        ),
        ("kind = \"grpc\"\nbase_url = \"https://a\"", "grpc"),
        ("kind = \"openai\"\nurl = \"https://a\"", "url"),
    ] {
        let error = Catalog::from_toml(&far(upstream)).unwrap_err().to_string();
        assert!(error.contains(why), "{upstream}: {error}");
    }
    let nowhere =
        far("kind = \"openai\"\nbase_url = \"https://a\"").replace("name = \"there\", m", "name = \"elsewhere\", m");
    assert!(
        matches!(Catalog::from_toml(&nowhere), Err(CatalogError::NoUpstream { upstream, .. }) if upstream == "elsewhere")
    );
}

#[test]
fn a_pasted_secret_is_refused_and_not_repeated() {
    for credential in [
        "\"sk-pasted\"",
        "{ key = \"sk-pasted\" }",
        "{ client_secret = { tenant_id = \"t\", client_id = \"c\", secret = \"sk-pasted\" } }",
    ] {
        let text = far(&format!("kind = \"azure_openai\"\nbase_url = \"https://a\"\ncredential = {credential}"));
        let error = Catalog::from_toml(&text).unwrap_err().to_string();
        assert!(!error.contains("sk-pasted"), "{error}");
    }
}

#[test]
fn a_unit_and_a_quota_that_cannot_be_meant_say_why() {
    for (more, why) in [
        ("tokens_per_unit = 0", "`tokens_per_unit`"),
        ("tokens_per_unit = 1000001", "1 to 1000000"),
        ("requests_per_unit = \"1/0\"", "`requests_per_unit`"),
        ("requests_per_unit = \"one\"", "such as 6 or"),
        ("requests_per_unit = 0.5", "such as 6 or"),
        ("quota = { Standart = 1 }", "did you mean `Standard`?"),
        ("quota = { ProvisionedManaged = 1 }", "put it in `[quota]`"),
        ("quota = { Standard = -1 }", "line"),
    ] {
        let error = Catalog::from_toml(&entry("m", "1", more)).unwrap_err().to_string();
        assert!(error.contains(why), "{more}: {error}");
    }
    let error = Catalog::from_toml("[quota]\nGlobalStandart = 1\n").unwrap_err().to_string();
    assert!(error.contains("did you mean `GlobalStandard`?"), "{error}");
}

#[test]
fn the_nearest_word_on_a_quota_counts() {
    let text =
        "[quota]\nStandard = 5\n".to_owned() + &entry("m", "1", "quota = { Standard = 3 }") + &entry("n", "1", "");
    let catalog = Catalog::from_toml(&text).unwrap().with_quota_units(Some(9)).with_quota_units(None);
    let units = |sku: &str, model: &str| catalog.quota_units(sku, Some(model));
    assert_eq!((units("Standard", "M"), units("Standard", "n"), units("GlobalStandard", "m")), (3, 5, 9));
    assert_eq!(Catalog::default().quota_units("Standard", None), 10_000);
}
