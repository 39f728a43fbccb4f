//! The one door: every request of every plane enters through [`App::handle`].

use std::future::Future;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;

use arm::{AccountDomain, ArmError, ErrorCode, RequestPath, Scope};
use futures_util::FutureExt;
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use identity::Verifier;
use jiff::Timestamp;
use store::{Clock, Record, Store, World};
use uuid::Uuid;

use crate::admit::Need;
use crate::arrival::Arrival;
use crate::audit::{CloseOnDrop, Draft, FailureSampler, Observer};
use crate::authenticate::{Recognised, authenticate};
use crate::body::{self, RequestBody};
use crate::failure::{Failure, HandlerResult};
use crate::host;
use crate::input::{Params, Query, RequestInfo};
use crate::limits::CONTROL_BODY_LIMIT_BYTES;
use crate::place::Place;
use crate::refusal::{self, AuthenticationError};
use crate::reply::{Reply, ReplyBody};
use crate::response_headers::{self, Heading};
use crate::route::{Plane, Route, Verb};
use crate::routes::{Mounted, Open, PublicRequest, Routes, Serve};
use crate::stand_in::NOT_RECORDED;
use crate::table::{Matched, MountError, RouteInfo, Table, Unmatched};

/// What every request needs: the store, the verifier, the configured address.
pub(crate) struct Core {
    pub(crate) store: Store,
    pub(crate) verifier: Verifier,
    public_url: Arc<str>,
    /// Whether that is a name of the own machine.
    is_local: bool,
    domain: Option<Arc<AccountDomain>>,
    clock: Arc<dyn Clock>,
    observer: Option<Observer>,
}

/// The routes being collected.
pub struct AppBuilder {
    core: Core,
    mounted: Vec<Mounted>,
}

impl AppBuilder {
    /// Lets accounts answer on host names of their own, under the operator's domain.
    #[must_use]
    pub fn domain(mut self, domain: Option<AccountDomain>) -> AppBuilder {
        self.core.domain = domain.map(Arc::new);
        self
    }

    /// Shows each journal record to somebody once it is written, such as who counts requests.
    #[must_use]
    pub fn observed_by(mut self, observer: Option<Observer>) -> AppBuilder {
        self.core.observer = observer;
        self
    }

    /// Adds a module's routes.
    #[must_use]
    pub fn mount<S>(mut self, routes: Routes<S>) -> AppBuilder {
        self.mounted.extend(routes.mounted);
        self
    }

    /// Checks the table: no route twice, no action that the catalogue of operations does not know.
    pub fn build(self) -> Result<App, MountError> {
        let table = Table::build(self.mounted)?;
        Ok(App { core: Arc::new(self.core), table, sampler: FailureSampler::default() })
    }
}

/// All routes behind one door.
pub struct App {
    core: Arc<Core>,
    table: Table,
    sampler: FailureSampler,
}

/// A request whose path is sound, with what is known before a route is. In a box, as [`Arrival`] is.
struct Incoming {
    parts: Parts,
    body: RequestBody,
    path: RequestPath,
    verb: Option<Verb>,
    world: Arc<World>,
    now: Timestamp,
    record: Draft,
    id: Uuid,
    decision_id: Uuid,
    peer: SocketAddr,
    reach: Reach,
}

/// A request at the door: what every answer needs, and the request itself unless its path is not sound.
struct Opened {
    incoming: Result<Box<Incoming>, Failure>,
    record: Draft,
    heading: Heading,
    is_head: bool,
}

/// What a listener leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Everything,
    /// Inference and projects.
    DataPlane,
}

impl Reach {
    fn includes(self, plane: Plane) -> bool {
        self == Reach::Everything || matches!(plane, Plane::Inference | Plane::Project)
    }
}

impl App {
    /// Starts collecting routes. `public_url` is the configured address, without a trailing slash.
    pub fn builder(store: Store, verifier: Verifier, public_url: &str, clock: Arc<dyn Clock>) -> AppBuilder {
        let (is_local, public_url) = (response_headers::is_local(public_url), Arc::from(public_url));
        let core = Core { store, verifier, public_url, is_local, domain: None, clock, observer: None };
        AppBuilder { core, mounted: Vec::new() }
    }

    /// Every route, sorted, as `routes.golden` prints them.
    pub fn routes(&self) -> Vec<(RouteInfo, Route)> {
        self.table.list()
    }

    /// Answers one request. The answer's journal record is written before the answer's last byte is sent.
    pub fn handle(
        &self,
        request: Request<RequestBody>,
        peer: SocketAddr,
    ) -> impl Future<Output = Response<ReplyBody>> + Send {
        self.respond(self.open(Reach::Everything, request, peer))
    }

    /// Answers one request of a listener that leads to inference and projects alone: everything else is not there.
    pub fn handle_data_plane(
        &self,
        request: Request<RequestBody>,
        peer: SocketAddr,
    ) -> impl Future<Output = Response<ReplyBody>> + Send {
        self.respond(self.open(Reach::DataPlane, request, peer))
    }

    /// What is known of a request before anything is waited for.
    fn open(&self, reach: Reach, request: Request<RequestBody>, peer: SocketAddr) -> Opened {
        let (parts, body) = request.into_parts();
        let (id, decision_id, now) = (Uuid::new_v4(), Uuid::now_v7(), self.core.clock.now());
        let client_request_id = parts.headers.get(&response_headers::X_MS_CLIENT_REQUEST_ID).cloned();
        let domain = self.core.domain.as_deref();
        let plane_by_look = response_headers::plane_by_look(&host::raw_path(&parts, domain));
        let world = self.core.store.world();
        let first = first_record(&parts.method, id, decision_id, now, world.version);
        let record = Draft::new(self.core.store.clone(), self.core.observer.clone(), first);
        let heading = Heading { id, decision_id, now, plane_by_look, client_request_id };
        let is_head = parts.method == Method::HEAD;
        let incoming = match host::sound_path(&parts, domain) {
            Ok(path) => {
                let (verb, kept) = (Verb::from_method(&parts.method), record.clone());
                let incoming =
                    Incoming { parts, body, path, verb, world, now, record: kept, id, decision_id, peer, reach };
                Ok(Box::new(incoming))
            }
            Err(error) => Err(refusal::path(plane_by_look, &error)),
        };
        Opened { incoming, record, heading, is_head }
    }

    async fn respond(&self, opened: Opened) -> Response<ReplyBody> {
        // Not taken apart: what has a name of its own would be kept twice while this waits.
        let (record, plane) = (&opened.record, opened.heading.plane_by_look);
        let unanswered = CloseOnDrop::new(record.clone());
        let result = match opened.incoming {
            Ok(incoming) => AssertUnwindSafe(self.answer(incoming)).catch_unwind().await.unwrap_or_else(|_panic| {
                record.note(|record| record.reason = Some("the handler broke".to_owned()));
                let status = StatusCode::INTERNAL_SERVER_ERROR;
                Err(refusal::broken(plane, status, "The request could not be completed."))
            }),
            Err(failure) => Err(failure),
        };
        let reply = self.close(result.map_err(|failure| opened.heading.on(failure)), record, plane).await;
        unanswered.answered();
        let reply = if opened.is_head { reply.without_body() } else { reply };
        let mut response = reply.into_response();
        response_headers::add(response.headers_mut(), opened.heading, self.core.is_local);
        response
    }

    async fn answer(&self, incoming: Box<Incoming>) -> HandlerResult {
        let Begun { answer, told } = self.begin(incoming)?;
        answer.await.map_err(told)
    }

    /// Everything before anything is waited for.
    fn begin(&self, incoming: Box<Incoming>) -> Result<Begun<'_>, Failure> {
        let look = |incoming: &Incoming| response_headers::plane_by_look(incoming.path.as_str());
        match self.table.find(incoming.verb, &incoming.path) {
            Ok(matched) if incoming.reach.includes(matched.mounted.route.plane()) => self.dispatch(incoming, matched),
            _ if incoming.reach == Reach::DataPlane => Err(refusal::no_route(Plane::Inference)),
            Ok(matched) => self.dispatch(incoming, matched),
            Err(Unmatched::Path(error)) => Err(refusal::path(look(&incoming), &error)),
            Err(Unmatched::Verb(allowed)) => Err(refusal::method_not_allowed(look(&incoming), &allowed)),
            Err(Unmatched::Nothing) => Err(refusal::no_route(look(&incoming))),
            Err(Unmatched::ResourceType { given, nearest }) => {
                // Who is not recognised learns nothing about types.
                let found =
                    authenticate(&self.core, &incoming.world, Plane::Arm, None, &incoming.parts.headers, incoming.now);
                found.map_err(|error| self.unrecognised(&incoming, Plane::Arm, &error))?;
                Err(unknown_type(&given, nearest.as_deref()))
            }
        }
    }

    fn dispatch<'a>(&'a self, incoming: Box<Incoming>, matched: Matched<'a>) -> Result<Begun<'a>, Failure> {
        let route = matched.mounted.route;
        incoming.record.note(|record| {
            record.plane = route.plane().as_str().into();
            record.route = route.template();
        });
        let request = RequestInfo {
            id: incoming.id,
            route,
            path: incoming.path.as_str().into(),
            public_url: Arc::clone(&self.core.public_url),
            domain: self.core.domain.clone(),
            peer: incoming.peer,
        };
        match &matched.mounted.serve {
            Serve::Public { handler, .. } => {
                let answer = Box::pin(open_to_all(handler, incoming, matched.params, request));
                Ok(Begun { answer, told: |failure| failure })
            }
            Serve::Guarded { need, handler, told } => {
                let arrival = self.arrive(incoming, matched, Arc::clone(need), request).map_err(told)?;
                Ok(Begun { answer: handler(arrival), told: *told })
            }
        }
    }

    /// A request on its way to a handler that needs more than a route.
    fn arrive(
        &self,
        incoming: Box<Incoming>,
        matched: Matched<'_>,
        need: Arc<Need>,
        request: RequestInfo,
    ) -> Result<Box<Arrival>, Failure> {
        let plane = request.route.plane();
        let place = Place::of(&incoming.world, &matched).ok_or_else(|| refusal::no_route(plane))?;
        place.check_network(&incoming.world, incoming.peer.ip(), &incoming.record)?;
        let caller = self.recognise(&incoming, plane, place.account.as_ref())?;
        Ok(Box::new(Arrival {
            caller,
            need,
            target: place.target,
            params: matched.params,
            query: incoming.query(),
            headers: incoming.parts.headers,
            body: incoming.body,
            world: incoming.world,
            now: incoming.now,
            request,
            record: incoming.record,
            decision_id: incoming.decision_id,
        }))
    }

    fn recognise(&self, incoming: &Incoming, plane: Plane, account: Option<&Scope>) -> Result<Recognised, Failure> {
        let headers = &incoming.parts.headers;
        let found = authenticate(&self.core, &incoming.world, plane, account, headers, incoming.now);
        let recognised = found.map_err(|error| self.unrecognised(incoming, plane, &error))?;
        incoming.record.note(|record| match &recognised {
            Recognised::Principal(principal) => {
                record.principal_id = Some(principal.object_id());
                record.principal_type = Some(principal.kind().as_str().into());
                record.principal_label = Some(principal.to_label());
                record.credential = "token".into();
            }
            Recognised::Key { slot, .. } => record.credential = slot.as_str().into(),
        });
        Ok(recognised)
    }

    fn unrecognised(&self, incoming: &Incoming, plane: Plane, error: &AuthenticationError) -> Failure {
        incoming.record.note(|record| {
            record.outcome = "unauthenticated".into();
            record.step = "authentication".into();
        });
        refusal::unauthenticated(plane, error)
    }

    /// Turns a result into a reply whose record is written; without the record there is no success.
    async fn close(&self, result: HandlerResult, record: &Draft, plane: Plane) -> Reply {
        let reply = match result {
            Ok(reply) if record.is_taken() => return reply,
            Err(failure) if record.is_taken() => return failure.into_reply(),
            Ok(reply) => reply,
            Err(failure) => {
                record.note_failure(&failure);
                failure.into_reply()
            }
        };
        let Some(sampled_of) = self.worth_writing(record) else { return reply };
        record.note(|record| record.sampled_of = sampled_of);
        match record.close(reply.status()).await {
            Ok(()) => reply,
            // Who is refused stays refused: decisions go on, and nothing is served without its record.
            Err(error) if reply.status().is_client_error() => {
                tracing::error!(%error, "the journal cannot be written; a refusal goes unrecorded");
                reply
            }
            Err(error) => {
                tracing::error!(%error, "the journal cannot be written");
                refusal::broken(plane, StatusCode::SERVICE_UNAVAILABLE, NOT_RECORDED).into_reply()
            }
        }
    }

    /// Whether a record is written: each decided request is; failed authentications are sampled; what never reached
    /// a decision (an unknown path, public discovery) is not, unless its handler gave it an outcome.
    fn worth_writing(&self, record: &Draft) -> Option<Option<u64>> {
        let outcome = record.outcome();
        match outcome.as_ref() {
            "" => None,
            "unauthenticated" => self.sampler.admit(self.core.clock.now()).map(Some),
            _ => Some(None),
        }
    }
}

impl Incoming {
    fn query(&self) -> Query {
        Query::parse(self.parts.uri.query().unwrap_or(""))
    }
}

/// An answer that is being made, and how its route tells of failures.
struct Begun<'a> {
    answer: Pin<Box<dyn Future<Output = HandlerResult> + Send + 'a>>,
    told: fn(Failure) -> Failure,
}

/// A request to a route that takes no credential.
async fn open_to_all(handler: &Open, incoming: Box<Incoming>, params: Params, request: RequestInfo) -> HandlerResult {
    let query = incoming.query();
    let read = body::read(incoming.body, CONTROL_BODY_LIMIT_BYTES).await;
    let body = read.map_err(|error| refusal::body(Plane::Protocol, &error))?;
    let open = PublicRequest {
        params,
        query,
        headers: incoming.parts.headers,
        body,
        world: incoming.world,
        now: incoming.now,
        request,
        record: incoming.record,
    };
    handler(open).await
}

fn unknown_type(given: &str, nearest: Option<&str>) -> Failure {
    let (namespace, short) = given.split_once('/').unwrap_or((given, ""));
    let hint = nearest.map(|near| format!(" Did you mean '{near}'?")).unwrap_or_default();
    let message = format!(
        "The resource type '{short}' could not be found in the namespace '{namespace}' for this request.{hint}"
    );
    Failure::arm(ArmError::new(ErrorCode::InvalidResourceType, message))
}

fn first_record(method: &Method, id: Uuid, decision_id: Uuid, now: Timestamp, version: u64) -> Record {
    Record {
        time: now,
        decision_id,
        request_id: id,
        method: Verb::from_method(method).map_or_else(|| method.to_string().into(), |verb| verb.as_str().into()),
        credential: "none".into(),
        snapshot_version: version,
        ..Record::default()
    }
}
