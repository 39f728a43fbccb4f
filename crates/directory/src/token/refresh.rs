//! The grant of a person who signed in before: a refresh token is answered with the next, and replaced by it.
//!
//! Programs that share one cache of tokens bring the same token at the same moment, and a client whose answer was lost
//! brings it again. So for a short while a replaced token is answered with the token that replaced it. After that nobody
//! honest has it any more, and whoever brings it ends the sign-in.

use access::Reply;
use jiff::SignedDuration;
use rbac::ProtocolPurpose;
use store::{Conflict, Renewal, Row, Secret, SignIn, Store, StoreError};

use super::error::OAuthError;
use super::person::{self, Granted};
use super::refresh_token::Named;
use super::{Asked, permit, persons_client};
use crate::sign_in::scope::DelegatedScope;

/// How long a replaced token is still answered: a program that read it from a shared cache asks within seconds, also over a
/// bad line; a thief who comes later is found out.
const LEEWAY: SignedDuration = SignedDuration::from_secs(60);

/// How a refresh token that was brought stands.
enum Standing {
    /// It is the newest; the next takes its place.
    Newest(Secret),
    /// It was replaced a moment ago; this is the newest, which follows from it.
    Replaced(Secret),
    /// It was replaced before.
    Old,
}

/// Takes a refresh token and gives new tokens, for any resource that is asked for.
pub(super) async fn renew(asked: &Asked<'_>) -> Result<Reply, OAuthError> {
    let presented = asked.form.required("refresh_token")?;
    let client = persons_client(asked, |client| !client.is_public())?.app_id;
    let named = Named::read(presented).ok_or(OAuthError::UnknownRefreshToken)?;
    let sign_in = asked.request.world.sign_ins.get(named.user, named.sign_in).ok_or(OAuthError::SignInEnded)?;
    if sign_in.client != client {
        return Err(OAuthError::OtherClient);
    }
    if asked.request.now >= sign_in.expires_at {
        return Err(OAuthError::SignInExpired);
    }
    let standing = stand(asked, named, sign_in, presented)?;
    if matches!(standing, Standing::Old) {
        return Err(end(asked, named).await);
    }
    let person = person::find(named.user, &asked.request.world)?;
    let scope = match asked.form.get("scope") {
        Some(_) => DelegatedScope::read(asked.form.fields(), asked.directory, asked.tenant)?,
        None => DelegatedScope::again(&sign_in.resource),
    };
    let token = settle(asked, named, standing, presented).await?;
    person::answer(asked, &Granted { person, client, scope, nonce: None, refresh_token: Some(token) })
}

/// Whether a token is one of this sign-in, and which.
fn stand(asked: &Asked<'_>, named: Named, sign_in: &SignIn, presented: &str) -> Result<Standing, OAuthError> {
    let store = &asked.directory.store;
    if named.generation >= sign_in.generation {
        let is_newest = named.generation == sign_in.generation && store.check_refresh_token(sign_in, presented);
        let (_, next) =
            successor(store, named, presented).filter(|_| is_newest).ok_or(OAuthError::UnknownRefreshToken)?;
        return Ok(Standing::Newest(next));
    }
    // Too long ago, or of a number so old that nobody remembers when.
    let replaced_at = sign_in.replaced_at(named.generation);
    if replaced_at.is_none_or(|at| asked.request.now.duration_since(at) >= LEEWAY) {
        return Ok(Standing::Old);
    }
    let newest = newest(store, named, sign_in, presented).ok_or(OAuthError::UnknownRefreshToken)?;
    Ok(Standing::Replaced(newest))
}

/// The token that has come of `presented`, if that is one of this sign-in.
fn newest(store: &Store, named: Named, sign_in: &SignIn, presented: &str) -> Option<Secret> {
    let (mut named, mut token) = successor(store, named, presented)?;
    while named.generation < sign_in.generation {
        (named, token) = successor(store, named, token.expose())?;
    }
    store.check_refresh_token(sign_in, token.expose()).then_some(token)
}

/// The next token, with its name; `None` when there are no more numbers.
fn successor(store: &Store, named: Named, token: &str) -> Option<(Named, Secret)> {
    let next = Named { generation: named.generation.checked_add(1)?, ..named };
    Some((next, next.with(&store.next_refresh_token(token))))
}

/// The newest token, which the caller gets: its own one's successor, whoever wrote that first.
async fn settle(asked: &Asked<'_>, named: Named, found: Standing, presented: &str) -> Result<Secret, OAuthError> {
    let next = match found {
        Standing::Newest(next) => next,
        Standing::Replaced(newest) => return Ok(newest),
        Standing::Old => return Err(OAuthError::RefreshTokenReused),
    };
    let (store, now) = (&asked.directory.store, asked.request.now);
    let renewal = Renewal {
        user: named.user,
        id: named.sign_in,
        generation: named.generation,
        token: next.clone(),
        replaced_at: now,
        expires_at: person::refresh_end(now),
    };
    match store.write(&permit(ProtocolPurpose::RenewSignIn, now), vec![Row::RenewSignIn(renewal)]).await {
        Ok(_) => Ok(next),
        Err(StoreError::Conflict(Conflict::SignInMovedOn { .. })) => {
            // Somebody else brought the same token a moment before.
            let world = store.world();
            let sign_in = world.sign_ins.get(named.user, named.sign_in).ok_or(OAuthError::SignInEnded)?;
            newest(store, named, sign_in, presented).ok_or(OAuthError::SignInEnded)
        }
        Err(error) => Err(person::unwritten(&error)),
    }
}

/// Ends the sign-in of a token that was replaced before: its owner or a thief brings it, and which of them is not known, so
/// it ends for both.
async fn end(asked: &Asked<'_>, named: Named) -> OAuthError {
    let permit = permit(ProtocolPurpose::EndSignIn, asked.request.now);
    let rows = vec![Row::EndSignIn { user: named.user, id: named.sign_in }];
    if let Err(error) = asked.directory.store.write(&permit, rows).await {
        return person::unwritten(&error);
    }
    asked.request.record.note(|record| {
        record.outcome = "refused".into();
        record.step = "authentication".into();
        record.credential = "grant".into();
        record.principal_id = Some(named.user);
        record.principal_type = Some("User".into());
        record.reason =
            Some("a refresh token that was replaced before was used again, so its sign-in was ended".into());
    });
    OAuthError::RefreshTokenReused
}
