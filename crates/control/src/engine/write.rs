//! What PUT and PATCH have in common: check against one snapshot, write against the same revision, try again if it moved.

use access::{Authorized, Draft as Record, Failure, Operation as AnyOperation, RequestInfo};
use arm::{ArmError, ErrorCode, Precondition, Scope};
use jiff::Timestamp;
use rbac::{Permit, RowKind, Writes};
use resources::{Draft, Kind, Polling};
use store::{Row, StoreError, Upserted, World, Written};
use tokio::time::Instant;

use super::precondition;
use crate::actor::Author;
use crate::connection_test::{TRIAL_LIMIT, tried};
use crate::failure::internal;
use crate::operations::Operation;
use crate::place::Place;
use crate::proposal::{Proposal, ProposalError, Setting, Tenant};
use crate::state::{Control, site};
use crate::turn::NotWritten;

/// How often a write is made anew when others change the same resource meanwhile; each round one of them wins.
const ROUNDS: usize = 8;
/// The parameter that asks for a trial.
const VALIDATE: &str = "validate";

/// The rows that a write of a type may touch.
pub(super) const fn rows<K: Kind>() -> &'static [RowKind] {
    match (K::HAS_IDENTITY, K::HAS_KEYS || K::HAS_SECRETS) {
        (true, true) => &[RowKind::Resource, RowKind::Principal, RowKind::Credential],
        (true, false) => &[RowKind::Resource, RowKind::Principal],
        (false, true) => &[RowKind::Resource, RowKind::Credential],
        (false, false) => &[RowKind::Resource],
    }
}

/// A write on its way.
pub(super) struct Writing<'a> {
    pub(super) control: &'a Control,
    pub(super) permit: &'a Permit<Writes>,
    pub(super) target: &'a Scope,
    /// What the client demands of the stored revision.
    pub(super) demand: Precondition,
    pub(super) request: RequestInfo,
    /// Whether the other end is asked before it is written, for a type of which that can be done.
    pub(super) is_tried: bool,
    /// The request's own record.
    pub(super) record: Record,
    pub(super) now: Timestamp,
}

impl<'a> Writing<'a> {
    /// The write that a request which was let through asks for.
    pub(super) fn of<O: AnyOperation<Mode = Writes>>(control: &'a Control, request: &'a Authorized<O>) -> Writing<'a> {
        Writing {
            control,
            permit: &request.permit,
            target: &request.target,
            demand: precondition(&request.headers),
            request: request.request.clone(),
            is_tried: request.query.get(VALIDATE).is_some_and(|value| value.eq_ignore_ascii_case("true")),
            record: request.record.clone(),
            now: request.now,
        }
    }

    /// Writes what `draft` makes of the place as the newest snapshot shows it; with the record of an operation if it is new
    /// there and clients poll for that.
    pub(super) async fn write<K: Kind>(
        &self,
        polling: Polling,
        draft: impl Fn(&Place) -> Result<Draft, ArmError>,
    ) -> Result<(Upserted, Option<Operation>), Failure> {
        let until = Instant::now() + TRIAL_LIMIT;
        for _ in 0..ROUNDS {
            match self.once::<K>(polling, &draft, until).await? {
                Some(written) => return Ok(written),
                None => continue,
            }
        }
        let message = format!("`{}` is being changed by others; try again", self.target);
        Err(Failure::arm(ArmError::new(ErrorCode::Conflict, message)))
    }

    /// One round; `None` when the resource changed between the look and the write.
    async fn once<K: Kind>(
        &self,
        polling: Polling,
        draft: impl Fn(&Place) -> Result<Draft, ArmError>,
        until: Instant,
    ) -> Result<Option<(Upserted, Option<Operation>)>, Failure> {
        let world = self.control.store.world();
        let place = Place::of::<K>(&world, self.target)?;
        demanded(&self.demand, &place)?;
        let author = Author::of(self.permit, &world);
        let setting = Setting {
            world: &world,
            catalog: &self.control.catalog,
            targets: self.control.targets.as_ref(),
            site: site(&world, &self.request),
            author: &author,
            now: self.now,
        };
        let Proposal { mut rows, id } = Proposal::new::<K>(draft(&place)?, &place, &setting).map_err(refused)?;
        if self.is_tried && K::HAS_OTHER_END {
            let test = self.control.connection_test.as_deref();
            self.record.note(|record| record.connection = Some(id.to_string()));
            tried(test, self.permit, (&id, &rows), &world, (self.request.id, self.now), until).await?;
        }
        let is_polled = polling != Polling::None && place.existing.is_none();
        let operation = is_polled.then(|| Operation::new(&id, self.now));
        rows.extend(operation.as_ref().and_then(|operation| operation.row(&author, self.now)));
        match self.commit::<K>(&id, rows).await {
            Ok(written) => {
                let own = written.resources.into_iter().find(|upserted| upserted.resource.id == id);
                own.map(|own| Some((own, operation))).ok_or_else(|| internal("the store wrote no resource"))
            }
            Err(NotWritten::Store(StoreError::PreconditionFailed { .. })) => Ok(None),
            Err(reason) => Err(reason.into()),
        }
    }

    /// Writes the rows; those of a counted type when there is room for them, which is asked while nobody else writes.
    async fn commit<K: Kind>(&self, id: &Scope, rows: Vec<Row>) -> Result<Written, NotWritten> {
        if !K::IS_COUNTED {
            return Ok(self.control.store.write(self.permit, rows).await?);
        }
        let own = rows.iter().find_map(|row| match row {
            Row::PutResource { resource, .. } if resource.id == *id => Some(resource.clone()),
            _ => None,
        });
        let fits = |world: &World| match &own {
            Some(wanted) => Ok::<_, NotWritten>(K::room_for(wanted, &self.control.catalog, &Tenant(world))?),
            None => Ok(()),
        };
        self.control.store.write_if(self.permit, rows, fits).await
    }
}

fn refused(error: ProposalError) -> Failure {
    match error {
        ProposalError::Refused(error) => Failure::arm(error),
        ProposalError::Randomness(error) => internal(&error.to_string()),
    }
}

/// The client's own If-Match or If-None-Match.
pub(super) fn demanded(demand: &Precondition, place: &Place) -> Result<(), ArmError> {
    let current = place.existing.as_ref().map(|existing| existing.etag.as_str());
    if demand.holds(current) {
        return Ok(());
    }
    let message = match current {
        Some(etag) => format!("`{}` has the etag {etag}, which the request's condition excludes", place.id),
        None => format!("`{}` does not exist, but the request's condition demands that it does", place.id),
    };
    Err(ArmError::new(ErrorCode::PreconditionFailed, message))
}
