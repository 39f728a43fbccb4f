//! A URL taken apart, as far as the rules of a connection need it. Whether it may be asked is the operator's rules to say.

/// The parts of an `https` or `http` URL, as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Url<'a> {
    pub(super) is_https: bool,
    /// Host and port, perhaps with a user in front.
    pub(super) authority: &'a str,
    /// Empty, or from the first slash on.
    pub(super) path: &'a str,
    pub(super) query: Option<&'a str>,
    pub(super) fragment: Option<&'a str>,
}

impl<'a> Url<'a> {
    /// The parts of `text`; `None` when it is of another scheme, or of none.
    pub(super) fn parse(text: &'a str) -> Option<Url<'a>> {
        let (scheme, rest) = text.split_once("://")?;
        let is_https = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let (rest, fragment) = split(rest, '#');
        let (rest, query) = split(rest, '?');
        let (authority, path) = rest.find('/').and_then(|at| rest.split_at_checked(at)).unwrap_or((rest, ""));
        (!authority.is_empty()).then_some(Url { is_https, authority, path, query, fragment })
    }

    /// Scheme, host and port in one writing: in lower case, the usual port left out.
    pub(super) fn origin(&self) -> String {
        let (scheme, usual) = if self.is_https { ("https", ":443") } else { ("http", ":80") };
        let authority = self.authority.to_ascii_lowercase();
        format!("{scheme}://{}", authority.strip_suffix(usual).unwrap_or(&authority))
    }

    /// The host in lower case, without its port.
    pub(super) fn host(&self) -> String {
        let authority = self.authority.to_ascii_lowercase();
        match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host.to_owned(),
            _ => authority,
        }
    }

    /// Whether a user or a password stands in front of the host.
    pub(super) fn has_user(&self) -> bool {
        self.authority.contains('@')
    }
}

/// What is before the mark, and what is after it where there is one.
fn split(text: &str, mark: char) -> (&str, Option<&str>) {
    text.split_once(mark).map_or((text, None), |(before, after)| (before, Some(after)))
}
