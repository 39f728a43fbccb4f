//! What a deployment's capacity admits: reserved before, settled after, said in headers. The counting itself is `metering`'s.

use std::sync::Arc;

use http::HeaderMap;
use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::far::{CHAT, Far};
use crate::house::KEY;
use crate::mock::{Feed, json as answer, stream};

const EVENT: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Ber\"}}]}\n\n";
const END: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n\
    data: {\"choices\":[],\"usage\":{\"prompt_tokens\":14,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n";
/// What the frame of one empty message is taken for.
const FRAME_TOKENS: u64 = 16;

/// A house whose deployment `far` has a thousand tokens a minute, and requests enough.
async fn rated() -> Far {
    let far = Far::open_ai().await;
    far.house.deploy_as("rated", "Far", "GlobalStandard", 1).await;
    far
}

/// An empty question whose answer may have so many tokens.
fn question(max_tokens: u64, is_stream: bool) -> String {
    json!({"model": "rated", "messages": [{"role": "user", "content": ""}], "max_tokens": max_tokens, "stream": is_stream})
        .to_string()
}

fn told(prompt_tokens: u64, completion_tokens: u64) -> crate::mock::Act {
    let usage = json!({"prompt_tokens": prompt_tokens, "completion_tokens": completion_tokens});
    let choice = json!({"index": 0, "message": {"content": "Hi"}, "finish_reason": "stop"});
    answer(200, &json!({"choices": [choice], "usage": usage}).to_string())
}

fn number(headers: &HeaderMap, name: &str) -> u64 {
    headers.get(name).unwrap_or_else(|| panic!("no `{name}` in {headers:?}")).to_str().unwrap().parse().unwrap()
}

fn remaining(headers: &HeaderMap) -> u64 {
    number(headers, "x-ratelimit-remaining-tokens")
}

/// A stream that has begun and holds its reservation.
async fn begun(far: &Far, max_tokens: u64) -> (Feed, access::ReplyBody) {
    let (feed, act) = stream();
    far.mock.will(act);
    feed.send(Ok(EVENT.into())).unwrap();
    let mut body = far.house.send("POST", CHAT, KEY, &question(max_tokens, true)).await.into_body();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), EVENT);
    (feed, body)
}

#[tokio::test]
async fn what_an_answer_may_cost_is_reserved_and_what_it_did_cost_is_settled() {
    let far = rated().await;
    far.mock.will(told(14, 2));
    let (status, headers, _) = far.ask(&question(400, false)).await;
    assert_eq!(status, 200);
    assert_eq!((number(&headers, "x-ratelimit-limit-tokens"), remaining(&headers)), (1000, 1000 - FRAME_TOKENS - 400));
    assert_eq!(number(&headers, "x-ratelimit-limit-requests"), 6000);
    assert!(number(&headers, "x-ratelimit-remaining-requests") < 6000);
    assert!(number(&headers, "x-ratelimit-reset-tokens") <= 60);
    far.mock.will(told(14, 2));
    let (_, headers, _) = far.ask(&question(400, false)).await;
    assert_eq!(remaining(&headers), 1000 - 16 - FRAME_TOKENS - 400, "the first one cost sixteen");
}

#[tokio::test]
async fn a_deployment_without_a_rate_has_no_such_headers() {
    let far = Far::open_ai().await;
    far.mock.will(told(14, 2));
    let (_, headers, _) = far.ask(&question(400, false).replace("rated", "far")).await;
    assert!(headers.keys().all(|name| !name.as_str().starts_with("x-ratelimit")), "{headers:?}");
}

#[tokio::test]
async fn who_asks_for_more_than_is_left_is_told_when_to_come_again() {
    let far = rated().await;
    let (feed, body) = begun(&far, 900).await;
    for is_stream in [false, true] {
        let (status, headers, text) = far.ask(&question(900, is_stream)).await;
        let error = serde_json::from_slice::<Value>(&text).unwrap()["error"].clone();
        assert_eq!((status.as_u16(), error["code"].as_str()), (429, Some("429")));
        let seconds = number(&headers, "retry-after");
        assert!((1..=60).contains(&seconds), "{seconds}");
        assert!(number(&headers, "retry-after-ms").div_ceil(1000) <= seconds);
        let start = "Requests to the ChatCompletions_Create Operation have exceeded token rate limit of your current \
                     pricing tier. Please retry after";
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with(&format!("{start} {seconds} seconds.")), "{message}");
        assert_eq!(
            (number(&headers, "x-ratelimit-limit-tokens"), remaining(&headers)),
            (1000, 1000 - FRAME_TOKENS - 900)
        );
    }
    assert_eq!(far.mock.seen().len(), 1, "a refused request is not sent");
    let records = far.house.records_when(2).await;
    assert_eq!((records[0]["status"].as_u64(), records[0]["step"].as_str()), (Some(429), Some("admission")));
    assert!(records[0].get("promptTokens").is_none(), "{}", records[0]);

    // The answer ends with what it used: there is room again, at once.
    feed.send(Ok(END.into())).unwrap();
    drop(feed);
    body.collect().await.unwrap();
    far.mock.will(told(14, 2));
    assert_eq!(far.ask(&question(900, false)).await.0, 200);
}

#[tokio::test]
async fn a_client_who_leaves_gives_back_what_it_did_not_use() {
    let far = rated().await;
    let (_feed, body) = begun(&far, 900).await;
    drop(body);
    far.house.records_when(1).await;
    far.mock.will(told(14, 2));
    let (status, headers, _) = far.ask(&question(900, false)).await;
    assert_eq!(status, 200);
    // The prompt and the one token that was written.
    assert_eq!(remaining(&headers), 1000 - FRAME_TOKENS - 1 - FRAME_TOKENS - 900);
}

#[tokio::test]
async fn a_client_who_leaves_before_the_answer_pays_its_prompt() {
    let far = Arc::new(rated().await);
    let (gone, told_gone) = tokio::sync::oneshot::channel();
    far.mock.will(crate::mock::Act::Silence(gone));
    let asks = Arc::clone(&far);
    let asking = tokio::spawn(async move { asks.ask(&question(900, false)).await });
    while far.mock.seen().is_empty() {
        tokio::task::yield_now().await;
    }
    asking.abort();
    assert!(told_gone.await.is_err());
    far.house.records_when(1).await;
    far.mock.will(told(14, 2));
    let (_, headers, _) = far.ask(&question(100, false)).await;
    assert_eq!(remaining(&headers), 1000 - FRAME_TOKENS - FRAME_TOKENS - 100);
}

#[tokio::test]
async fn what_a_provider_refuses_costs_nothing() {
    let far = rated().await;
    for status in [400, 401, 429, 500] {
        far.mock.will(answer(status, "{\"error\":{\"message\":\"m\",\"code\":\"c\"}}"));
        assert_eq!(far.ask(&question(900, false)).await.0.as_u16(), status);
    }
    far.mock.will(told(14, 2));
    let (_, headers, _) = far.ask(&question(100, false)).await;
    assert_eq!(remaining(&headers), 1000 - FRAME_TOKENS - 100);
}

#[tokio::test]
async fn a_refusal_of_the_providers_shows_our_own_standing_and_its_own_patience() {
    let far = rated().await;
    let headers = [("content-type", "application/json"), ("retry-after", "7"), ("x-ratelimit-remaining-tokens", "0")];
    let headers = headers.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
    far.mock.will(crate::mock::Act::Answer(429, headers, "{\"error\":{\"message\":\"m\",\"code\":\"c\"}}".into()));
    let (_, headers, _) = far.ask(&question(100, false)).await;
    assert_eq!((number(&headers, "retry-after"), number(&headers, "x-ratelimit-limit-tokens")), (7, 1000));
    assert!(remaining(&headers) > 0);
    let values = headers.get_all("x-ratelimit-remaining-tokens").iter().count();
    assert_eq!(values, 1, "{headers:?}");
}

#[tokio::test]
async fn an_answer_beyond_its_reservation_is_charged_to_those_that_follow() {
    let far = rated().await;
    far.mock.will(told(14, 986));
    assert_eq!(far.ask(&question(100, false)).await.0, 200);
    let (status, headers, _) = far.ask(&question(1, false)).await;
    assert_eq!((status.as_u16(), remaining(&headers)), (429, 0));
}

#[tokio::test]
async fn what_can_never_fit_is_told_so_and_not_to_come_again() {
    let far = rated().await;
    let (status, headers, text) = far.ask(&question(5000, false)).await;
    assert_eq!(status.as_u16(), 429);
    assert_eq!((headers.get("retry-after"), headers["x-should-retry"].to_str().unwrap()), (None, "false"));
    assert!(std::str::from_utf8(&text).unwrap().contains("1000 tokens per minute"));
    assert!(far.mock.seen().is_empty());
}

#[tokio::test]
async fn who_names_no_limit_gets_what_the_deployment_has_and_the_provider_is_told() {
    let far = rated().await;
    far.mock.will(told(14, 2));
    let body = json!({"model": "rated", "messages": [{"role": "user", "content": ""}]});
    let (status, headers, _) = far.ask(&body.to_string()).await;
    assert_eq!((status.as_u16(), remaining(&headers)), (200, 0));
    let asked: Value = serde_json::from_slice(&far.mock.seen()[0].body).unwrap();
    assert_eq!(asked["max_tokens"], 1000 - FRAME_TOKENS);
}

#[tokio::test]
async fn requests_are_counted_too() {
    let far = Far::open_ai().await;
    far.house.deploy_as("rated", "Rare", "Standard", 1).await;
    far.mock.will(told(14, 2));
    let (status, headers, _) = far.ask(&question(10, false)).await;
    assert_eq!((status.as_u16(), number(&headers, "x-ratelimit-limit-requests")), (200, 6));
    let (status, headers, text) = far.ask(&question(10, false)).await;
    assert_eq!(status.as_u16(), 429, "six a minute are one in ten seconds");
    assert!((1..=10).contains(&number(&headers, "retry-after")));
    let message = serde_json::from_slice::<Value>(&text).unwrap()["error"]["message"].clone();
    assert!(message.as_str().unwrap().contains("have exceeded call rate limit"), "{message}");
    assert_eq!(far.mock.seen().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_forty_at_once_exactly_those_pass_that_fit() {
    let far = Arc::new(rated().await);
    // A hundred tokens each; none ends before all were asked.
    let feeds: Vec<Feed> = (0..40)
        .map(|_| {
            let (feed, act) = stream();
            far.mock.will(act);
            feed
        })
        .collect();
    let body = question(100 - FRAME_TOKENS, true);
    let ask = |far: Arc<Far>, body: String| async move { far.house.send("POST", CHAT, KEY, &body).await };
    let asks: Vec<_> = (0..40).map(|_| tokio::spawn(ask(Arc::clone(&far), body.clone()))).collect();
    let mut answers = Vec::new();
    for ask in asks {
        answers.push(ask.await.unwrap());
    }
    let of_status = |status: u16| answers.iter().filter(|answer| answer.status() == status).count();
    assert_eq!((of_status(200), of_status(429)), (10, 30));
    assert_eq!(far.mock.seen().len(), 10);
    drop(feeds);
}

#[tokio::test]
async fn the_other_surfaces_say_the_refusal_in_their_own_form() {
    let far = rated().await;
    let (_feed, _body) = begun(&far, 900).await;
    let message = json!([{"role": "user", "content": "Hi"}]);
    for (path, body, operation) in [
        ("anthropic/v1/messages", json!({"model": "rated", "max_tokens": 900, "messages": message}), "Messages_Create"),
        ("openai/v1/responses", json!({"model": "rated", "max_output_tokens": 900, "input": "Hi"}), "Responses_Create"),
        ("openai/v1/completions", json!({"model": "rated", "max_tokens": 900, "prompt": "Hi"}), "Completions_Create"),
    ] {
        let (status, headers, told) = far.house.ask("POST", &format!("/accounts/contoso-hr/{path}"), &body).await;
        assert_eq!(status.as_u16(), 429, "{told}");
        assert!(number(&headers, "retry-after") >= 1 && remaining(&headers) < 100, "{headers:?}");
        assert!(told["error"]["message"].as_str().unwrap().contains(operation), "{told}");
        if path.starts_with("anthropic") {
            assert_eq!((&told["type"], &told["error"]["type"]), (&json!("error"), &json!("rate_limit_error")));
        }
    }
    assert_eq!(far.mock.seen().len(), 1);
}
