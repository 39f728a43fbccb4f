#![allow(clippy::unwrap_used)]

use std::convert::Infallible;

use futures_util::stream;
use http_body_util::StreamBody;
use tokio::sync::oneshot;

use super::*;

/// A body of `frames` frames of `size` bytes, which says how many were read when it is gone.
fn body(
    frames: usize,
    size: usize,
) -> (impl Body<Data = Bytes, Error = Infallible> + Send + Unpin, oneshot::Receiver<usize>) {
    struct Count(usize, Option<oneshot::Sender<usize>>);
    impl Drop for Count {
        fn drop(&mut self) {
            let _ = self.1.take().unwrap().send(self.0);
        }
    }
    let (said, read) = oneshot::channel();
    let frames = stream::unfold(Count(0, Some(said)), move |mut count| async move {
        let frame = Frame::data(Bytes::from(vec![0; size]));
        count.0 += 1;
        (count.0 <= frames).then_some((Ok(frame), count))
    });
    (StreamBody::new(Box::pin(frames)), read)
}

#[tokio::test]
async fn what_nobody_reads_is_read_to_its_end() {
    let (body, read) = body(5, 10);
    drop(lingering(Request::new(body)));
    assert_eq!(read.await.unwrap(), 6, "five frames and the end");
}

#[tokio::test]
async fn what_has_no_end_is_given_up() {
    let (body, read) = body(usize::MAX, 1024 * 1024);
    drop(lingering(Request::new(body)));
    assert_eq!(read.await.unwrap(), LINGER_BYTES / (1024 * 1024) + 1);
}

#[tokio::test]
async fn a_client_that_asked_first_is_not_made_to_send() {
    let (body, read) = body(5, 10);
    let mut request = Request::new(body);
    request.headers_mut().insert(header::EXPECT, header::HeaderValue::from_static("100-continue"));
    drop(lingering(request));
    assert_eq!(read.await.unwrap(), 0);
}

#[tokio::test]
async fn a_reader_gets_the_body_as_it_was_sent() {
    let (body, _) = body(3, 7);
    let bytes = lingering(Request::new(body)).into_body().collect().await.unwrap().to_bytes();
    assert_eq!(bytes.len(), 21);
}
