//! The network rules of an account: `publicNetworkAccess` and `networkAcls`, applied before anybody is recognised.
//!
//! A rule that cannot be read closes the door: a setting that protects must protect.

use std::net::IpAddr;

use http::StatusCode;
use serde_json::{Map, Value};

use crate::failure::Failure;

/// Whether the data plane of an account with these properties may be reached from `peer`.
pub(crate) fn check(properties: &Map<String, Value>, peer: IpAddr) -> Result<(), Failure> {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_ascii_lowercase);
    if text(properties.get("publicNetworkAccess")).is_some_and(|access| access != "enabled") {
        return Err(refused("Public access is disabled. Please configure private endpoint."));
    }
    let Some(rules) = properties.get("networkAcls").filter(|rules| !rules.is_null()) else { return Ok(()) };
    if text(rules.get("defaultAction")).is_none_or(|action| action == "allow") {
        return Ok(());
    }
    let ranges = rules.get("ipRules").and_then(Value::as_array).into_iter().flatten();
    let listed = ranges.filter_map(|rule| rule.get("value")?.as_str()).any(|range| contains(range, peer));
    if listed { Ok(()) } else { Err(refused("Access denied due to Virtual Network/Firewall rules.")) }
}

fn refused(message: &str) -> Failure {
    Failure::data_plane(StatusCode::FORBIDDEN, "403", message)
}

/// Whether `range`, an address or `address/bits`, holds `peer`. An IPv4 peer on an IPv6 socket counts as IPv4.
fn contains(range: &str, peer: IpAddr) -> bool {
    let (network, bits) = match range.split_once('/') {
        Some((network, bits)) => (network, bits.parse::<u32>().ok()),
        None => (range, Some(u128::BITS)),
    };
    let (Ok(network), Some(bits)) = (network.trim().parse::<IpAddr>(), bits) else { return false };
    match (network, peer.to_canonical()) {
        (IpAddr::V4(network), IpAddr::V4(peer)) => {
            let host_bits = u32::BITS.saturating_sub(bits);
            network.to_bits().checked_shr(host_bits) == peer.to_bits().checked_shr(host_bits)
        }
        (IpAddr::V6(network), IpAddr::V6(peer)) => {
            let host_bits = u128::BITS.saturating_sub(bits);
            network.to_bits().checked_shr(host_bits) == peer.to_bits().checked_shr(host_bits)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
