//! Passwords: Argon2id, off the threads that serve, a few at a time.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::error::StoreError;
use crate::secret::Secret;

/// Each hash takes 19 MiB and a core: more at once would let sign-ins starve everything else.
const HASHES_AT_ONCE: usize = 2;

static TURNS: Semaphore = Semaphore::const_new(HASHES_AT_ONCE);

/// Checked when there is no such password, so that a reply takes as long for a stranger.
static NOBODY: LazyLock<Option<String>> =
    LazyLock::new(|| hash_now(&Secret::from(uuid::Uuid::new_v4().to_string())).ok());

/// The hash to keep of a password, in PHC form.
pub(crate) async fn hash(secret: Secret) -> Result<String, StoreError> {
    let _turn = TURNS.acquire().await.map_err(|_| busy())?;
    spawn_blocking(move || hash_now(&secret)).await.map_err(|_| busy())?
}

/// Whether the password has this hash; with no hash the answer is no, after as long.
pub(crate) async fn verify(hash: Option<String>, secret: Secret) -> bool {
    let Ok(_turn) = TURNS.acquire().await else {
        return false;
    };
    let known = hash.is_some();
    let checked = spawn_blocking(move || {
        let Some(hash) = hash.or_else(|| NOBODY.clone()) else {
            return false;
        };
        PasswordHash::new(&hash)
            .is_ok_and(|hash| Argon2::default().verify_password(secret.expose().as_bytes(), &hash).is_ok())
    });
    checked.await.unwrap_or(false) && known
}

fn hash_now(secret: &Secret) -> Result<String, StoreError> {
    let hash: PasswordHash = Argon2::default()
        .hash_password(secret.expose().as_bytes())
        .map_err(|error| StoreError::Invalid { reason: format!("the password cannot be hashed: {error}") })?;
    Ok(hash.to_string())
}

fn busy() -> StoreError {
    StoreError::Unavailable("passwords cannot be hashed now".to_owned())
}
