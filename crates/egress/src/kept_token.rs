//! Bearer tokens that are asked for once and kept: of the machine, of an application in Azure, of a client anywhere.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::HeaderName;
use http::{HeaderValue, StatusCode};
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::azure_token::{self, AzureIdentity};
use crate::client::Egress;
use crate::credential::{Credential, Secret};
use crate::error::EgressError;
use crate::outgoing::Outgoing;
use crate::target::Target;
use crate::timeouts::{TOKEN_TIMEOUT, millis};

/// Tokens are renewed this long before they expire, so that a request under way keeps a good one.
const RENEW_BEFORE: Duration = Duration::from_secs(300);
/// Of a token that lives but minutes, this part of its life is left when it is renewed; five minutes would be all of it.
const RENEW_PART: u32 = 5;
/// A lifetime that the endpoint does not tell: asked again soon.
const UNTOLD_LIFETIME: Duration = Duration::from_secs(60);
/// A token's answer is small.
const TOKEN_LIMIT_BYTES: usize = 64 * 1024;
/// Characters of an endpoint's error that are kept.
const REASON_CHARS: usize = 200;

/// What a client shows to get a token for itself: OAuth 2.0's client credentials.
pub struct ClientGrant {
    /// The token endpoint.
    pub token_url: Target,
    /// The client's id.
    pub client_id: String,
    /// Its secret.
    pub secret: Credential,
    /// What the token shall be for, joined by blanks; not sent where it is empty.
    pub scope: String,
}

/// A token that is kept until shortly before it expires.
pub struct KeptToken {
    egress: Egress,
    ask: Ask,
    renew_before: fn(Duration) -> Duration,
    known: Mutex<Known>,
}

/// Who is asked, and with what.
pub(crate) enum Ask {
    /// An endpoint of the machine, by a header that shows who asks.
    Host { target: Target, header: HeaderName, value: HeaderValue },
    /// A token endpoint, by a client's secret.
    Client(ClientGrant),
}

/// What came of asking.
#[derive(Default)]
struct Known {
    kept: Option<Kept>,
    /// The last failure and when it came, until a token is had again.
    failed: Option<(Instant, EgressError)>,
}

struct Kept {
    token: Secret,
    renew_at: Instant,
    until: Instant,
}

impl fmt::Debug for KeptToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}

impl KeptToken {
    /// Tokens of `identity` for `audience`, such as `https://cognitiveservices.azure.com`. Asks for none yet.
    pub fn of_azure(egress: &Egress, identity: AzureIdentity, audience: &str) -> Result<KeptToken, EgressError> {
        let (egress, ask) = azure_token::ask(egress, identity, audience.trim_end_matches('/'))?;
        Ok(KeptToken { egress, ask, renew_before: |_| RENEW_BEFORE, known: Mutex::default() })
    }

    /// Tokens of a client at any OAuth 2.0 server. Asks for none yet.
    pub fn of_client(egress: &Egress, grant: ClientGrant) -> KeptToken {
        let renew_before = |lifetime: Duration| RENEW_BEFORE.min(lifetime / RENEW_PART);
        KeptToken { egress: egress.clone(), ask: Ask::Client(grant), renew_before, known: Mutex::default() }
    }

    /// A token that is good for now. While one is asked for, the other requests wait for it, or for the failure.
    pub async fn current(&self) -> Result<Secret, EgressError> {
        let since = Instant::now();
        let mut known = self.known.lock().await;
        let now = Instant::now();
        let old = match &known.kept {
            Some(good) if now < good.renew_at => return Ok(good.token.clone()),
            Some(old) if now < old.until => Some(old.token.clone()),
            _ => None,
        };
        match (self.fresh(&mut known, since).await, old) {
            // The endpoint may be back before the old one is over.
            (Err(error), Some(old)) => {
                tracing::warn!(%error, "a token could not be renewed; the old one is still good");
                Ok(old)
            }
            (fresh, _) => fresh,
        }
    }

    /// A token other than `refused`, which was answered with 401 before its time: the one that somebody renewed meanwhile, or a new one.
    pub async fn renewed(&self, refused: &Secret) -> Result<Secret, EgressError> {
        let since = Instant::now();
        let mut known = self.known.lock().await;
        if let Some(other) = known.kept.as_ref().filter(|kept| kept.token != *refused) {
            return Ok(other.token.clone());
        }
        known.kept = None;
        self.fresh(&mut known, since).await
    }

    /// A new token for who wants one `since` then. Who waited while another was refused has that answer too: each asking on its own
    /// would wait for all before it.
    async fn fresh(&self, known: &mut Known, since: Instant) -> Result<Secret, EgressError> {
        if let Some((_, error)) = known.failed.as_ref().filter(|(at, _)| since < *at) {
            return Err(error.clone());
        }
        match self.ask().await {
            Ok(fresh) => {
                known.failed = None;
                Ok(known.kept.insert(fresh).token.clone())
            }
            Err(error) => {
                known.failed = Some((Instant::now(), error.clone()));
                Err(error)
            }
        }
    }

    async fn ask(&self) -> Result<Kept, EgressError> {
        let late = EgressError::TimedOut { what: "token", limit_ms: millis(TOKEN_TIMEOUT) };
        timeout(TOKEN_TIMEOUT, self.ask_in_time()).await.unwrap_or(Err(late))
    }

    async fn ask_in_time(&self) -> Result<Kept, EgressError> {
        let asked = Instant::now();
        let answer = self.egress.send(self.ask.outgoing().accept("application/json")).await?;
        let status = answer.status();
        let body = answer.collect(TOKEN_LIMIT_BYTES).await?;
        let told: Value = serde_json::from_slice(&body).unwrap_or_default();
        let token = told.get("access_token").and_then(Value::as_str).filter(|token| !token.is_empty());
        match token {
            Some(token) if status == StatusCode::OK => {
                let lifetime = lifetime(&told);
                let until = asked + lifetime;
                // A token that is nearly over when it comes is renewed with the next request.
                let renew_at = until.checked_sub((self.renew_before)(lifetime)).unwrap_or(asked);
                Ok(Kept { token: Secret::new(token.to_owned()), renew_at, until })
            }
            _ => Err(EgressError::NoToken { reason: self.ask.scrubbed(&refusal(status, &told)) }),
        }
    }
}

impl Ask {
    fn outgoing(&self) -> Outgoing {
        match self {
            Ask::Host { target, header, value } => {
                Outgoing::get(target.clone()).with_header(header.clone(), value.clone())
            }
            Ask::Client(ClientGrant { token_url, client_id, secret, scope }) => {
                let secret = secret.current();
                let mut fields = vec![
                    ("grant_type", "client_credentials"),
                    ("client_id", client_id.as_str()),
                    ("client_secret", secret.reveal()),
                ];
                if !scope.is_empty() {
                    fields.push(("scope", scope));
                }
                Outgoing::form(token_url.clone(), &fields)
            }
        }
    }

    /// What an endpoint said, without the secret should it repeat it.
    fn scrubbed(&self, said: &str) -> String {
        match self {
            Ask::Host { .. } => said.to_owned(),
            Ask::Client(grant) => {
                let clean = grant.secret.current().scrub(said.to_owned().into());
                String::from_utf8_lossy(&clean).into_owned()
            }
        }
    }
}

/// `expires_in` or `expires_on`, each as a number or as text: the endpoints differ.
fn lifetime(told: &Value) -> Duration {
    let seconds = |name: &str| {
        let value = told.get(name)?;
        value.as_u64().or_else(|| value.as_str()?.parse().ok())
    };
    let until = || {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        seconds("expires_on").map(|at| Duration::from_secs(at).saturating_sub(now))
    };
    seconds("expires_in").map(Duration::from_secs).or_else(until).unwrap_or(UNTOLD_LIFETIME)
}

/// What the endpoint said, without repeating what was sent.
fn refusal(status: StatusCode, told: &Value) -> String {
    let said = ["error_description", "error"].iter().find_map(|name| told.get(name).and_then(Value::as_str));
    let said: String = said.unwrap_or("it gave no reason").chars().take(REASON_CHARS).collect();
    format!("the token endpoint answered {}: {}", status.as_u16(), said.replace(char::is_control, " "))
}
