#![allow(clippy::unwrap_used)]

use bytes::Bytes;
use http_body_util::BodyExt;
use tokio::sync::oneshot;

use super::drawn;

#[tokio::test]
async fn what_is_put_out_is_read_in_its_order_and_then_it_ends() {
    let body = drawn(|outlet| async move {
        assert!(outlet.put(Bytes::from_static(b"one")));
        tokio::task::yield_now().await;
        assert!(outlet.put(Bytes::from_static(b"two")));
        assert!(outlet.put(Bytes::from_static(b"three")));
    });
    assert_eq!(body.collect().await.unwrap().to_bytes(), "onetwothree");
}

#[tokio::test]
async fn an_event_is_there_while_its_maker_still_waits() {
    let (tell, told) = oneshot::channel::<()>();
    let mut body = drawn(|outlet| async move {
        outlet.put(Bytes::from_static(b"one"));
        let _ = told.await;
        outlet.put(Bytes::from_static(b"two"));
    });
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "one");
    tell.send(()).unwrap();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "two");
    assert!(body.frame().await.is_none());
}

#[tokio::test]
async fn the_work_of_a_stream_that_is_over_goes_on_to_its_end() {
    let (tell, told) = oneshot::channel();
    let body = drawn(|outlet| async move {
        outlet.put(Bytes::from_static(b"last"));
        drop(outlet);
        tokio::task::yield_now().await;
        tell.send("cleaned up").unwrap();
    });
    assert_eq!(body.collect().await.unwrap().to_bytes(), "last");
    assert_eq!(told.await.unwrap(), "cleaned up");
}

#[tokio::test]
async fn the_maker_learns_that_its_reader_is_gone() {
    let (tell, told) = oneshot::channel();
    let mut body = drawn(|outlet| async move {
        outlet.put(Bytes::from_static(b"one"));
        outlet.gone().await;
        tell.send(outlet.put(Bytes::from_static(b"two"))).unwrap();
    });
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "one");
    drop(body);
    assert!(!told.await.unwrap());
}
