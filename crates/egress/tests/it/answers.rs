//! Answers that are slow, large, broken or given up.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use egress::{Egress, EgressError, Settings, Timeouts};
use tokio::sync::oneshot;

use crate::mock::{Act, Mock, json, stream};
use crate::way::{get, post, settings, way};

/// A wait that ends at once where nothing comes.
const SHORT: Duration = Duration::from_millis(20);

#[tokio::test]
async fn a_connection_serves_one_request_after_the_other() {
    let mock = Mock::plain().await;
    let egress = way(&[&mock.url]);
    for turn in 0..3 {
        mock.will(json(200, &format!("{{\"turn\":{turn}}}")));
        let body = post(&egress, &mock.url).await.unwrap().collect(100).await.unwrap();
        assert_eq!(body, format!("{{\"turn\":{turn}}}"));
    }
    assert_eq!(mock.connections(), 1);
}

#[tokio::test]
async fn a_body_beyond_its_limit_is_not_taken_whether_its_length_is_told_or_not() {
    let mock = Mock::plain().await;
    let egress = way(&[&mock.url]);
    mock.will(json(200, &"x".repeat(101)));
    let told = post(&egress, &mock.url).await.unwrap().collect(100).await.unwrap_err();
    assert_eq!(told, EgressError::TooLarge { limit_bytes: 100 });
    for pieces in [vec![101], vec![60, 60], vec![40, 40, 40]] {
        let (feed, act) = stream();
        mock.will(act);
        pieces.iter().for_each(|size| feed.send(Ok(Bytes::from("x".repeat(*size)))).unwrap());
        drop(feed);
        let untold = post(&egress, &mock.url).await.unwrap().collect(100).await.unwrap_err();
        assert_eq!(untold, EgressError::TooLarge { limit_bytes: 100 }, "{pieces:?}");
    }
    mock.will(json(200, &"x".repeat(100)));
    assert_eq!(post(&egress, &mock.url).await.unwrap().collect(100).await.unwrap().len(), 100);
}

#[tokio::test]
async fn a_head_beyond_its_limit_is_not_read() {
    let mock = Mock::plain().await;
    mock.will(Act::Answer(200, vec![("x-large", "x".repeat(300_000))], Bytes::new()));
    let error = get(&way(&[&mock.url]), &mock.url).await.err().unwrap();
    assert!(matches!(error, EgressError::Broken { .. }), "{error}");
}

#[tokio::test]
async fn who_does_not_answer_is_given_up_and_learns_it() {
    let mock = Mock::plain().await;
    let (gone, told) = oneshot::channel();
    mock.will(Act::Silence(gone));
    let timeouts = Timeouts { first_byte: SHORT, ..Timeouts::default() };
    let egress = Egress::new(Settings { timeouts, ..settings(&[&mock.url]) }).unwrap();
    let error = get(&egress, &mock.url).await.err().unwrap();
    assert_eq!(error, EgressError::TimedOut { what: "answer", limit_ms: 20 });
    assert!(told.await.is_err(), "the connection was closed");
}

#[tokio::test]
async fn who_stops_in_the_middle_is_given_up() {
    let mock = Mock::plain().await;
    let (feed, act) = stream();
    mock.will(act);
    let timeouts = Timeouts { idle: SHORT, ..Timeouts::default() };
    let egress = Egress::new(Settings { timeouts, ..settings(&[&mock.url]) }).unwrap();
    let mut answer = get(&egress, &mock.url).await.unwrap();
    feed.send(Ok(Bytes::from_static(b"a"))).unwrap();
    assert_eq!(answer.piece().await.unwrap().unwrap(), "a");
    assert_eq!(
        answer.piece().await.unwrap().unwrap_err(),
        EgressError::TimedOut { what: "further byte", limit_ms: 20 }
    );
}

#[tokio::test]
async fn a_cut_connection_is_not_an_end() {
    let mock = Mock::plain().await;
    let (feed, act) = stream();
    mock.will(act);
    let mut answer = get(&way(&[&mock.url]), &mock.url).await.unwrap();
    feed.send(Ok(Bytes::from_static(b"half"))).unwrap();
    assert_eq!(answer.piece().await.unwrap().unwrap(), "half");
    feed.send(Err(io::Error::other("cut"))).unwrap();
    let cut = answer.piece().await.unwrap().unwrap_err();
    assert!(matches!(cut, EgressError::Broken { .. }), "{cut}");
}

#[tokio::test]
async fn an_answer_that_is_dropped_is_cancelled_at_the_other_end() {
    let mock = Mock::plain().await;
    let (feed, act) = stream();
    mock.will(act);
    let mut answer = get(&way(&[&mock.url]), &mock.url).await.unwrap();
    feed.send(Ok(Bytes::from_static(b"a"))).unwrap();
    answer.piece().await.unwrap().unwrap();
    drop(answer);
    feed.closed().await;
}

#[tokio::test]
async fn a_compressed_answer_is_not_taken() {
    let mock = Mock::plain().await;
    mock.will(Act::Answer(200, vec![("content-encoding", "gzip".to_owned())], Bytes::from_static(b"bomb")));
    let error = get(&way(&[&mock.url]), &mock.url).await.err().unwrap();
    assert!(matches!(error, EgressError::NotAccepted { .. }), "{error}");
}

#[tokio::test]
async fn nobody_at_home_is_unreachable() {
    let port = {
        let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        gone.local_addr().unwrap().port()
    };
    let url = format!("http://127.0.0.1:{port}");
    let error = get(&way(&[&url]), &url).await.err().unwrap();
    assert!(matches!(error, EgressError::Unreachable { .. }), "{error}");
}
