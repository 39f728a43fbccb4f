//! Who may ask: a program of this machine that means to, and not one that was talked into fetching a URL.

use std::net::IpAddr;

use access::PublicRequest;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use http::header::HOST;
use store::Secret;

use super::answer::Refused;

/// The address that clients of a virtual machine know, which a machine may lead here.
const MACHINE_ADDRESS: &str = "169.254.169.254";

/// A caller of the IMDS form says that it knows what it asks: no browser and no fetched URL sends the header.
pub(super) fn of_machine(request: &PublicRequest) -> Result<(), Refused> {
    is_of_this_machine(request)?;
    let metadata = request.headers.get("metadata").is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true"));
    if metadata { Ok(()) } else { Err(Refused::NoMetadataHeader) }
}

/// A caller of the App Service form knows the operator's secret.
pub(super) fn of_app_service(request: &PublicRequest, header: &Secret) -> Result<(), Refused> {
    is_of_this_machine(request)?;
    let sent = request.headers.get("x-identity-header").ok_or(Refused::WrongHeader)?;
    verify_slices_are_equal(sent.as_bytes(), header.expose().as_bytes()).map_err(|_| Refused::WrongHeader)
}

/// From this machine, under one of its own names, and not passed on by a proxy.
fn is_of_this_machine(request: &PublicRequest) -> Result<(), Refused> {
    let is_local = request.request.peer.ip().to_canonical().is_loopback() && is_own_name(request);
    let is_passed_on = request.headers.contains_key("x-forwarded-for") || request.headers.contains_key("forwarded");
    if is_local && !is_passed_on { Ok(()) } else { Err(Refused::PassedOn) }
}

/// A page of a browser that had its name point here would send that name.
fn is_own_name(request: &PublicRequest) -> bool {
    let host = request.headers.get(HOST).and_then(|host| host.to_str().ok()?.parse::<http::uri::Authority>().ok());
    let Some(host) = host else { return false };
    let bare = host.host().trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost")
        || bare == MACHINE_ADDRESS
        || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
