//! The host names of accounts under an operator's domain: `{account}.{family}.{domain}`.

/// The families of host names. Each account answers on all three; which one a client uses is the client's habit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostFamily {
    /// `openai`
    OpenAi,
    /// `services.ai`
    ServicesAi,
    /// `cognitiveservices`
    CognitiveServices,
}

impl HostFamily {
    /// Every family.
    pub const ALL: [HostFamily; 3] = [HostFamily::OpenAi, HostFamily::ServicesAi, HostFamily::CognitiveServices];

    /// What stands between the account and the domain.
    pub const fn as_str(self) -> &'static str {
        match self {
            HostFamily::OpenAi => "openai",
            HostFamily::ServicesAi => "services.ai",
            HostFamily::CognitiveServices => "cognitiveservices",
        }
    }
}

/// The operator's domain, under which accounts have host names of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountDomain {
    domain: String,
    port: Option<u16>,
}

/// A domain that cannot carry host names.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not a domain; give it without a scheme and a port, such as `corp.example`")]
pub struct NotADomain {
    given: String,
}

/// Longest domain, bytes: DNS allows 253 for the whole name, and the account (63) and its family stand in front.
const DOMAIN_LIMIT_BYTES: usize = 170;
/// Longest label of a DNS name, bytes.
const LABEL_LIMIT_BYTES: usize = 63;

impl AccountDomain {
    /// The domain, compared without case; `port` is the public URL's own, printed in URLs.
    pub fn new(domain: &str, port: Option<u16>) -> Result<AccountDomain, NotADomain> {
        let lower = domain.trim_end_matches('.').to_ascii_lowercase();
        let last_is_a_word =
            lower.rsplit('.').next().is_some_and(|last| !last.bytes().all(|byte| byte.is_ascii_digit()));
        if lower.len() > DOMAIN_LIMIT_BYTES || !last_is_a_word || !lower.split('.').all(is_label) {
            return Err(NotADomain { given: domain.to_owned() });
        }
        Ok(AccountDomain { domain: lower, port })
    }

    /// The domain, in lower case.
    pub fn as_str(&self) -> &str {
        &self.domain
    }

    /// What stands in front of a family and this domain in an authority (`host` or `host:port`); `None` for any other
    /// host. It may be anything: whether an account is called so is the caller's question.
    pub fn account<'h>(&self, authority: &'h str) -> Option<&'h str> {
        let host = authority.rsplit_once(':').map_or(authority, |(host, _port)| host);
        let host = host.strip_suffix('.').unwrap_or(host);
        HostFamily::ALL.into_iter().find_map(|family| strip(strip(host, &self.domain)?, family.as_str()))
    }

    /// Where an account answers in a family, with a trailing slash.
    pub fn url(&self, family: HostFamily, account: &str) -> String {
        let (family, domain) = (family.as_str(), &self.domain);
        match self.port {
            Some(port) => format!("https://{account}.{family}.{domain}:{port}/"),
            None => format!("https://{account}.{family}.{domain}/"),
        }
    }

    /// The names that a certificate for every account carries.
    pub fn wildcards(&self) -> Vec<String> {
        HostFamily::ALL.iter().map(|family| format!("*.{}.{}", family.as_str(), self.domain)).collect()
    }
}

/// `text` without `.{end}`, compared without case.
fn strip<'h>(text: &'h str, end: &str) -> Option<&'h str> {
    let (front, last) = text.split_at_checked(text.len().checked_sub(end.len())?)?;
    last.eq_ignore_ascii_case(end).then_some(front)?.strip_suffix('.')
}

fn is_label(label: &str) -> bool {
    let inside = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=LABEL_LIMIT_BYTES).contains(&label.len())
        && label.bytes().all(inside)
        && !label.starts_with('-')
        && !label.ends_with('-')
}
