//! A URL of something outside, in the one form that cannot be read in two ways.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use http::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::guard::Refused;

/// What may stand in a path segment, a query value or a form's field as it is; the rest is percent-encoded.
pub(crate) const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A host: a name in lower case, or an address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Host {
    Name(String),
    Address(IpAddr),
}

impl fmt::Display for Host {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Name(name) => out.write_str(name),
            Host::Address(IpAddr::V6(address)) => write!(out, "[{address}]"),
            Host::Address(address) => write!(out, "{address}"),
        }
    }
}

/// Where a connection goes: scheme, host and port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    /// Whether it is `https`; else it is `http`.
    pub(crate) is_https: bool,
    pub(crate) host: Host,
    pub(crate) port: u16,
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, usual) = if self.is_https { ("https", 443) } else { ("http", 80) };
        write!(out, "{scheme}://{}", self.host)?;
        if self.port == usual { Ok(()) } else { write!(out, ":{}", self.port) }
    }
}

impl Origin {
    /// The origin of a URI that has one.
    pub(crate) fn of(uri: &Uri) -> Result<Origin, Refused> {
        let is_https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(Refused::form("only `https://` and `http://` are known")),
        };
        let authority = uri.authority().ok_or_else(|| Refused::form("it names no host"))?;
        if authority.as_str().contains('@') {
            return Err(Refused::form("it must not carry a user or a password"));
        }
        let host = host(authority.host())?;
        let port = match authority.as_str().strip_prefix(authority.host()) {
            Some("") => {
                if is_https {
                    443
                } else {
                    80
                }
            }
            Some(rest) => rest
                .strip_prefix(':')
                .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
                .and_then(|digits| digits.parse().ok())
                .filter(|port| *port != 0)
                .ok_or_else(|| Refused::form("its port is not a number from 1 to 65535"))?,
            None => return Err(Refused::form("its host cannot be read")),
        };
        Ok(Origin { is_https, host, port })
    }
}

/// Reads a host. Other notations of an address (`0x7f.1`, `2130706433`, `127.1`, `017700000001`) are refused: resolvers disagree on them.
fn host(text: &str) -> Result<Host, Refused> {
    if let Some(inner) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        let address: Ipv6Addr = inner.parse().map_err(|_| Refused::form("its IPv6 address cannot be read"))?;
        return Ok(Host::Address(address.into()));
    }
    if let Ok(address) = text.parse::<Ipv4Addr>() {
        return Ok(Host::Address(address.into()));
    }
    let name = text.to_ascii_lowercase();
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x");
    if is_number && !last.is_empty() {
        return Err(Refused::form("an IPv4 address is written as four decimal numbers"));
    }
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    if name.len() > 253 || !name.split('.').all(is_label) {
        return Err(Refused::form("its host is not a name of letters, digits, `-` and `.`"));
    }
    Ok(Host::Name(name))
}

/// A URL that the guard admitted. Its name is resolved, and its address checked, at every connection.
///
/// Cheap to clone: it is written once, and asked for with every request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub(crate) origin: Arc<Origin>,
    /// Empty, or `/` and segments without a trailing slash.
    path: Arc<str>,
    query: Arc<str>,
    /// All of it as it goes over the wire.
    uri: Result<Uri, Refused>,
}

impl Target {
    /// Reads a base URL: `https` or `http`, a host, perhaps a port and a path; nothing else.
    pub(crate) fn parse(url: &str) -> Result<Target, Refused> {
        if url.bytes().any(|byte| !byte.is_ascii_graphic() || byte == b'\\') {
            return Err(Refused::form("it holds a blank, a control or a non-ASCII character"));
        }
        let uri: Uri = url.parse().map_err(|_| Refused::form("it is not a URL"))?;
        let origin = Origin::of(&uri)?;
        if url.contains(['?', '#']) {
            return Err(Refused::form("it must have neither a query nor a fragment"));
        }
        let path = uri.path().trim_end_matches('/');
        let lower = path.to_ascii_lowercase();
        let is_odd = |segment: &str| segment.is_empty() || matches!(segment, "." | "..");
        if lower.contains('%') || path.split('/').skip(1).any(is_odd) {
            return Err(Refused::form("its path must be plain segments"));
        }
        Ok(Target::of(Arc::new(origin), path, ""))
    }

    /// Reads one exact URL: unlike a base, it keeps a trailing slash and its query.
    pub(crate) fn exact(url: &str) -> Result<Target, Refused> {
        let (address, query) = url.split_once('?').map_or((url, None), |(address, query)| (address, Some(query)));
        let base = Target::parse(address)?;
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        if query.bytes().any(|byte| !byte.is_ascii_graphic() || byte == b'#') {
            return Err(Refused::form("its query holds a fragment, a blank, a control or a non-ASCII character"));
        }
        let slash = if address.ends_with('/') { "/" } else { "" };
        let target = Target::of(base.origin, &format!("{}{slash}", base.path), &query);
        target.uri.clone().map(|_| target)
    }

    fn of(origin: Arc<Origin>, path: &str, query: &str) -> Target {
        let shown = if path.is_empty() { "/" } else { path };
        let uri = format!("{origin}{shown}{query}").parse().map_err(|_| Refused::form("it is not a URL"));
        Target { origin, path: path.into(), query: query.into(), uri }
    }

    /// The same target further down: each segment is encoded, so that none can reach elsewhere.
    #[must_use]
    pub fn join(&self, segments: &[&str]) -> Target {
        let mut path = self.path.to_string();
        for segment in segments {
            path.push('/');
            // A segment of dots alone would climb.
            match *segment {
                "." | ".." => path.extend(segment.chars().map(|_| "%2E")),
                plain => path.extend(utf8_percent_encode(plain, ENCODED)),
            }
        }
        Target::of(Arc::clone(&self.origin), &path, &self.query)
    }

    /// The same target with one more parameter in its query.
    #[must_use]
    pub fn with_query(&self, name: &str, value: &str) -> Target {
        let mark = if self.query.is_empty() { "?" } else { "&" };
        let name = utf8_percent_encode(name, ENCODED);
        let value = utf8_percent_encode(value, ENCODED);
        Target::of(Arc::clone(&self.origin), &self.path, &format!("{}{mark}{name}={value}", self.query))
    }

    /// The same target further down, by a path and a query as they go over the wire: percent-encoded where need be. No segment may
    /// climb or be empty but the last.
    pub fn further(&self, path: &str, query: &str) -> Result<Target, Refused> {
        let is_wire = |text: &str, more: &[u8]| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@%".contains(&byte);
            text.bytes().all(|byte| plain(byte) || more.contains(&byte))
        };
        let Some(relative) = path.strip_prefix('/').filter(|path| is_wire(path, b"/")) else {
            return Err(Refused::form("a path starts with `/` and holds what a URL may hold"));
        };
        if !is_wire(query, b"/?") {
            return Err(Refused::form("its query holds what a URL may not hold"));
        }
        let mut segments = relative.split('/').rev();
        let last = segments.next().unwrap_or_default();
        let climbs = |segment: &str| matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..");
        if climbs(last) || segments.any(|segment| segment.is_empty() || climbs(segment)) {
            return Err(Refused::form("its path must be plain segments"));
        }
        let query = if query.is_empty() { String::new() } else { format!("?{query}") };
        let target = Target::of(Arc::clone(&self.origin), &format!("{}{path}", self.path), &query);
        target.uri.clone().map(|_| target)
    }

    /// Whether both are at the same scheme, host and port.
    pub fn shares_origin(&self, other: &Target) -> bool {
        self.origin == other.origin
    }

    /// Its host, with the port where it is not the scheme's own.
    pub fn host(&self) -> String {
        let shown = self.origin.to_string();
        shown.split_once("://").map_or(shown.clone(), |(_, host)| host.to_owned())
    }

    /// The URI on the wire.
    pub(crate) fn uri(&self) -> Result<Uri, Refused> {
        self.uri.clone()
    }
}

/// The URL without its query, for a log.
impl fmt::Display for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}{}", self.origin, self.path)
    }
}
