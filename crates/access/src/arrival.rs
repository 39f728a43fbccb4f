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
use crate::audit::Draft;
use crate::authenticate::Recognised;
use crate::authorized::Authorized;
use crate::body::{self, RequestBody};
use crate::failure::Failure;
use crate::input::{Input, Params, Query, RequestInfo};
use crate::operation::Operation;
use crate::refusal;
use crate::route::Plane;

/// A request that has a route and a recognised caller.
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

impl Arrival {
    fn question(&self, rows: &'static [RowKind]) -> Question<'_> {
        Question {
            caller: &self.caller,
            need: &self.need,
            target: &self.target,
            rows,
            world: &self.world,
            decision_id: self.decision_id,
            now: self.now,
        }
    }

    fn refused(&self, denial: &rbac::Denial) -> Failure {
        self.record.note_denial(denial);
        refusal::denied(&self.request.route, denial)
    }

    /// The cheap decision, then the body under its limit.
    pub(crate) async fn read_body(&mut self, limit_bytes: usize) -> Result<Bytes, Failure> {
        admit::before_body(&self.question(&[])).map_err(|denial| self.refused(&denial))?;
        let plane = self.request.route.plane();
        if plane == Plane::Arm {
            ApiVersion::from_query(self.query.get("api-version"))?;
        }
        let body = std::mem::take(&mut self.body);
        body::read(body, limit_bytes).await.map_err(|error| refusal::body(plane, &error))
    }

    /// The decision itself.
    pub(crate) fn decide<M: Mode>(
        &self,
        attributes: &Attributes,
        rows: &'static [RowKind],
    ) -> Result<(Permit<M>, Option<Visible>), Failure> {
        let (permit, visible) =
            admit::decide(&self.question(rows), attributes).map_err(|denial| self.refused(&denial))?;
        self.record.note_permit(&permit);
        Ok((permit, visible))
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
        self,
        permit: Permit<O::Mode>,
        visible: Option<Visible>,
        body: O::Body,
    ) -> Authorized<O> {
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
