#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use super::*;

const CATALOG: &str = r#"
[[upstream]]
name = "there"
kind = "anthropic"
base_url = "https://api.anthropic.com"

[[model]]
name = "fast"
version = "1"
format = "OpenAI"
runs = { upstream = { name = "there", model = "quick-1" } }
"#;

fn metrics() -> Arc<Metrics> {
    Metrics::new(&Catalog::from_toml(CATALOG).unwrap())
}

fn answered(deployment: &str) -> Record {
    Record {
        plane: "inference".into(),
        route: "/openai/v1/chat/completions".into(),
        outcome: "allowed".into(),
        status: 200,
        account: Some("bank".to_owned()),
        deployment: Some(deployment.into()),
        model: Some("fast".into()),
        upstream: Some("there".into()),
        prompt_tokens: Some(100),
        cached_input_tokens: Some(40),
        completion_tokens: Some(50),
        reasoning_tokens: Some(20),
        first_byte_us: Some(30_000),
        duration_us: 2_000_000,
        principal_label: Some("alice@contoso.com".into()),
        ..Record::default()
    }
}

/// The values of the samples that begin so, summed.
fn sum(text: &str, name: &str, labels: &[&str]) -> f64 {
    let samples = text.lines().filter(|line| line.starts_with(name) && labels.iter().all(|label| line.contains(label)));
    samples.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()).sum()
}

#[test]
fn a_request_counts_its_tokens_by_kind_and_its_times() {
    let metrics = metrics();
    let observe = metrics.observer();
    observe(&answered("chat"));
    observe(&answered("chat"));
    let text = metrics.text().unwrap();
    let tokens = |kind: &str| {
        let kind = format!("gen_ai_token_type=\"{kind}\"");
        let labels = ["gen_ai_request_model=\"fast\"", "gen_ai_provider_name=\"anthropic\"", "\"bank/chat\"", &kind];
        sum(&text, "gen_ai_client_token_usage_total{", &labels)
    };
    let kinds = ["input", "cached_input", "cache_write", "output", "reasoning"].map(tokens);
    assert_eq!(kinds, [200.0, 80.0, 0.0, 100.0, 40.0], "{text}");
    assert_eq!(sum(&text, "gen_ai_server_request_duration_seconds_sum", &[]), 4.0);
    assert_eq!(sum(&text, "gen_ai_server_request_duration_seconds_count", &[]), 2.0);
    assert_eq!(sum(&text, "gen_ai_server_time_to_first_token_seconds_sum", &[]), 0.06);
    assert_eq!(sum(&text, "cupola_requests_total", &["outcome=\"allowed\"", "status_class=\"2xx\""]), 2.0);
    assert!(text.ends_with("# EOF\n") && !text.contains("alice"), "{text}");
}

#[test]
fn a_refusal_counts_as_a_request_and_uses_nothing() {
    let metrics = metrics();
    let refused = Record { outcome: "unauthenticated".into(), status: 401, sampled_of: Some(7), ..answered("chat") };
    metrics.observer()(&refused);
    metrics.observer()(&Record { step: "admission".into(), status: 429, ..answered("chat") });
    let text = metrics.text().unwrap();
    assert_eq!(sum(&text, "cupola_requests_total", &["outcome=\"allowed\"", "status_class=\"4xx\""]), 1.0);
    assert_eq!(sum(&text, "gen_ai_server_request_duration_seconds_count", &[]), 0.0);
    assert_eq!(sum(&text, "cupola_requests_total", &["outcome=\"unauthenticated\"", "status_class=\"4xx\""]), 7.0);
    assert_eq!(sum(&text, "gen_ai_client_token_usage_total", &[]), 0.0);
}

#[test]
fn names_that_the_catalog_does_not_have_are_one() {
    let metrics = metrics();
    for model in ["gone-1", "gone-2"] {
        let record = Record { model: Some(model.into()), upstream: Some(model.into()), ..answered("chat") };
        metrics.observer()(&record);
    }
    let text = metrics.text().unwrap();
    let other = ["gen_ai_request_model=\"other\"", "gen_ai_provider_name=\"other\"", "\"input\""];
    assert_eq!(sum(&text, "gen_ai_client_token_usage_total", &other), 200.0);
    assert!(!text.contains("gone-"), "{text}");
}

#[test]
fn beyond_a_thousand_deployments_the_rest_is_counted_together_and_nothing_is_lost() {
    let metrics = metrics();
    let count = DEPLOYMENTS_LIMIT + 50;
    (0..count).for_each(|number| metrics.observer()(&answered(&format!("d{number}"))));
    let text = metrics.text().unwrap();
    let input = |labels: &[&str]| sum(&text, "gen_ai_client_token_usage_total", &[labels, &["\"input\""]].concat());
    assert_eq!(input(&["cupola_deployment=\"other\""]), 50.0 * 100.0);
    assert_eq!(input(&[]), count as f64 * 100.0);
}

#[test]
fn the_process_tells_its_memory_and_its_age() {
    let text = metrics().text().unwrap();
    assert!(sum(&text, "process_resident_memory_bytes ", &[]) > 1_000_000.0, "{text}");
    assert!(sum(&text, "process_start_time_seconds ", &[]) > 1.7e9, "{text}");
}
