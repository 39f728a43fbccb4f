//! The grant of an application whose person signed in on a page that it opened.

use access::Reply;
use rbac::ProtocolPurpose;
use store::Row;
use uuid::Uuid;

use super::error::OAuthError;
use super::person::{self, Granted};
use super::{Asked, permit, persons_client};
use crate::random::sha256;
use crate::sign_in::client::Client;
use crate::sign_in::codes::{Grant, Taken};

/// What a code verifier looks like (RFC 7636 §4.1), characters.
const VERIFIER_CHARS: std::ops::RangeInclusive<usize> = 43..=128;

/// Takes the code, once, and gives the tokens that it stands for.
pub(super) async fn redeem(asked: &Asked<'_>) -> Result<Reply, OAuthError> {
    let code = asked.form.required("code")?;
    let redirect = asked.form.required("redirect_uri")?;
    let verifier = asked.form.required("code_verifier")?;
    let needs_secret = |client: &Client| client.redirect(redirect).is_some_and(|redirect| redirect.needs_secret);
    let client = persons_client(asked, needs_secret)?;
    let sign_in = Uuid::now_v7();
    match asked.directory.codes.take(code, sign_in, asked.request.now) {
        Taken::Unknown => Err(OAuthError::UnknownCode),
        Taken::Again(user, spent_on) => {
            end(asked, user, spent_on).await;
            Err(OAuthError::CodeUsed)
        }
        Taken::Good(grant) => {
            check(&grant, &client, redirect, verifier)?;
            let person = person::find(grant.user, &asked.request.world)?;
            let Grant { scope, nonce, .. } = *grant;
            let granted = Granted { person, client: client.app_id, scope, nonce, refresh_token: None };
            person::begin(asked, sign_in, granted).await
        }
    }
}

/// A code is good for the client, the place and the proof key that asked for it.
fn check(grant: &Grant, client: &Client, redirect: &str, verifier: &str) -> Result<(), OAuthError> {
    if grant.client != client.app_id {
        return Err(OAuthError::OtherClient);
    }
    if grant.redirect.uri != redirect {
        return Err(OAuthError::OtherRedirect);
    }
    let fits = VERIFIER_CHARS.contains(&verifier.len()) && sha256(verifier.as_bytes()) == grant.challenge;
    if fits { Ok(()) } else { Err(OAuthError::WrongVerifier) }
}

/// A code that comes twice was read by somebody else on its way: what came of it ends.
async fn end(asked: &Asked<'_>, user: Uuid, id: Uuid) {
    let store = &asked.directory.store;
    if store.world().sign_ins.get(user, id).is_none() {
        return;
    }
    let permit = permit(ProtocolPurpose::EndSignIn, asked.request.now);
    if let Err(error) = store.write(&permit, vec![Row::EndSignIn { user, id }]).await {
        tracing::error!(%error, "the sign-in of a code that was brought twice could not be ended");
    }
}
