//! People sign in: on a page of this server, with their name and password.
//!
//! There is no session at the server: each sign-in asks for the password, so no page can act in the name of somebody
//! whose browser was here before.

pub(crate) mod authorize;
pub(crate) mod client;
pub(crate) mod codes;
pub(crate) mod device;
pub(crate) mod device_codes;
pub(crate) mod form;
mod origin;
mod page;
pub(crate) mod redirect;
mod response;
pub(crate) mod scope;
mod waiting;

use access::PublicRequest;
use identity::{Person, is_enabled};
use store::{ObjectKind, Secret};
use uuid::Uuid;

use crate::state::Directory;
use crate::throttle::{Claimant, Who};
pub(crate) use waiting::Waiting;

/// Longest name or password looked at, bytes: Graph takes none that are longer.
const FIELD_LIMIT_BYTES: usize = 1024;

/// What came of a name and a password.
pub(crate) enum Attempt {
    /// They fit.
    SignedIn(Person),
    /// They do not, or there is no such person, or the person may not sign in: which of these is not said.
    Refused,
    /// Too many have failed; the wait in seconds.
    Wait(i64),
    /// Too many others sign in at this moment.
    Busy,
}

/// Checks a name and a password. What is done, and what is said, is the same for a stranger.
pub(crate) async fn attempt(directory: &Directory, request: &PublicRequest, name: &str, password: Secret) -> Attempt {
    let name = name.trim().to_lowercase();
    let address = request.request.peer.ip();
    let claimants =
        [Claimant::new(Who::Name(directory.throttle.key(&name)), address), Claimant::new(Who::Anyone, address)];
    if let Some(wait_s) = claimants.iter().filter_map(|one| directory.throttle.wait_s(*one, request.now)).max() {
        return Attempt::Wait(wait_s);
    }
    let Some(_turn) = directory.waiting.enter() else {
        return Attempt::Busy;
    };
    // Counted before it is known, so that many at once are not more than many in a row.
    for claimant in claimants {
        directory.throttle.failed(claimant, request.now);
    }
    let user = request.world.directory.by_upn(&name);
    let id = user.map_or(Uuid::nil(), |user| user.id);
    let is_sound = name.len() <= FIELD_LIMIT_BYTES && password.expose().len() <= FIELD_LIMIT_BYTES;
    let presented = if is_sound { password } else { Secret::from(String::new()) };
    let fits = directory.store.check_password(id, presented, request.now).await;
    let person = user.filter(|user| fits && is_sound && is_enabled(user) && user.kind == ObjectKind::User);
    match person.and_then(|user| Person::of_user(user)) {
        Some(person) => {
            let [of_name, of_address] = claimants;
            directory.throttle.succeeded(of_name);
            directory.throttle.not_failed(of_address);
            note_success(request, &person);
            Attempt::SignedIn(person)
        }
        None => {
            note_failure(request, user.map(|user| user.id));
            Attempt::Refused
        }
    }
}

fn note_success(request: &PublicRequest, person: &Person) {
    request.record.note(|record| {
        record.outcome = "allowed".into();
        record.credential = "password".into();
        record.principal_id = Some(person.oid);
        record.principal_type = Some("User".into());
        record.principal_label = Some(person.upn.as_str().into());
        record.reason = Some("signed in with a password".to_owned());
    });
}

/// What was typed is not kept: people type passwords into the wrong field.
fn note_failure(request: &PublicRequest, user: Option<Uuid>) {
    request.record.note(|record| {
        record.outcome = "unauthenticated".into();
        record.step = "authentication".into();
        record.principal_id = user;
        record.reason = Some("the sign-in name or the password is not right".to_owned());
    });
}
