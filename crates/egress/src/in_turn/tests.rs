#![allow(clippy::unwrap_used)]

use std::sync::{Arc, Mutex};

use tokio::io::AsyncWriteExt;

use super::*;

/// A socket that notes when it is written to.
struct Noting(Arc<Mutex<Vec<String>>>);

impl AsyncWrite for Noting {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.0.lock().unwrap().push(format!("write {}", String::from_utf8_lossy(bytes)));
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn everybody_who_is_ready_works_before_anybody_is_written_to() {
    let notes = Arc::new(Mutex::new(Vec::new()));
    let working = ["a", "b", "c"].map(|name| {
        let notes = Arc::clone(&notes);
        tokio::spawn(async move {
            notes.lock().unwrap().push(format!("work {name}"));
            InTurn::new(Noting(notes)).write_all(name.as_bytes()).await.unwrap();
        })
    });
    for one in working {
        one.await.unwrap();
    }
    assert_eq!(*notes.lock().unwrap(), ["work a", "work b", "work c", "write a", "write b", "write c"]);
}

#[test]
fn a_turn_lasts_until_what_was_written_is_flushed() {
    let mut stream = InTurn::new(Noting(Arc::default()));
    let mut stream = Pin::new(&mut stream);
    let mut context = Context::from_waker(std::task::Waker::noop());
    let mut is_written =
        |stream: &mut Pin<&mut InTurn<Noting>>| stream.as_mut().poll_write(&mut context, b"x").is_ready();
    assert!(!is_written(&mut stream), "the first write waits for its turn");
    assert!(is_written(&mut stream));
    assert!(is_written(&mut stream), "what did not fit goes on at once");
    assert!(stream.as_mut().poll_flush(&mut Context::from_waker(std::task::Waker::noop())).is_ready());
    assert!(!is_written(&mut stream), "the next message has a turn of its own");
}
