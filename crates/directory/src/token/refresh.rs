//! The grant of a person who signed in before: each refresh token is good once, and is answered with the next.

use std::sync::Arc;

use access::Reply;
use rbac::ProtocolPurpose;
use store::{Renewal, Row, SignIn};

use super::error::OAuthError;
use super::person::{self, Granted};
use super::refresh_token::Named;
use super::{Asked, permit, persons_client};
use crate::sign_in::scope::DelegatedScope;

/// Takes a refresh token and gives new tokens, for any resource that is asked for.
pub(super) async fn renew(asked: &Asked<'_>) -> Result<Reply, OAuthError> {
    let presented = asked.form.required("refresh_token")?;
    let client = persons_client(asked, |client| !client.is_public())?;
    let named = Named::read(presented).ok_or(OAuthError::UnknownRefreshToken)?;
    let sign_in = asked.request.world.sign_ins.get(named.user, named.sign_in).ok_or(OAuthError::SignInEnded)?;
    if sign_in.client != client.app_id {
        return Err(OAuthError::OtherClient);
    }
    if asked.request.now >= sign_in.expires_at {
        return Err(OAuthError::SignInExpired);
    }
    check(asked, &named, sign_in, presented).await?;
    let person = person::find(named.user, &asked.request.world)?;
    let scope = match asked.form.get("scope") {
        Some(_) => DelegatedScope::read(asked.form.fields(), asked.directory, asked.tenant)?,
        None => DelegatedScope::again(&sign_in.resource),
    };
    let generation = named.generation.checked_add(1).ok_or(OAuthError::SignInExpired)?;
    let token = Named { generation, ..named }.token().map_err(|_| OAuthError::Internal)?;
    let renewal = Renewal {
        user: named.user,
        id: named.sign_in,
        generation: named.generation,
        token: token.clone(),
        expires_at: person::refresh_end(asked.request.now),
    };
    let permit = permit(ProtocolPurpose::RenewSignIn, asked.request.now);
    let written = asked.directory.store.write(&permit, vec![Row::RenewSignIn(renewal)]).await;
    written.map_err(|error| person::unwritten(&error))?;
    let client = client.app_id;
    person::answer(asked, &Granted { person, client, scope, nonce: None, refresh_token: Some(token) })
}

/// The newest token of its sign-in goes on. An older one was used before, by its owner or by a thief: which of them asks
/// now is not known, so the sign-in ends for both.
async fn check(asked: &Asked<'_>, named: &Named, sign_in: &Arc<SignIn>, presented: &str) -> Result<(), OAuthError> {
    if named.generation < sign_in.generation {
        let permit = permit(ProtocolPurpose::EndSignIn, asked.request.now);
        let rows = vec![Row::EndSignIn { user: named.user, id: named.sign_in }];
        let ended = asked.directory.store.write(&permit, rows).await;
        return Err(ended.map_or_else(|error| person::unwritten(&error), |_| OAuthError::SignInEnded));
    }
    if asked.directory.store.check_refresh_token(sign_in, presented) {
        Ok(())
    } else {
        Err(OAuthError::UnknownRefreshToken)
    }
}
