//! From a provider's events to the client's: each is sent on when it is whole, and none waits for the next.

use std::time::Duration;

use access::Closing;
use bytes::Bytes;
use egress::{Answer, EgressError};
use http::StatusCode;

use super::ear::{Ear, Heard};
use super::forward::Trip;
use super::settle;
use crate::drawn::Outlet;
use crate::failure;

/// The largest event: a chunk with an inline image or sound.
const EVENT_LIMIT_BYTES: usize = 8 * 1024 * 1024;
/// After its last event the provider's stream ends at once; waiting for that lets its connection be used again.
const END_PATIENCE: Duration = Duration::from_millis(500);

/// How a stream ended.
enum End {
    /// Whole; its last event is held back until the record is written.
    Whole(Bytes),
    /// The connection failed, or the stream stopped in the middle.
    Broken(EgressError),
    /// The client went away.
    Gone,
}

/// Relays until either side ends, settles, writes the record, and only then sends the end.
pub(super) async fn relay(mut trip: Trip, mut ear: Ear, mut answer: Answer, client: Outlet, closing: Closing) {
    let end = run(&trip, &mut ear, &mut answer, &client).await;
    // At once where the client has gone: what is cancelled late is paid.
    let mut answer = Some(answer).filter(|_| !matches!(end, End::Gone));
    let account = trip.job.account(|prompt_tokens| ear.account(prompt_tokens));
    let record = trip.job.record.clone();
    settle::account(&record, &account);
    trip.job.spending.settle(account.usage.total_tokens());
    let (status, last) = match (end, &account.error) {
        (End::Gone, _) => {
            settle::cancelled(&record);
            write(closing, StatusCode::OK).await;
            return;
        }
        // The client has the provider's error, and whatever followed it.
        (end, Some(word)) => {
            let who = trip.upstream.called.for_journal();
            let reason = format!("the {who} sent an error in its stream (`{word}`)");
            settle::broken(&record, &reason);
            (StatusCode::BAD_GATEWAY, if let End::Whole(event) = end { Some(event) } else { None })
        }
        (End::Whole(event), None) => match keep(&mut trip, &ear).await {
            Ok(()) => (StatusCode::OK, Some(event)),
            Err(failure) => (failure.status, said(&mut ear, &failure)),
        },
        (End::Broken(error), None) => {
            let failure = failure::upstream(&trip.upstream.called, &error);
            settle::broken(&record, &failure.reason);
            // The status is gone: the error is an event, which clients raise, and no end follows.
            (failure.status, said(&mut ear, &failure))
        }
    };
    let last = if write(closing, status).await { last } else { said(&mut ear, &failure::not_recorded()) };
    if let Some(event) = last.filter(|event| !event.is_empty()) {
        let _ = client.put(event);
    }
    drop(client);
    if let Some(answer) = answer.as_mut().filter(|_| status == StatusCode::OK) {
        let _ = tokio::time::timeout(END_PATIENCE, answer.piece()).await;
    }
}

/// A failure as an event.
fn said(ear: &mut Ear, failure: &access::Failure) -> Option<Bytes> {
    let (code, message) = failure::words(failure);
    ear.error(code, message)
}

/// Keeps a response that is to be kept, before its caller reads that it is whole.
async fn keep(trip: &mut Trip, ear: &Ear) -> Result<(), access::Failure> {
    match (trip.job.keep.take(), ear.response()) {
        (Some(keep), Some(response)) => keep.put(response).await,
        _ => Ok(()),
    }
}

/// Writes the record; whether that went well.
async fn write(closing: Closing, status: StatusCode) -> bool {
    let written = closing.close(status).await;
    written.inspect_err(|error| tracing::error!(%error, "the journal cannot be written")).is_ok()
}

async fn run(trip: &Trip, ear: &mut Ear, answer: &mut Answer, client: &Outlet) -> End {
    let mut has_begun = false;
    loop {
        let piece = tokio::select! {
            biased;
            () = client.gone() => return End::Gone,
            piece = answer.piece() => piece,
        };
        let is_over = match piece {
            Some(Ok(bytes)) => {
                ear.push(&bytes);
                false
            }
            Some(Err(error)) => return End::Broken(error),
            None => true,
        };
        let next = |ear: &mut Ear| if is_over { ear.over() } else { ear.next() };
        while let Some(heard) = next(ear) {
            let event = match heard {
                Heard::Last(event) => return End::Whole(event),
                Heard::Send(event) => event,
            };
            if !has_begun {
                has_begun = true;
                let elapsed = trip.job.record.elapsed_us();
                trip.job.record.note(|record| record.first_byte_us = Some(elapsed));
            }
            if !client.put(event) {
                return End::Gone;
            }
        }
        if is_over {
            return End::Broken(EgressError::Broken { reason: "the stream stopped before its end".to_owned() });
        }
        if ear.pending() > EVENT_LIMIT_BYTES {
            return End::Broken(EgressError::TooLarge { limit_bytes: EVENT_LIMIT_BYTES });
        }
    }
}
