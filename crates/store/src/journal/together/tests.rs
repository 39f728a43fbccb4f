#![allow(clippy::unwrap_used)]

use std::future::Future;
use std::sync::Mutex;
use std::task::{Context, Waker};

use super::{JournalError, Together};

#[tokio::test]
async fn who_ends_at_the_same_moment_is_written_in_one_piece() {
    let written = Mutex::new(Vec::new());
    let together = Together::new(|lines: &[u8]| {
        written.lock().unwrap().push(String::from_utf8(lines.to_vec()).unwrap());
        Ok(())
    });
    let (one, two, three) =
        tokio::join!(together.add(b"one\n").done(), together.add(b"two\n").done(), together.add(b"three\n").done());
    assert_eq!((one, two, three), (Ok(()), Ok(()), Ok(())));
    together.add(b"later\n").done().await.unwrap();
    assert_eq!(*written.lock().unwrap(), ["one\ntwo\nthree\n", "later\n"]);
}

#[tokio::test]
async fn what_the_disk_refuses_is_told_to_all_of_them_and_to_nobody_after_them() {
    let refusals = Mutex::new(1);
    let full = JournalError::Unavailable("full".to_owned());
    let together = Together::new(|_: &[u8]| {
        let mut left = refusals.lock().unwrap();
        if *left == 0 {
            return Ok(());
        }
        *left -= 1;
        Err(full.clone())
    });
    let both = tokio::join!(together.add(b"one\n").done(), together.add(b"two\n").done());
    assert_eq!(both, (Err(full.clone()), Err(full.clone())));
    assert_eq!(together.add(b"three\n").done().await, Ok(()));
}

#[tokio::test]
async fn a_record_whose_request_is_dropped_is_written_all_the_same() {
    let written = Mutex::new(Vec::new());
    let together = Together::new(|lines: &[u8]| {
        written.lock().unwrap().extend_from_slice(lines);
        Ok(())
    });
    let mut waiting = Box::pin(together.add(b"gone\n").done());
    assert!(waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert!(written.lock().unwrap().is_empty());
    drop(waiting);
    assert_eq!(*written.lock().unwrap(), b"gone\n");
}
