//! A catalog with providers outside, as an operator meets it.

use std::path::Path;

use super::running::refused;

fn config(dir: &Path, upstream: &str, egress: &str) -> String {
    let catalog = dir.join("models.toml");
    std::fs::write(&catalog, format!("[[upstream]]\nname = \"there\"\nkind = \"openai\"\n{upstream}\n")).unwrap();
    let config = dir.join("cupola.toml");
    std::fs::write(&config, format!("model_catalog = {catalog:?}\n[egress]\n{egress}\n")).unwrap();
    config.to_str().unwrap().to_owned()
}

#[test]
fn what_cannot_be_asked_stops_the_start_in_one_line_before_anything_is_made() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("d");
    for (upstream, egress, said) in [
        ("base_url = \"http://ollama.internal:11434/v1\"", "", "`egress.allowed_targets`"),
        ("base_url = \"http://169.254.169.254\"", "", "never asked"),
        (
            "base_url = \"https://api.openai.com/v1\"",
            "allowed_domains = [\"*.openai.azure.com\"]",
            "`egress.allowed_domains`",
        ),
        (
            "base_url = \"https://a.example\"\ncredential = { env = \"CUPOLA_TEST_NOT_SET\" }",
            "",
            "`CUPOLA_TEST_NOT_SET` is not set",
        ),
        ("base_url = \"https://a.example\"\ncredential = \"sk-pasted\"", "", "a secret never stands in the catalog"),
        ("base_url = \"https://a.example\"", "allowed_targets = [\"http://169.254.169.254\"]", "never asked"),
        ("base_url = \"https://a.example\"", "ca_files = [\"/nowhere.pem\"]", "/nowhere.pem"),
    ] {
        let config = config(dir.path(), upstream, egress);
        let line = refused(&data, "127.0.0.1:0", &["--demo", "contoso", "--config", &config]);
        assert!(line.contains(said) && !line.contains("sk-pasted"), "{upstream}: {line}");
        assert!(!data.exists(), "{upstream}");
    }
}
