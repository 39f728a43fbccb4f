//! How far an address reaches: anybody's, the operator's own, or nobody's to ask.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Who may be asked at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// A public address: everybody sees the same host there.
    Global,
    /// Loopback, private and translated ranges: only when the operator lists the target.
    Local,
    /// Link-local, metadata, reserved and multicast: never, even if listed.
    Never,
}

/// Where clouds answer whoever asks from inside with the machine's own credentials, outside the link-local range.
const METADATA_V4: [Ipv4Addr; 2] = [
    // Azure's host agent, a public address that is only answered inside.
    Ipv4Addr::new(168, 63, 129, 16),
    // Alibaba Cloud, inside the carrier range.
    Ipv4Addr::new(100, 100, 100, 200),
];
/// The same in IPv6: EC2 (`fd00:ec2::254`) and Google Cloud (`fd20:ce::254`).
const METADATA_V6: [Ipv6Addr; 2] =
    [Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254), Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)];

/// Ranges of IPv4 that are not global: first address, prefix bits, reach. From IANA's special-purpose registry.
const SPECIAL_V4: [(Ipv4Addr, u32, Reach); 16] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8, Reach::Never),
    (Ipv4Addr::new(10, 0, 0, 0), 8, Reach::Local),
    (Ipv4Addr::new(100, 64, 0, 0), 10, Reach::Local),
    (Ipv4Addr::new(127, 0, 0, 0), 8, Reach::Local),
    (Ipv4Addr::new(169, 254, 0, 0), 16, Reach::Never),
    (Ipv4Addr::new(172, 16, 0, 0), 12, Reach::Local),
    // Protocol assignments; Oracle Cloud's metadata is in it.
    (Ipv4Addr::new(192, 0, 0, 0), 24, Reach::Never),
    (Ipv4Addr::new(192, 0, 2, 0), 24, Reach::Never),
    (Ipv4Addr::new(192, 88, 99, 0), 24, Reach::Never),
    (Ipv4Addr::new(192, 168, 0, 0), 16, Reach::Local),
    (Ipv4Addr::new(198, 18, 0, 0), 15, Reach::Local),
    (Ipv4Addr::new(198, 51, 100, 0), 24, Reach::Never),
    (Ipv4Addr::new(203, 0, 113, 0), 24, Reach::Never),
    (Ipv4Addr::new(224, 0, 0, 0), 4, Reach::Never),
    (Ipv4Addr::new(240, 0, 0, 0), 4, Reach::Never),
    (Ipv4Addr::new(255, 255, 255, 255), 32, Reach::Never),
];

/// Ranges inside the global unicast space of IPv6, and the local ones; what is in none and outside `2000::/3` is nobody's.
const SPECIAL_V6: [(Ipv6Addr, u32, Reach); 6] = [
    (Ipv6Addr::LOCALHOST, 128, Reach::Local),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, Reach::Local),
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10, Reach::Local),
    // Teredo, ORCHID and other protocol assignments: the real other end is not in the address.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, Reach::Never),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, Reach::Never),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, Reach::Never),
];

/// The global unicast space of IPv6: `2000::/3`.
const GLOBAL_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// How far `address` reaches.
pub(crate) fn reach(address: IpAddr) -> Reach {
    match address {
        IpAddr::V4(address) => reach_v4(address),
        IpAddr::V6(address) => reach_v6(address),
    }
}

fn reach_v4(address: Ipv4Addr) -> Reach {
    if METADATA_V4.contains(&address) {
        return Reach::Never;
    }
    let within = |(first, bits, _): &&(Ipv4Addr, u32, Reach)| same_prefix_v4(address, *first, *bits);
    SPECIAL_V4.iter().find(within).map_or(Reach::Global, |(_, _, reach)| *reach)
}

fn reach_v6(address: Ipv6Addr) -> Reach {
    if METADATA_V6.contains(&address) {
        return Reach::Never;
    }
    let within = |(first, bits, _): &&(Ipv6Addr, u32, Reach)| same_prefix_v6(address, *first, *bits);
    if let Some((_, _, reach)) = SPECIAL_V6.iter().find(within) {
        return *reach;
    }
    if let Some(inner) = carried(address) {
        // A second spelling of an IPv4 address hides from rules written for the first: never taken for public.
        return reach_v4(inner).max(Reach::Local);
    }
    if same_prefix_v6(address, GLOBAL_V6.0, GLOBAL_V6.1) { Reach::Global } else { Reach::Never }
}

/// The IPv4 address inside an IPv6 one: mapped `::ffff:a.b.c.d`, compatible `::a.b.c.d`, NAT64 `64:ff9b::a.b.c.d`, 6to4 `2002:ab:cd::`.
fn carried(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let last = |segments: [u16; 8]| {
        let [.., high, low] = segments;
        Ipv4Addr::from((u32::from(high) << 16) | u32::from(low))
    };
    let segments = address.segments();
    match segments {
        [0, 0, 0, 0, 0, 0xffff | 0, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => Some(last(segments)),
        [0x2002, high, low, ..] => Some(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low))),
        _ => None,
    }
}

fn same_prefix_v4(one: Ipv4Addr, other: Ipv4Addr, bits: u32) -> bool {
    (one.to_bits() ^ other.to_bits()).leading_zeros() >= bits
}

fn same_prefix_v6(one: Ipv6Addr, other: Ipv6Addr, bits: u32) -> bool {
    (one.to_bits() ^ other.to_bits()).leading_zeros() >= bits
}
