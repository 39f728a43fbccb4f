//! A stream that its reader draws: whoever makes the events works in the reader's own task, so that between an event that comes in
//! and one that goes out nobody has to be woken. Once the reader is gone the work goes on in a task of its own, and can tell.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame};

/// Whoever makes the events.
type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Between the two.
#[derive(Default)]
struct Shared {
    made: VecDeque<Bytes>,
    is_over: bool,
    is_gone: bool,
}

/// The maker's end. Dropped, it ends the stream.
pub(crate) struct Outlet(Arc<Mutex<Shared>>);

/// The reader's end.
pub(crate) struct Drawn {
    shared: Arc<Mutex<Shared>>,
    /// `None` once it is done.
    work: Option<Work>,
    /// Whether the end waited for others once.
    has_yielded: bool,
}

/// The stream of what `work` puts out. It works only while the stream is read, so a slow reader slows it down.
pub(crate) fn drawn<F>(work: impl FnOnce(Outlet) -> F) -> Drawn
where
    F: Future<Output = ()> + Send + 'static,
{
    let shared = Arc::new(Mutex::new(Shared::default()));
    let work = work(Outlet(Arc::clone(&shared)));
    Drawn { shared, work: Some(Box::pin(work)), has_yielded: false }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Outlet {
    /// Puts out an event; whether somebody still reads.
    pub(crate) fn put(&self, event: Bytes) -> bool {
        let mut shared = lock(&self.0);
        shared.made.push_back(event);
        !shared.is_gone
    }

    /// Resolves when nobody reads any more. Whoever waits here is asked again when that happens.
    pub(crate) async fn gone(&self) {
        poll_fn(|_| if lock(&self.0).is_gone { Poll::Ready(()) } else { Poll::Pending }).await;
    }
}

impl Drop for Outlet {
    fn drop(&mut self) {
        lock(&self.0).is_over = true;
    }
}

impl Drawn {
    /// An event that is made, or the end.
    fn made(&self) -> Poll<Option<Bytes>> {
        let mut shared = lock(&self.shared);
        match shared.made.pop_front() {
            Some(event) => Poll::Ready(Some(event)),
            None if shared.is_over => Poll::Ready(None),
            None => Poll::Pending,
        }
    }
}

impl Body for Drawn {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let mut made = self.made();
        if (made.is_pending() || self.has_yielded)
            && let Some(work) = self.work.as_mut()
        {
            if work.as_mut().poll(context).is_ready() {
                self.work = None;
            }
            made = self.made();
        }
        // What is left of the work is mostly to see the end of what it reads from, which whoever is ready tells it now.
        if matches!(made, Poll::Ready(None)) && self.work.is_some() && !self.has_yielded {
            self.has_yielded = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        made.map(|event| event.map(|bytes| Ok(Frame::data(bytes))))
    }
}

impl Drop for Drawn {
    fn drop(&mut self) {
        let Some(work) = self.work.take() else { return };
        lock(&self.shared).is_gone = true;
        // Without a runtime the process ends, and the work with it.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(work);
        }
    }
}

#[cfg(test)]
mod tests;
