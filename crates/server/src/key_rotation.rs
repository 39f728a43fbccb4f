//! The key that signs tokens is replaced while the server runs: when the operator says so (SIGHUP, which
//! `cupola keys rotate` sends), and every quarter.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use identity::SigningKeys;
use jiff::Timestamp;
use store::Store;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{MissedTickBehavior, interval};

use crate::first_start::{prune_signing_keys, rotate_signing_key};

/// How often is looked whether a key is due, or a replaced one can go.
const LOOK_INTERVAL: Duration = Duration::from_secs(3600);

/// The signal by which an operator replaces the key.
pub struct Rotation {
    hangup: Signal,
}

impl Rotation {
    /// From here on SIGHUP rotates instead of killing.
    pub fn listen() -> Result<Rotation> {
        Ok(Rotation { hangup: signal(SignalKind::hangup()).context("signals cannot be listened to")? })
    }

    /// Replaces keys until it is dropped. A failure leaves the keys as they were, and is said.
    pub async fn keep(mut self, store: Store, keys: Arc<SigningKeys>) {
        let mut look = interval(LOOK_INTERVAL);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let is_asked_for = tokio::select! {
                _ = self.hangup.recv() => true,
                _ = look.tick() => false,
            };
            let now = Timestamp::now();
            let done = if is_asked_for || keys.is_due(now) {
                rotate_signing_key(&store, &keys, now).await.map(|kid| tracing::info!(%kid, "a new key signs tokens"))
            } else {
                prune_signing_keys(&store, &keys, now).await
            };
            if let Err(error) = done {
                tracing::error!(error = format!("{error:#}"), "the signing key was not replaced");
            }
        }
    }
}
