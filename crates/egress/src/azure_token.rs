//! Tokens for Azure: those of the machine this process runs on, and those of an application with a client secret.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::header::HeaderName;
use http::{HeaderValue, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::client::Egress;
use crate::credential::{Credential, CredentialError, Secret};
use crate::error::EgressError;
use crate::outgoing::Outgoing;
use crate::target::{Origin, Target};
use crate::timeouts::{TOKEN_TIMEOUT, millis};

/// Where a virtual machine asks for its own token; `AZURE_POD_IDENTITY_AUTHORITY_HOST` names another place, as for the Azure SDKs.
const IMDS: &str = "http://169.254.169.254";
const IMDS_VARIABLE: &str = "AZURE_POD_IDENTITY_AUTHORITY_HOST";
const IMDS_PATH: [&str; 4] = ["metadata", "identity", "oauth2", "token"];
const IMDS_VERSION: &str = "2018-02-01";
/// Where an App Service, a Function or a Container App asks.
const APP_SERVICE_VARIABLE: &str = "IDENTITY_ENDPOINT";
const APP_SERVICE_SECRET_VARIABLE: &str = "IDENTITY_HEADER";
const APP_SERVICE_VERSION: &str = "2019-08-01";
/// Tokens are renewed this long before they expire, so that a request under way keeps a good one.
const RENEW_BEFORE: Duration = Duration::from_secs(300);
/// A lifetime that the endpoint does not tell: asked again soon.
const UNTOLD_LIFETIME: Duration = Duration::from_secs(60);
/// A token's answer is small.
const TOKEN_LIMIT_BYTES: usize = 64 * 1024;
/// Characters of an endpoint's error that are kept.
const REASON_CHARS: usize = 200;

/// Who asks for tokens.
pub enum AzureIdentity {
    /// The machine's managed identity; with a client id, one of several.
    Host {
        /// The client id of a user-assigned identity.
        client_id: Option<String>,
    },
    /// An application, by its client secret.
    Client {
        /// The authority with the tenant, such as `https://login.microsoftonline.com/{tenant}`.
        authority: Target,
        /// The application's client id.
        client_id: String,
        /// Its secret.
        secret: Credential,
    },
}

/// A token that is kept until shortly before it expires.
pub struct AzureTokens {
    egress: Egress,
    ask: Ask,
    kept: Mutex<Option<Kept>>,
}

enum Ask {
    Host { target: Target, header: HeaderName, value: HeaderValue },
    Client { target: Target, client_id: String, secret: Credential, audience: String },
}

struct Kept {
    token: Secret,
    until: Instant,
}

impl fmt::Debug for AzureTokens {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}

impl AzureTokens {
    /// Tokens of `identity` for `audience`, such as `https://cognitiveservices.azure.com`. Asks for none yet.
    pub fn new(egress: &Egress, identity: AzureIdentity, audience: &str) -> Result<AzureTokens, EgressError> {
        let audience = audience.trim_end_matches('/');
        let (egress, ask) = match identity {
            AzureIdentity::Host { client_id } => of_host(egress, client_id.as_deref(), audience)?,
            AzureIdentity::Client { authority, client_id, secret } => {
                let target = authority.join(&["oauth2", "v2.0", "token"]);
                (egress.clone(), Ask::Client { target, client_id, secret, audience: audience.to_owned() })
            }
        };
        Ok(AzureTokens { egress, ask, kept: Mutex::new(None) })
    }

    /// A token that is good for now. While one is asked for, the other requests wait for it.
    pub async fn current(&self) -> Result<Secret, EgressError> {
        let mut kept = self.kept.lock().await;
        let now = Instant::now();
        match &*kept {
            Some(good) if now + RENEW_BEFORE < good.until => Ok(good.token.clone()),
            Some(old) if now < old.until => match self.ask().await {
                Ok(fresh) => Ok(kept.insert(fresh).token.clone()),
                // The endpoint may be back before the old one is over.
                Err(error) => {
                    tracing::warn!(%error, "a token could not be renewed; the old one is still good");
                    Ok(old.token.clone())
                }
            },
            _ => Ok(kept.insert(self.ask().await?).token.clone()),
        }
    }

    /// A token other than `refused`, which was answered with 401 before its time: the one that somebody renewed meanwhile, or a new one.
    pub async fn renewed(&self, refused: &Secret) -> Result<Secret, EgressError> {
        let mut kept = self.kept.lock().await;
        if let Some(other) = kept.as_ref().filter(|kept| kept.token != *refused) {
            return Ok(other.token.clone());
        }
        *kept = None;
        Ok(kept.insert(self.ask().await?).token.clone())
    }

    async fn ask(&self) -> Result<Kept, EgressError> {
        let late = EgressError::TimedOut { what: "token", limit_ms: millis(TOKEN_TIMEOUT) };
        timeout(TOKEN_TIMEOUT, self.ask_in_time()).await.unwrap_or(Err(late))
    }

    async fn ask_in_time(&self) -> Result<Kept, EgressError> {
        let outgoing = match &self.ask {
            Ask::Host { target, header, value } => {
                Outgoing::get(target.clone()).with_header(header.clone(), value.clone())
            }
            Ask::Client { target, client_id, secret, audience } => {
                let scope = format!("{audience}/.default");
                let secret = secret.current();
                let form = form(&[
                    ("grant_type", "client_credentials"),
                    ("client_id", client_id),
                    ("client_secret", secret.reveal()),
                    ("scope", &scope),
                ]);
                Outgoing::post(target.clone(), "application/x-www-form-urlencoded", Bytes::from(form))
            }
        };
        let asked = Instant::now();
        let answer = self.egress.send(outgoing.accept("application/json")).await?;
        let status = answer.status();
        let body = answer.collect(TOKEN_LIMIT_BYTES).await?;
        let told: Value = serde_json::from_slice(&body).unwrap_or_default();
        let token = told.get("access_token").and_then(Value::as_str).filter(|token| !token.is_empty());
        match token {
            Some(token) if status == StatusCode::OK => {
                Ok(Kept { token: Secret::new(token.to_owned()), until: asked + lifetime(&told) })
            }
            _ => Err(EgressError::NoToken { reason: refusal(status, &told) }),
        }
    }
}

/// The machine's endpoint: an App Service names its own, else it is the metadata address.
fn of_host(egress: &Egress, client_id: Option<&str>, audience: &str) -> Result<(Egress, Ask), EgressError> {
    let app_service = egress.variable(APP_SERVICE_VARIABLE).zip(egress.variable(APP_SERVICE_SECRET_VARIABLE));
    let (target, version, header, value) = match app_service {
        Some((endpoint, secret)) => {
            let mut value = HeaderValue::from_str(&secret).map_err(|_| CredentialError::NotPrintable)?;
            value.set_sensitive(true);
            (Target::parse(&endpoint)?, APP_SERVICE_VERSION, HeaderName::from_static("x-identity-header"), value)
        }
        None => {
            let host = egress.variable(IMDS_VARIABLE).unwrap_or_else(|| IMDS.to_owned());
            let target = Target::parse(&host)?.join(&IMDS_PATH);
            (target, IMDS_VERSION, HeaderName::from_static("metadata"), HeaderValue::from_static("true"))
        }
    };
    let mut target = target.with_query("api-version", version).with_query("resource", audience);
    if let Some(client_id) = client_id {
        target = target.with_query("client_id", client_id);
    }
    // This one place may be asked though it is in a metadata range, and this client can ask nothing else.
    Ok((egress.only(Origin::clone(&target.origin)), Ask::Host { target, header, value }))
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
    format!("the token endpoint answered {}: {}", status.as_u16(), said.replace(['\n', '\r'], " "))
}

fn form(fields: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC));
    fields.iter().map(pair).collect::<Vec<_>>().join("&")
}
