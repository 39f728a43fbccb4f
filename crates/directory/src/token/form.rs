//! The token request's form.

use std::fmt;

use access::Query;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use percent_encoding::percent_decode_str;

use super::error::OAuthError;
use crate::sign_in::form::has_no_repeats;

/// What ends a scope that means "whatever is granted there".
const DEFAULT_SCOPE: &str = "/.default";
/// Scopes of OpenID Connect, which some clients add always and which name no resource.
const OPENID_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// A way of getting a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grant {
    /// An application as itself.
    ClientCredentials,
    /// A person who signed in on a page that their application opened.
    AuthorizationCode,
    /// A person who entered a device's code on a page.
    DeviceCode,
    /// A person who signed in before.
    RefreshToken,
}

impl Grant {
    fn named(name: &str) -> Option<Grant> {
        match name {
            "client_credentials" => Some(Grant::ClientCredentials),
            "authorization_code" => Some(Grant::AuthorizationCode),
            "urn:ietf:params:oauth:grant-type:device_code" => Some(Grant::DeviceCode),
            "refresh_token" => Some(Grant::RefreshToken),
            _ => None,
        }
    }
}

/// A sound request for a token.
pub(super) struct TokenForm {
    /// The way.
    pub(super) grant: Grant,
    /// The application id as the client wrote it.
    pub(super) client_id: String,
    /// The client's secret, if it sent one.
    pub(super) client_secret: Option<String>,
    fields: Query,
}

impl fmt::Debug for TokenForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenForm").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

impl TokenForm {
    /// Reads a form body, and the client from it or from HTTP Basic.
    pub(super) fn read(body: &[u8], headers: &HeaderMap) -> Result<TokenForm, OAuthError> {
        let text = std::str::from_utf8(body);
        let text = text.map_err(|_| malformed("The body is not an application/x-www-form-urlencoded form"))?;
        let form = Query::parse(text);
        if !has_no_repeats(&form) {
            return Err(malformed("A parameter is sent more than once"));
        }
        let value = |name: &str| form.get(name).filter(|value| !value.is_empty()).map(str::to_owned);
        let grant = value("grant_type").ok_or(OAuthError::MissingParameter { name: "grant_type" })?;
        let grant = Grant::named(&grant).ok_or(OAuthError::UnsupportedGrant { grant })?;
        let (basic_id, basic_secret) = basic(headers)?.unzip();
        let client_id = one(basic_id, value("client_id"))?;
        let client_id = client_id.ok_or(OAuthError::MissingParameter { name: "client_id" })?;
        let client_secret = one(basic_secret, value("client_secret"))?;
        if client_secret.is_none() && grant == Grant::ClientCredentials {
            return Err(OAuthError::NoCredential);
        }
        Ok(TokenForm { grant, client_id, client_secret, fields: form })
    }

    /// All fields.
    pub(super) fn fields(&self) -> &Query {
        &self.fields
    }

    /// A field that is there and not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.fields.get(name).filter(|value| !value.is_empty())
    }

    /// A field that this grant cannot do without.
    pub(super) fn required(&self, name: &'static str) -> Result<&str, OAuthError> {
        self.get(name).ok_or(OAuthError::MissingParameter { name })
    }

    /// The resource that is asked for, as it is written into `aud`: the scope without its one `/.default`.
    pub(super) fn resource(&self) -> Result<String, OAuthError> {
        let Some(scope) = self.get("scope") else {
            return self.get("resource").map(str::to_owned).ok_or(OAuthError::MissingParameter { name: "scope" });
        };
        let invalid = || OAuthError::InvalidScope { scope: scope.to_owned() };
        let mut named = scope.split_ascii_whitespace().filter(|one| !OPENID_SCOPES.contains(one));
        let (first, second) = (named.next(), named.next());
        let resource = first.filter(|_| second.is_none()).and_then(|one| one.strip_suffix(DEFAULT_SCOPE));
        resource.filter(|resource| !resource.is_empty()).map(str::to_owned).ok_or_else(invalid)
    }
}

fn malformed(reason: impl Into<String>) -> OAuthError {
    OAuthError::Malformed { reason: reason.into() }
}

/// The value that is sent in one place, or in both alike.
fn one(header: Option<String>, form: Option<String>) -> Result<Option<String>, OAuthError> {
    match (header, form) {
        (Some(header), Some(form)) if header != form => {
            Err(malformed("The Authorization header and the form name different clients"))
        }
        (header, form) => Ok(header.or(form)),
    }
}

/// Id and secret of HTTP Basic, each percent-encoded (RFC 6749 §2.3.1).
fn basic(headers: &HeaderMap) -> Result<Option<(String, String)>, OAuthError> {
    let Some(header) = headers.get(AUTHORIZATION) else {
        return Ok(None);
    };
    let broken = || malformed("The Authorization header is not HTTP Basic with a client id and a secret");
    let text = header.to_str().map_err(|_| broken())?;
    let (scheme, encoded) = text.split_once(' ').ok_or_else(broken)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(broken());
    }
    let decoded = STANDARD.decode(encoded.trim()).map_err(|_| broken())?;
    let pair = String::from_utf8(decoded).map_err(|_| broken())?;
    let (id, secret) = pair.split_once(':').ok_or_else(broken)?;
    let plain = |part: &str| percent_decode_str(part).decode_utf8().map(|text| text.into_owned()).map_err(|_| broken());
    Ok(Some((plain(id)?, plain(secret)?)))
}
