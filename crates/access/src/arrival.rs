//! A request on its way to a handler: matched and recognised, not yet let through.

use std::sync::Arc;

use arm::{ApiVersion, Scope};
use bytes::Bytes;
use http::HeaderMap;
use jiff::Timestamp;
use rbac::{Attributes, Mode, Permit, RowKind, Visible};
use store::World;
use uuid::Uuid;

use crate::admit::{self, Need, Question};
use crate::audit::{Asked, Draft};
use crate::authenticate::Recognised;
use crate::authorized::Authorized;
use crate::body::{self, RequestBody};
use crate::condition_inputs;
use crate::failure::Failure;
use crate::input::{Input, Params, Query, RequestInfo};
use crate::linked::Linked;
use crate::operation::Operation;
use crate::refusal;
use crate::route::Plane;

/// A request that has a route and a recognised caller. It goes from hand to hand in a box: it is large, and each hand would copy it.
pub(crate) struct Arrival {
    pub(crate) caller: Recognised,
    pub(crate) need: Arc<Need>,
    pub(crate) target: Scope,
    pub(crate) params: Params,
    pub(crate) query: Query,
    pub(crate) headers: HeaderMap,
    pub(crate) body: RequestBody,
    pub(crate) world: Arc<World>,
    pub(crate) now: Timestamp,
    pub(crate) request: RequestInfo,
    pub(crate) record: Draft,
    pub(crate) decision_id: Uuid,
}

/// Adds what conditions may read of every request of a principal: its custom security attributes, and the time.
pub fn circumstances(attributes: Attributes, caller: Option<Uuid>, world: &World, now: Timestamp) -> Attributes {
    let principal = caller.and_then(|caller| world.directory.security_attributes(caller));
    attributes.with_principal(principal).with_now(now)
}

impl Arrival {
    fn question(&self, rows: &'static [RowKind], is_own: bool) -> Question<'_> {
        Question {
            caller: &self.caller,
            need: &self.need,
            target: &self.target,
            rows,
            is_own,
            world: &self.world,
            decision_id: self.decision_id,
            now: self.now,
        }
    }

    fn refused(&self, denial: &rbac::Denial) -> Failure {
        self.record.note_denial(denial);
        if matches!(*self.need, Need::Visible(_)) {
            self.record.note_asked(Asked::Visible);
        }
        refusal::denied(&self.request.route, denial)
    }

    /// The cheap decision, then the body under its limit.
    pub(crate) async fn read_body(&mut self, limit_bytes: usize) -> Result<Bytes, Failure> {
        admit::before_body(&self.question(&[], false)).map_err(|denial| self.refused(&denial))?;
        let plane = self.request.route.plane();
        if plane == Plane::Arm {
            ApiVersion::from_query(self.query.get("api-version"))?;
        }
        let body = std::mem::take(&mut self.body);
        body::read(body, limit_bytes).await.map_err(|error| refusal::body(plane, &error))
    }

    /// Adds what conditions may read of every request: who calls, and when. Shared, and no text until a condition reads it.
    pub(crate) fn with_circumstances(&self, attributes: Attributes) -> Attributes {
        circumstances(attributes, self.caller.object_id(), &self.world, self.now)
    }

    /// The decision itself.
    pub(crate) fn decide<M: Mode>(
        &self,
        attributes: &Attributes,
        rows: &'static [RowKind],
        is_own: bool,
    ) -> Result<(Permit<M>, Option<Visible>), Failure> {
        let access = &self.world.access;
        match admit::decide::<M>(&self.question(rows, is_own), attributes) {
            Ok((permit, visible)) => {
                self.record.note_condition_inputs(condition_inputs::of_grant(permit.grant(), attributes, access));
                Ok((permit, visible))
            }
            Err(denial) => {
                self.record.note_condition_inputs(condition_inputs::of_denial(&denial, attributes, access));
                Err(self.refused(&denial))
            }
        }
    }

    /// What the request needs elsewhere, once `permit` was given for its target.
    pub(crate) fn decide_linked<M: Mode>(
        &self,
        linked: &[Linked],
        attributes: &Attributes,
        permit: &Permit<M>,
    ) -> Result<(), Failure> {
        let question = self.question(&[], false);
        linked.iter().try_for_each(|linked| {
            admit::decide_linked(&question, linked, attributes).map_err(|denial| {
                self.record.note_denial(&denial);
                refusal::linked(&self.request.route, permit, linked, &denial)
            })
        })
    }

    pub(crate) fn input<'a, B>(&'a self, body: &'a B) -> Input<'a, B> {
        Input {
            target: &self.target,
            params: &self.params,
            query: &self.query,
            headers: &self.headers,
            world: &self.world,
            body,
            now: self.now,
        }
    }

    pub(crate) fn authorized<O: Operation>(
        self: Box<Arrival>,
        permit: Permit<O::Mode>,
        visible: Option<Visible>,
        body: O::Body,
    ) -> Authorized<O> {
        self.record.note_permit(&permit);
        Authorized {
            permit,
            visible,
            target: self.target,
            params: self.params,
            query: self.query,
            headers: self.headers,
            world: self.world,
            body,
            now: self.now,
            request: self.request,
            record: self.record,
        }
    }
}
