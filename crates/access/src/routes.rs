//! Mounting: an operation and its handler become one type-erased route. There is no other way to a handler.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;
use jiff::Timestamp;
use rbac::Permission;
use store::World;

use crate::admit::Need;
use crate::arrival::Arrival;
use crate::audit::Draft;
use crate::authorized::Authorized;
use crate::body::FromBody;
use crate::failure::{Failure, HandlerResult};
use crate::input::{Named, Params, Query, RequestInfo};
use crate::operation::{Needs, Operation};
use crate::refusal;
use crate::route::{Form, Plane, Route, Verb};

pub(crate) type Answer = Pin<Box<dyn Future<Output = HandlerResult> + Send>>;
pub(crate) type Guarded = Box<dyn Fn(Box<Arrival>) -> Answer + Send + Sync>;
pub(crate) type Open = Box<dyn Fn(PublicRequest) -> Answer + Send + Sync>;

/// A request to a route that takes no credential. The list of such routes is short and printed in `routes.golden`.
#[non_exhaustive]
pub struct PublicRequest {
    /// Named path segments.
    pub params: Params,
    /// The query.
    pub query: Query,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, read under the control-plane limit.
    pub body: Bytes,
    /// The current snapshot.
    pub world: Arc<World>,
    /// The time of the request.
    pub now: Timestamp,
    /// The request's own facts.
    pub request: RequestInfo,
    /// The journal record. A handler that sets its `outcome` has it written.
    pub record: Draft,
}

/// A route with its handler, type-erased.
pub(crate) struct Mounted {
    pub(crate) route: Route,
    /// The names in its template.
    pub(crate) named: Vec<Named>,
    pub(crate) serve: Serve,
}

impl Mounted {
    fn new(route: Route, serve: Serve) -> Mounted {
        Mounted { route, named: Named::of(&route), serve }
    }
}

/// How a mounted route answers.
pub(crate) enum Serve {
    /// After authentication and a decision.
    Guarded { need: Arc<Need>, handler: Guarded, told: fn(Failure) -> Failure },
    /// To anybody, and why that is safe.
    Public { why: &'static str, handler: Open },
}

/// The routes of one module, whose handlers share the state `S`.
///
/// A handler that does not take an [`Authorized`] of its own operation cannot be mounted:
/// ```compile_fail,E0271,E0631
/// use std::sync::Arc;
/// async fn open(_: Arc<()>, _: access::PublicRequest) -> access::HandlerResult {
///     Ok(access::Reply::empty(http::StatusCode::OK))
/// }
/// fn mount<O: access::Operation>(operation: O) -> access::Routes<()> {
///     access::Routes::new(Arc::new(())).on(operation, open)
/// }
/// ```
pub struct Routes<S> {
    state: Arc<S>,
    pub(crate) mounted: Vec<Mounted>,
}

impl<S: Send + Sync + 'static> Routes<S> {
    /// No routes yet.
    pub fn new(state: Arc<S>) -> Routes<S> {
        Routes { state, mounted: Vec::new() }
    }

    /// The routes so far.
    pub fn listed(&self) -> impl Iterator<Item = Route> {
        self.mounted.iter().map(|mounted| mounted.route)
    }

    /// Mounts an operation. The handler's types are erased here, once, which keeps builds short.
    #[must_use]
    pub fn on<O, F, A>(mut self, _operation: O, handler: F) -> Routes<S>
    where
        O: Operation,
        F: Fn(Arc<S>, Authorized<O>) -> A + Send + Sync + Copy + 'static,
        A: Future<Output = HandlerResult> + Send + 'static,
    {
        let state = Arc::clone(&self.state);
        let handler: Guarded = Box::new(move |arrival| {
            let state = Arc::clone(&state);
            Box::pin(async move {
                let authorized = let_through::<O>(arrival).await?;
                handler(state, authorized).await
            })
        });
        let need = Arc::new(resolve(&O::ROUTE, O::NEEDS));
        self.mounted.push(Mounted::new(O::ROUTE, Serve::Guarded { need, handler, told: O::told }));
        self
    }

    /// Mounts a route that anybody may call; `why` says what makes that safe and is printed in `routes.golden`.
    #[must_use]
    pub fn public<F, A>(mut self, verb: Verb, template: &'static str, handler: F, why: &'static str) -> Routes<S>
    where
        F: Fn(Arc<S>, PublicRequest) -> A + Send + Sync + Copy + 'static,
        A: Future<Output = HandlerResult> + Send + 'static,
    {
        let state = Arc::clone(&self.state);
        let handler: Open = Box::new(move |request| Box::pin(handler(Arc::clone(&state), request)));
        let route = Route::path(verb, template, Plane::Protocol);
        self.mounted.push(Mounted::new(route, Serve::Public { why, handler }));
        self
    }
}

/// The only maker of [`Authorized`]: cheap decision, body, attributes, decision, and what is linked.
async fn let_through<O: Operation>(mut arrival: Box<Arrival>) -> Result<Authorized<O>, Failure> {
    arrival.target = O::place(&arrival.target);
    let bytes = arrival.read_body(O::Body::LIMIT_BYTES).await?;
    let decoded = O::Body::from_body(bytes).map_err(|error| refusal::body(O::ROUTE.plane(), &error))?;
    let input = arrival.input(&decoded);
    let attributes = arrival.with_circumstances(O::attributes(&input));
    let is_own = arrival.caller.object_id().is_some_and(|caller| O::is_own(&input, caller));
    let linked = O::linked(&input);
    let (permit, visible) = arrival.decide::<O::Mode>(&attributes, O::ROWS, is_own)?;
    arrival.decide_linked(&linked, &attributes, &permit)?;
    Ok(arrival.authorized(permit, visible, decoded))
}

/// What the operation needs, with ARM's derived action spelled out.
fn resolve(route: &Route, needs: Needs) -> Need {
    match needs {
        Needs::Derived => match route {
            Route::Arm { form: Form::Collection, .. } => Need::Visible(derived(route)),
            _ => Need::All(derived(route), Vec::new()),
        },
        Needs::All([]) => Need::All(derived(route), Vec::new()),
        Needs::All([first, rest @ ..]) => Need::All(first.clone(), rest.to_vec()),
        Needs::Directory(right) => Need::All(Permission::Directory(right), Vec::new()),
        Needs::AnyToken => Need::AnyToken(derived(route)),
        Needs::OwnOr(action) => Need::OwnOr(derived(route), Permission::Action(action.into())),
    }
}

/// ARM's rule: the type and the verb are the action. A path outside ARM has none, and what it would derive is not in
/// the catalogue, so such a route does not build.
fn derived(route: &Route) -> Permission {
    let text = match route {
        Route::Arm { verb, resource_type, .. } => format!("{resource_type}/{}", verb.action_suffix()),
        Route::Path { verb, template, .. } => format!("{template}/{}", verb.action_suffix()),
    };
    Permission::Action(text.into())
}
