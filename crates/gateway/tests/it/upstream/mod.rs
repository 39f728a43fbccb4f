//! Deployments whose model runs at a provider outside; the provider is a mock, everything on this side is real.

mod azure;
mod far;
mod refusals;
mod streams;
mod whole;
