//! Deployments whose model runs at a provider outside; the provider is a mock, everything on this side is real.

mod azure;
mod far;
mod hostile;
mod kept;
mod kinds;
mod limits;
mod own_limits;
mod pairs;
mod refusals;
mod several;
mod streams;
mod surface;
mod whole;
