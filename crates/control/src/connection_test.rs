//! `?validate=true`: a connection is tried at its other end before it is written.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use access::Failure;
use arm::{ArmError, ErrorCode, Resource, Scope};
use jiff::Timestamp;
use rbac::{Caller, Permit, Writes};
use serde_json::Value;
use store::{CredentialKind, Row, Secret, World};
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

/// How long the trials of one write may take: the permit to write is good for a minute, and the write comes after.
pub(crate) const TRIAL_LIMIT: Duration = Duration::from_secs(45);

/// A connection that is about to be written, and for whom.
pub struct Attempt<'a> {
    /// As it would be stored.
    pub resource: &'a Resource,
    /// The secrets that came with it, by member; those that stay are where they were.
    pub given: Vec<(&'a str, &'a Secret)>,
    /// The snapshot that it was checked against.
    pub world: &'a World,
    /// Who writes it, by object id.
    pub caller: Uuid,
    /// The request's id.
    pub id: Uuid,
    /// The time of the request.
    pub now: Timestamp,
}

/// Why it was not written.
pub struct NotWorking {
    /// The step that failed, what is at fault, and the mend.
    pub message: String,
    /// All steps.
    pub report: Value,
}

/// A test on its way.
pub type Testing<'a> = Pin<Box<dyn Future<Output = Result<(), NotWorking>> + Send + 'a>>;

/// Tries connections; what there is of it is outside the control plane, which asks nobody.
pub trait ConnectionTest: Send + Sync {
    /// Tries one.
    fn test<'a>(&'a self, attempt: Attempt<'a>) -> Testing<'a>;
}

/// Tries what `rows` would write at `id`. A caller who is no principal acts for nobody, so that nothing can be shown for it.
pub(crate) async fn tried(
    test: Option<&dyn ConnectionTest>,
    permit: &Permit<Writes>,
    (id, rows): (&Scope, &[Row]),
    world: &World,
    (request_id, now): (Uuid, Timestamp),
    until: Instant,
) -> Result<(), Failure> {
    let written = rows.iter().find_map(|row| match row {
        Row::PutResource { resource, .. } if resource.id == *id => Some(resource),
        _ => None,
    });
    let caller = if let Caller::Principal(principal) = permit.caller() { Some(principal.object_id()) } else { None };
    let (Some(test), Some(resource), Some(caller)) = (test, written, caller) else {
        return Err(refused("`validate`: this server cannot ask the other end; leave it out".to_owned()));
    };
    let given = rows.iter().filter_map(secret).collect();
    let testing = test.test(Attempt { resource, given, world, caller, id: request_id, now });
    let Ok(tested) = timeout_at(until, testing).await else { return Err(refused(late())) };
    tested.map_err(|NotWorking { message, report }| {
        let error = ArmError::new(ErrorCode::InvalidRequestContent, message).with_target("validate");
        Failure::arm(error.with_info(report))
    })
}

/// The secret of a connection that a row brings, by its member.
fn secret(row: &Row) -> Option<(&str, &Secret)> {
    match row {
        Row::PutCredential(new) => match &new.kind {
            CredentialKind::ConnectionSecret(member) => Some((member.as_str(), &new.secret)),
            _ => None,
        },
        _ => None,
    }
}

fn late() -> String {
    format!(
        "`validate`: the other end did not answer within {} s; write the connection without `validate`, then try it with `cupola \
         connection test`",
        TRIAL_LIMIT.as_secs()
    )
}

fn refused(message: String) -> Failure {
    Failure::arm(ArmError::new(ErrorCode::InvalidRequestContent, message).with_target("validate"))
}
