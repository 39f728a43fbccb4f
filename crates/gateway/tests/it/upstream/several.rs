//! Several providers of one model: who is asked first, who next, and who is left alone.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use egress::Egress;
use gateway::{Gateway, Limits};
use http::HeaderMap;
use http_body_util::BodyExt;
use resources::model_catalog::Catalog;
use serde_json::Value;

use super::far::{CHAT, question, settings};
use crate::house::{House, KEY};
use crate::mock::{Act, Mock, json, nobody, stream};

const GOOD: &str = "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1}}";
const EVENT: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Ber\"}}]}\n\n";

/// A house with providers named `p0`, `p1`, …
struct Several {
    house: House,
    mocks: Vec<Mock>,
}

/// Priority, weight and region of a provider.
type Place = (u32, u32, Option<&'static str>);

impl Several {
    async fn of(places: &[Place]) -> Several {
        let mut mocks = Vec::new();
        for _ in places {
            mocks.push(Mock::plain().await);
        }
        let urls = mocks.iter().map(|mock| mock.url.clone()).collect();
        Several::at(places, mocks, urls).await
    }

    /// The same at these addresses.
    async fn at(places: &[Place], mocks: Vec<Mock>, urls: Vec<String>) -> Several {
        let (mut runs, mut upstreams) = (Vec::new(), String::new());
        for (at, ((priority, weight, region), url)) in places.iter().zip(&urls).enumerate() {
            runs.push(format!("{{ name = \"p{at}\", model = \"m{at}\", priority = {priority}, weight = {weight} }}"));
            let region = region.map(|region| format!("region = \"{region}\"\n")).unwrap_or_default();
            upstreams +=
                &format!("[[upstream]]\nname = \"p{at}\"\nkind = \"openai\"\nbase_url = \"{url}/v1\"\n{region}");
        }
        let model = "[[model]]\nname = \"Far\"\nversion = \"1\"\nformat = \"OpenAI\"\n";
        let catalog = format!("{model}runs = {{ upstreams = [{}] }}\n{upstreams}", runs.join(", "));
        let mut settings = settings(&mocks[0], &[]);
        settings.allowed_targets = urls;
        let gateway = Gateway::new(Catalog::from_toml(&catalog).unwrap(), Path::new("/nowhere"), Limits::default());
        let gateway = gateway.with_upstreams(&Egress::new(settings).unwrap()).unwrap();
        let house = House::around(Arc::new(gateway)).await;
        house.deploy("far", "Far").await;
        Several { house, mocks }
    }

    async fn ask(&self, body: &str) -> (u16, HeaderMap, Value) {
        let (head, body) = self.house.send("POST", CHAT, KEY, body).await.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        (head.status.as_u16(), head.headers, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// How often each was asked.
    fn counts(&self) -> Vec<usize> {
        self.mocks.iter().map(|mock| mock.seen().len()).collect()
    }
}

fn refusal(status: u16, code: &str) -> Act {
    json(status, &format!("{{\"error\":{{\"message\":\"m\",\"code\":\"{code}\"}}}}"))
}

#[tokio::test]
async fn the_lowest_priority_is_asked_alone_while_it_answers() {
    let several = Several::of(&[(2, 100, None), (1, 1, None)]).await;
    for _ in 0..5 {
        several.mocks[1].will(json(200, GOOD));
        assert_eq!(several.ask(&question(false)).await.0, 200);
    }
    assert_eq!(several.counts(), [0, 5]);
    let seen = several.mocks[1].seen().remove(0);
    assert_eq!(
        serde_json::from_slice::<Value>(&seen.body).unwrap()["model"],
        "m1",
        "each is told its own name of the model"
    );
    assert_eq!(several.house.records_when(5).await[4]["upstream"], "p1");
}

#[tokio::test]
async fn requests_are_spread_by_weight() {
    let several = Several::of(&[(1, 3, None), (1, 1, None), (1, 0, None)]).await;
    for mock in &several.mocks {
        (0..200).for_each(|_| mock.will(json(200, GOOD)));
    }
    for _ in 0..200 {
        assert_eq!(several.ask(&question(false)).await.0, 200);
    }
    let counts = several.counts();
    // Five standard deviations about 150.
    assert!((119..=181).contains(&counts[0]) && counts[2] == 0, "{counts:?}");
    assert_eq!(counts.iter().sum::<usize>(), 200);
}

#[tokio::test]
async fn a_provider_that_is_broken_busy_or_gone_is_replaced_before_the_first_byte() {
    for status in [408, 429, 500, 502, 503, 504, 529] {
        for is_stream in [false, true] {
            let several = Several::of(&[(1, 1, None), (2, 1, None)]).await;
            several.mocks[0].will(refusal(status, "x"));
            several.mocks[1].will(json(200, GOOD));
            let (got, headers, answer) = several.ask(&question(is_stream)).await;
            // Whole, though a stream was asked for: it is said as one, which this reads no further.
            let said = answer["choices"][0]["message"]["content"].as_str();
            assert_eq!((got, said), (200, Some("Hi").filter(|_| !is_stream)), "{status}");
            assert!(!headers.contains_key("retry-after"), "{status}");
            assert_eq!(several.counts(), [1, 1]);
            let records = several.house.records_when(1).await;
            let [record] = records.as_slice() else { panic!("one request, one record: {records:?}") };
            assert_eq!((record["upstream"].as_str(), record["status"].as_u64()), (Some("p1"), Some(200)));
            assert_eq!(record["finish"], "stop");
        }
    }
}

#[tokio::test]
async fn a_provider_that_cannot_be_reached_is_replaced_too() {
    let (_held, gone) = nobody();
    let mock = Mock::plain().await;
    let urls = vec![gone, mock.url.clone()];
    let several = Several::at(&[(1, 1, None), (2, 1, None)], vec![mock], urls).await;
    several.mocks[0].will(json(200, GOOD));
    assert_eq!(several.ask(&question(false)).await.0, 200);
    assert_eq!(several.house.records_when(1).await[0]["upstream"], "p1");
}

#[tokio::test]
async fn a_callers_own_mistake_is_told_and_nobody_else_is_asked() {
    for status in [400, 401, 403, 404, 409, 413, 422] {
        let several = Several::of(&[(1, 1, None), (2, 1, None)]).await;
        several.mocks[0].will(refusal(status, "theirs"));
        let (got, _, answer) = several.ask(&question(false)).await;
        assert_eq!((got, answer["error"]["code"].as_str()), (status, Some("theirs")));
        assert_eq!(several.counts(), [1, 0]);
    }
}

#[tokio::test]
async fn after_the_first_byte_nobody_else_is_asked() {
    let several = Several::of(&[(1, 1, None), (2, 1, None)]).await;
    let (feed, act) = stream();
    several.mocks[0].will(act);
    feed.send(Ok(Bytes::from(EVENT))).unwrap();
    let mut body = several.house.send("POST", CHAT, KEY, &question(true)).await.into_body();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), EVENT);
    feed.send(Err(std::io::Error::other("cut"))).unwrap();
    let rest = body.collect().await.unwrap().to_bytes();
    assert!(std::str::from_utf8(&rest).unwrap().contains("UpstreamFailed"));
    assert_eq!(several.counts(), [1, 0]);
    let record = several.house.records_when(1).await.remove(0);
    assert_eq!((record["upstream"].as_str(), record["status"].as_u64()), (Some("p0"), Some(502)));
}

#[tokio::test]
async fn when_all_refuse_the_last_ones_words_are_told() {
    let several = Several::of(&[(1, 1, None), (2, 1, None)]).await;
    several.mocks[0].will(refusal(503, "first"));
    several.mocks[1].will(refusal(503, "second"));
    let (status, headers, answer) = several.ask(&question(false)).await;
    assert_eq!((status, answer["error"]["code"].as_str()), (503, Some("second")));
    assert_eq!(headers["x-cupola-answered-by"], "upstream");
    let record = several.house.records_when(1).await.remove(0);
    assert_eq!((record["upstream"].as_str(), record["finish"].as_str()), (Some("p1"), Some("error")));
    assert_eq!(record.get("promptTokens"), None);
}

#[tokio::test]
async fn one_request_is_sent_to_three_providers_at_most() {
    let several = Several::of(&[(1, 1, None), (2, 1, None), (3, 1, None), (4, 1, None)]).await;
    several.mocks.iter().for_each(|mock| mock.will(refusal(503, "x")));
    assert_eq!(several.ask(&question(false)).await.0, 503);
    assert_eq!(several.counts(), [1, 1, 1, 0]);
}

#[tokio::test]
async fn five_failures_in_a_row_leave_a_provider_alone_and_say_why() {
    let several = Several::of(&[(1, 1, None)]).await;
    for _ in 0..4 {
        several.mocks[0].will(refusal(500, "x"));
        several.ask(&question(false)).await;
    }
    // A caller's own mistake between them: it answered, and the count begins anew.
    several.mocks[0].will(refusal(400, "x"));
    several.ask(&question(false)).await;
    for _ in 0..5 {
        several.mocks[0].will(refusal(500, "x"));
        assert_eq!(several.ask(&question(false)).await.0, 500);
    }
    several.mocks[0].will(json(200, GOOD));
    let (status, headers, answer) = several.ask(&question(true)).await;
    assert_eq!((status, answer["error"]["code"].as_str()), (503, Some("UpstreamUnavailable")));
    let seconds: u64 = headers["retry-after"].to_str().unwrap().parse().unwrap();
    let millis: u64 = headers["retry-after-ms"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds) && millis <= seconds * 1000, "{headers:?}");
    assert_eq!(several.counts(), [10], "it was not asked");
    let record = several.house.records_when(11).await.pop().unwrap();
    assert_eq!(record["reason"], "the upstream `p0` rests: it answered 500");
    assert_eq!((record["step"].as_str(), record.get("promptTokens")), (Some("upstream"), None));
    // After its rest one request tries, and its good answer opens the way again.
    let answered = async {
        while several.ask(&question(false)).await.0 != 200 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), answered).await.expect("it was never tried again");
    several.mocks[0].will(json(200, GOOD));
    assert_eq!(several.ask(&question(false)).await.0, 200);
    assert_eq!(several.counts(), [12]);
}

#[tokio::test]
async fn a_provider_that_rests_is_passed_over_for_the_next() {
    let several = Several::of(&[(1, 1, None), (2, 1, None)]).await;
    several.mocks[0].will(Act::Answer(429, vec![("retry-after", "30".to_owned())], Bytes::new()));
    for _ in 0..3 {
        several.mocks[1].will(json(200, GOOD));
        assert_eq!(several.ask(&question(false)).await.0, 200);
    }
    assert_eq!(several.counts(), [1, 3], "it said for how long it wants to be left alone");
}

#[tokio::test]
async fn a_regional_deployment_is_never_served_elsewhere() {
    for sku in ["Standard", "ProvisionedManaged"] {
        let several = Several::of(&[(1, 1, Some("westeurope")), (2, 1, Some("eastus"))]).await;
        several.house.deploy_as("bound", "Far", sku, 100).await;
        several.mocks[0].will(refusal(503, "here"));
        let body = question(false).replace("\"far\"", "\"bound\"");
        let (status, _, answer) = several.ask(&body).await;
        assert_eq!((status, answer["error"]["code"].as_str()), (503, Some("here")), "{sku}");
        assert_eq!(several.counts(), [1, 0], "{sku}");
        let nowhere = Several::of(&[(1, 1, Some("eastus"))]).await;
        nowhere.house.deploy_as("bound", "Far", sku, 100).await;
        let (status, _, answer) = nowhere.ask(&body).await;
        assert_eq!((status, answer["error"]["code"].as_str()), (503, Some("ModelNotAvailable")), "{sku}");
        assert_eq!(nowhere.counts(), [0], "{sku}");
    }
}

#[tokio::test]
async fn a_global_deployment_is_served_anywhere() {
    let several = Several::of(&[(1, 1, Some("westeurope")), (2, 1, Some("eastus"))]).await;
    several.house.deploy_as("global", "Far", "GlobalStandard", 100).await;
    several.mocks[0].will(refusal(503, "here"));
    several.mocks[1].will(json(200, GOOD));
    assert_eq!(several.ask(&question(false).replace("\"far\"", "\"global\"")).await.0, 200);
    assert_eq!(several.counts(), [1, 1]);
}
