//! A request that has been let through: the only thing a handler is ever given.

use std::sync::Arc;

use arm::Scope;
use http::HeaderMap;
use jiff::Timestamp;
use rbac::{Permit, Visible};
use store::World;

use crate::audit::Draft;
use crate::input::{Params, Query, RequestInfo};
use crate::operation::Operation;

/// A request that has been let through, with the proof.
///
/// It has no public maker:
/// ```compile_fail,E0639
/// fn forge<O: access::Operation>(permit: rbac::Permit<O::Mode>) -> access::Authorized<O> {
///     access::Authorized { permit, visible: None, ..todo!() }
/// }
/// ```
#[non_exhaustive]
pub struct Authorized<O: Operation> {
    /// The proof; every store write asks for it.
    pub permit: Permit<O::Mode>,
    /// For ARM lists: the scopes under which the caller may read.
    pub visible: Option<Visible>,
    /// The scope the decision was about.
    pub target: Scope,
    /// Named path segments.
    pub params: Params,
    /// The query.
    pub query: Query,
    /// The headers.
    pub headers: HeaderMap,
    /// The snapshot that the decision read. Handlers read the same one.
    pub world: Arc<World>,
    /// The decoded body.
    pub body: O::Body,
    /// The time of the request.
    pub now: Timestamp,
    /// The request's own facts.
    pub request: RequestInfo,
    /// The journal record of this request: a handler adds what it learns, or takes it over for a stream.
    pub record: Draft,
}
