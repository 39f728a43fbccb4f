//! Redirect URIs: the only places that a code is ever sent to.

/// The names of a person's own machine, under which command-line clients wait for their code.
const LOOPBACK: [&str; 3] = ["http://localhost", "http://127.0.0.1", "http://[::1]"];

/// A place that may be sent a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Redirect {
    /// As the client wrote it.
    pub(crate) uri: String,
    /// Whether the client has to prove itself when it brings the code.
    pub(crate) needs_secret: bool,
}

impl Redirect {
    /// Scheme, host and port, as a page's policy names the places that its form may be sent to.
    pub(crate) fn origin(&self) -> &str {
        let after_scheme = self.uri.find("://").map_or(0, |at| at + "://".len());
        let rest = self.uri.get(after_scheme..).unwrap_or_default();
        let end = rest.find(['/', '?']).map_or(self.uri.len(), |at| after_scheme + at);
        self.uri.get(..end).unwrap_or_default()
    }
}

/// `http://localhost:{any port}` or its like, with nothing behind the port but perhaps a slash.
pub(crate) fn is_bare_loopback(uri: &str) -> bool {
    loopback_path(uri).is_some_and(|path| path.is_empty() || path == "/")
}

/// Whether a registered URI stands for the one that a client sent: the same text, but that a loopback's port is free, since
/// a command-line client takes the one it gets.
pub(crate) fn matches(registered: &str, sent: &str) -> bool {
    if !is_plain(sent) {
        return false;
    }
    match (loopback_path(registered), loopback_path(sent)) {
        (Some(wanted), Some(given)) => {
            host(registered) == host(sent) && wanted.trim_end_matches('/') == given.trim_end_matches('/')
        }
        (None, None) => registered == sent && sent.starts_with("https://") && has_host(sent),
        _ => false,
    }
}

/// Only what a URL needs, so that no reader takes it for another place.
fn is_plain(uri: &str) -> bool {
    uri.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"'<>\\^`{|}#@".contains(&byte))
}

fn has_host(uri: &str) -> bool {
    let rest = uri.trim_start_matches("https://");
    rest.split(['/', '?']).next().is_some_and(|authority| !authority.is_empty())
}

fn host(uri: &str) -> Option<&'static str> {
    LOOPBACK.into_iter().find(|host| uri.starts_with(host))
}

/// What follows host and port of a loopback URI; `None` for any other.
fn loopback_path(uri: &str) -> Option<&str> {
    let rest = uri.strip_prefix(host(uri)?)?;
    let rest = match rest.strip_prefix(':') {
        Some(behind) => {
            let end = behind.find(|one: char| !one.is_ascii_digit()).unwrap_or(behind.len());
            let (port, path) = behind.split_at_checked(end)?;
            port.parse::<u16>().ok().filter(|port| *port != 0)?;
            path
        }
        None => rest,
    };
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

#[cfg(test)]
mod tests;
