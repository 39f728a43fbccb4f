#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use store::Record;

use super::grouping::Key;
use super::period::moment;
use super::prices::RequestCost;
use super::sums::Sums;
use super::*;

const NOW: &str = "2026-11-22T12:00:00Z";

const CATALOG: &str = r#"
[[upstream]]
name = "there"
kind = "openai"
base_url = "https://api.openai.com/v1"

[[upstream]]
name = "rack"
kind = "openai"
base_url = "http://gpu.internal:8000/v1"

[[upstream]]
name = "cloud"
kind = "azure_openai"
base_url = "https://models.contoso.example"
credential = { env = "CLOUD_KEY" }

[[model]]
name = "fast"
version = "1"
format = "OpenAI"
runs = { upstream = { name = "there", model = "gpt-4o-mini" } }

[[model]]
name = "gpt-4o"
version = "1"
format = "OpenAI"
runs = { upstreams = [{ name = "cloud", model = "our-4o" }, { name = "rack", model = "gpt-4o" }] }

[[model]]
name = "ours"
version = "1"
format = "OpenAI"
runs = { upstream = { name = "rack", model = "gpt-4o" } }
price = { input_micro_usd_per_million = 1000000, cached_input_micro_usd_per_million = 500000, output_micro_usd_per_million = 2000000 }

[[model]]
name = "gpt-4"
version = "1"
format = "OpenAI"
runs = { embedded = { file = "small.gguf" } }
"#;

fn book() -> PriceBook {
    PriceBook::of(&resources::model_catalog::Catalog::from_toml(CATALOG).unwrap())
}

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// An answered request for a million tokens, 400 000 of them cached, and 100 000 of an answer.
fn answered(model: &str, upstream: Option<&str>) -> Record {
    Record {
        time: now(),
        plane: "inference".into(),
        outcome: "allowed".into(),
        status: 200,
        account: Some("a".to_owned()),
        deployment: Some("chat".into()),
        model: Some(model.into()),
        upstream: upstream.map(Into::into),
        prompt_tokens: Some(1_000_000),
        cached_input_tokens: Some(400_000),
        completion_tokens: Some(100_000),
        ..Record::default()
    }
}

fn cost(record: &Record) -> Option<u64> {
    match book().cost(record) {
        RequestCost::Known(cost) => Some(cost.micro_usd()),
        RequestCost::Unknown => None,
    }
}

#[test]
fn times_are_read_in_every_form_and_a_wrong_one_is_told_the_forms() {
    let at = |text: &str| Moment::At(text.parse().unwrap());
    for (text, expected) in [
        ("24h", Moment::Ago(jiff::SignedDuration::from_hours(24))),
        ("7d", Moment::Ago(jiff::SignedDuration::from_hours(7 * 24))),
        ("90m", Moment::Ago(jiff::SignedDuration::from_mins(90))),
        ("2w", Moment::Ago(jiff::SignedDuration::from_hours(14 * 24))),
        ("2026-11-01", at("2026-11-01T00:00:00Z")),
        ("2026-11-01T08:00:00+02:00", at("2026-11-01T06:00:00Z")),
    ] {
        assert_eq!(moment(text), Ok(expected), "{text}");
    }
    for text in ["", "h", "-1h", "yesterday", "2026-13-01", "1.5h", "99999999999w", "ü"] {
        let said = moment(text).unwrap_err();
        assert!(
            said.contains(&format!("`{text}`")) && said.contains("`24h`") && said.contains("`2026-11-01`"),
            "{said}"
        );
    }
}

#[test]
fn a_period_has_its_beginning_and_not_its_end() {
    let period = Period::of(moment("1h").ok(), None, now()).unwrap();
    let time = |text: &str| text.parse::<Timestamp>().unwrap();
    assert!(period.contains(time("2026-11-22T11:00:00Z")) && period.contains(time("2026-11-22T11:59:59Z")));
    assert!(!period.contains(time("2026-11-22T10:59:59Z")) && !period.contains(now()));
    let said = Period::of(moment("1h").ok(), moment("2h").ok(), now()).unwrap_err().to_string();
    assert!(said.contains("exchange them"), "{said}");
}

#[test]
fn the_price_is_that_of_who_sold_it() {
    assert_eq!(cost(&answered("fast", Some("there"))), Some(180_000), "gpt-4o-mini of OpenAI, by its name there");
    assert_eq!(cost(&answered("gpt-4o", Some("cloud"))), Some(3_000_000), "Azure, whatever its deployment is called");
    assert_eq!(cost(&answered("ours", Some("rack"))), Some(1_000_000), "the operator's own");
}

#[test]
fn what_no_seller_is_known_of_has_no_price_though_its_name_is_on_the_list() {
    for (model, upstream) in
        [("gpt-4o", Some("rack")), ("gpt-4", None), ("gpt-4o", Some("gone")), ("gpt-4o-mini", Some("there"))]
    {
        assert_eq!(cost(&answered(model, upstream)), None, "{model} at {upstream:?}");
    }
}

#[test]
fn a_refusal_costs_nothing_whatever_its_record_says() {
    let refused = Record { outcome: "refused".into(), status: 403, ..answered("fast", Some("there")) };
    assert_eq!(cost(&refused), Some(0));
    let mut table = Table::default();
    table.add(&[], &refused, RequestCost::Known(Default::default()));
    assert_eq!((table.total.refused, table.total.total_tokens()), (1, 0));
}

#[test]
fn each_request_is_answered_refused_or_failed_and_a_sample_counts_for_many() {
    let ok = answered("ours", Some("rack"));
    let mut table = Table::default();
    for record in [
        ok.clone(),
        Record { finish: Some("cancelled".into()), ..ok.clone() },
        Record { status: 429, step: "admission".into(), prompt_tokens: None, ..ok.clone() },
        Record { outcome: "refused".into(), status: 403, ..ok.clone() },
        Record { outcome: "unauthenticated".into(), status: 401, sampled_of: Some(90), ..ok.clone() },
        Record { status: 502, step: "upstream".into(), ..ok.clone() },
        Record { finish: Some("error".into()), step: "upstream".into(), ..ok.clone() },
    ] {
        table.add(&[], &record, RequestCost::Unknown);
    }
    let Sums { requests, allowed, refused, failed, .. } = table.total;
    assert_eq!((requests, allowed, refused, failed), (96, 2, 92, 2));
}

fn line(name: &str) -> Key {
    Key { id: name.to_owned(), name: None }
}

fn filled() -> Table {
    let mut table = Table::default();
    let mut book = book();
    for (name, record) in [
        ("a/cheap", answered("fast", Some("there"))),
        ("a/dear", answered("gpt-4o", Some("cloud"))),
        ("a/unknown", Record { usage_estimated: Some(true), ..answered("gpt-4", None) }),
        ("a/mixed", answered("fast", Some("there"))),
        ("a/mixed", answered("gpt-4", None)),
        ("a/none", Record { outcome: "refused".into(), ..answered("gpt-4", None) }),
    ] {
        let cost = book.cost(&record);
        table.add(&[line(name)], &record, cost);
    }
    table
}

#[test]
fn a_table_is_sorted_by_cost_and_says_what_it_leaves_out() {
    let period = Period::of(moment("24h").ok(), None, now()).unwrap();
    let expected = "\
Usage by deployment from 2026-11-21T12:00:00Z to 2026-11-22T12:00:00Z

deployment  requests  answered  refused  failed   prompt   cached  completion  est.   cost USD
a/dear             1         1        0       0  1000000   400000      100000    0%   3.000000
a/mixed            2         2        0       0  2000000   800000      200000    0%  0.180000+
a/cheap            1         1        0       0  1000000   400000      100000    0%   0.180000
a/unknown          1         1        0       0  1000000   400000      100000  100%          -
a/none             1         0        1       0        0        0           0     -   0.000000
all                6         5        1       0  5000000  2000000      500000   20%  3.360000+

The cost leaves out 2 requests whose price is not known, of `gpt-4`: give these models a `price` in the model catalog.
";
    assert_eq!(show::text(By::Deployment, period, &filled()), expected);
}

#[test]
fn json_says_null_for_a_cost_that_is_not_known_and_never_nothing() {
    let period = Period::of(None, None, now()).unwrap();
    let printed = show::json(By::Deployment, period, &filled()).unwrap();
    let lines: Vec<serde_json::Value> = printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |key: &str| lines.iter().find(|line| line["key"] == key).unwrap();
    assert_eq!(
        (&of("a/unknown")["costMicroUsd"], &of("a/unknown")["unpricedRequests"]),
        (&serde_json::Value::Null, &1.into())
    );
    assert_eq!((&of("a/mixed")["costMicroUsd"], &of("a/mixed")["unpricedRequests"]), (&180_000.into(), &1.into()));
    let all = lines.last().unwrap();
    assert_eq!((&all["by"], &all["requests"], &all["costMicroUsd"]), (&"all".into(), &6.into(), &3_360_000.into()));
    assert_eq!(all["unpricedModels"], serde_json::json!(["gpt-4"]));
}

#[test]
fn what_ended_before_its_deployment_was_looked_for_counts_for_its_account() {
    let target = "/subscriptions/1/resourceGroups/r/providers/Microsoft.CognitiveServices/accounts/bank/projects/loans";
    let refused = Record { outcome: "refused".into(), target: Some(target.into()), ..Record::default() };
    let keys = |by| Grouping::new(by, None).keys_of(&refused);
    assert_eq!(keys(By::Account), [line("bank")]);
    assert_eq!(keys(By::Project), [line("bank/loans")]);
    assert_eq!(keys(By::Deployment), [line("bank/(no deployment)")]);
    assert_eq!(keys(By::Identity), [line("(not recognised)")]);
    let by_key =
        Record { account: Some("/subscriptions/1/x/accounts/bank".to_owned()), credential: "key2".into(), ..refused };
    assert_eq!(Grouping::new(By::Identity, None).keys_of(&by_key), [line("bank/key2")]);
}
