//! What is an operation, and who is let through? (the only router)
//!
//! A request enters at [`App::handle`]: its path is normalised, its route found, its caller recognised; then
//! `admit` decides, and only a request that was let through becomes an [`Authorized`], the one thing handlers take.
//!
//! Invariant: no handler runs without a decision, and no success is answered without its journal record. Held by the
//! types of [`Routes::on`] and by the server's test that tries every route as nobody, as powerless, and with exactly
//! its permission.

mod admit;
mod app;
mod arrival;
mod audit;
mod authenticate;
mod authorized;
mod body;
mod condition_inputs;
mod declare;
mod failure;
mod host;
mod input;
mod json;
pub mod limits;
mod linked;
mod network;
mod operation;
mod page;
mod place;
mod refusal;
mod reply;
mod response_headers;
mod route;
mod routes;
mod stand_in;
mod table;

pub use app::{App, AppBuilder};
pub use arrival::circumstances;
pub use audit::{CLIENT_CLOSED_REQUEST, CloseOnDrop, Closing, Draft, Observer};
pub use authorized::Authorized;
pub use body::{BodyError, BoxError, FromBody, InferenceJson, Json, NoBody, RequestBody};
pub use failure::{Failure, HandlerResult};
pub use input::{Input, Params, Query, RequestInfo};
pub use linked::Linked;
pub use operation::{Needs, Operation};
pub use page::{SKIP_TOKEN, next_link, page};
pub use reply::{Reply, ReplyBody};
pub use route::{Form, Plane, Route, Verb};
pub use routes::{PublicRequest, Routes};
pub use stand_in::{Asking, StandIn, Step, Stored, close_step};
pub use table::{MountError, RouteInfo};
