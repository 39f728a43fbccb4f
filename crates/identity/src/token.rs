//! Access tokens: what they say of a principal, and their issue.

use std::sync::Arc;

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, Header};
use serde_json::{Map, Value, json};
use store::{DirectoryObject, ObjectKind};
use uuid::Uuid;

use crate::keys::KeyError;
use crate::{Authority, SigningKeys};

/// How long a token is good, seconds: Entra's usual hour, less the second that its clients expect to be missing.
pub const TOKEN_LIFETIME_S: i64 = 3599;

/// Why no token was issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The signing key does not sign.
    #[error("the signing key does not sign: {0}")]
    Signing(#[from] jsonwebtoken::errors::Error),
    /// There is no key.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// What kind of principal a token speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubjectKind {
    /// A service principal acting as itself.
    App,
    /// A user, through the application that signed them in.
    User {
        /// The user principal name.
        upn: String,
    },
}

/// Of whom a token speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The object id of the principal: the identity, together with the tenant.
    pub oid: Uuid,
    /// The application: the principal's own, or the one that a user signed in with.
    pub app_id: Uuid,
    /// User or application.
    pub kind: SubjectKind,
    /// The resource that this managed identity belongs to, as an ARM id.
    pub managed_resource: Option<String>,
}

impl Subject {
    /// The subject of a service principal; `None` for any other kind of object.
    pub fn of_service_principal(object: &DirectoryObject) -> Option<Subject> {
        let app_id = object.app_id.filter(|_| object.kind == ObjectKind::ServicePrincipal)?;
        let managed_resource = object.managed_by.as_ref().map(|scope| scope.as_str().to_owned());
        Some(Subject { oid: object.id, app_id, kind: SubjectKind::App, managed_resource })
    }
}

/// Issues access tokens.
#[derive(Clone, Debug)]
pub struct Issuer {
    authority: Authority,
    keys: Arc<SigningKeys>,
}

impl Issuer {
    /// Issues in the name of `authority`, signed by the newest of `keys`.
    pub fn new(authority: Authority, keys: Arc<SigningKeys>) -> Issuer {
        Issuer { authority, keys }
    }

    /// In whose name tokens are issued.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The public keys that tokens of this issuer verify under at `now`, as a JSON Web Key Set.
    pub fn jwks(&self, now: Timestamp) -> Value {
        self.keys.jwks(now)
    }

    /// A signed token for `subject`; `audience` is written as it was asked for.
    pub fn issue(&self, subject: &Subject, audience: &str, now: Timestamp) -> Result<String, IssueError> {
        self.signed(&claims(&self.authority, subject, audience, now))
    }

    /// A signed statement for the application `client` of who signed in to it, with the `nonce` that it asked with. It opens
    /// nothing: its audience is the application, and it lacks what an access token has.
    pub fn issue_id_token(
        &self,
        person: &Person,
        client: Uuid,
        nonce: Option<&str>,
        now: Timestamp,
    ) -> Result<String, IssueError> {
        self.signed(&id_claims(&self.authority, person, client, nonce, now))
    }

    fn signed(&self, claims: &Map<String, Value>) -> Result<String, IssueError> {
        let key = self.keys.current()?;
        let header = Header { kid: Some(key.kid().to_owned()), ..Header::new(Algorithm::RS256) };
        Ok(jsonwebtoken::encode(&header, claims, key.encoding())?)
    }
}

/// A user as an application sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The object id.
    pub oid: Uuid,
    /// The user principal name.
    pub upn: String,
    /// The name that people see.
    pub name: String,
}

impl Person {
    /// The person that a user object is; `None` for any other kind of object.
    pub fn of_user(object: &DirectoryObject) -> Option<Person> {
        let upn = object.user_principal_name.clone().filter(|_| object.kind == ObjectKind::User)?;
        Some(Person { oid: object.id, upn, name: object.display_name.clone() })
    }

    /// This person, acting through the application `client`.
    pub fn subject(&self, client: Uuid) -> Subject {
        let kind = SubjectKind::User { upn: self.upn.clone() };
        Subject { oid: self.oid, app_id: client, kind, managed_resource: None }
    }
}

/// What a person's token allows the application to do in their name: all that they may do themselves.
pub const DELEGATED_SCOPE: &str = "user_impersonation";

/// The claims of an id token, in Entra's names.
fn id_claims(
    authority: &Authority,
    person: &Person,
    client: Uuid,
    nonce: Option<&str>,
    now: Timestamp,
) -> Map<String, Value> {
    let issued_s = now.as_second();
    let mut claims = Map::new();
    let mut put = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    put("aud", json!(client));
    put("iss", json!(authority.issuer()));
    put("iat", json!(issued_s));
    put("nbf", json!(issued_s));
    put("exp", json!(issued_s.saturating_add(TOKEN_LIFETIME_S)));
    put("name", json!(person.name));
    put("oid", json!(person.oid));
    put("preferred_username", json!(person.upn));
    put("sub", json!(person.oid));
    put("tid", json!(authority.tenant()));
    put("ver", json!("2.0"));
    if let Some(nonce) = nonce {
        put("nonce", json!(nonce));
    }
    claims
}

/// The claims, in Entra's names.
fn claims(authority: &Authority, subject: &Subject, audience: &str, now: Timestamp) -> Map<String, Value> {
    let issued_s = now.as_second();
    let mut claims = Map::new();
    let mut put = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    put("aud", json!(audience));
    put("iss", json!(authority.issuer()));
    put("iat", json!(issued_s));
    put("nbf", json!(issued_s));
    put("exp", json!(issued_s.saturating_add(TOKEN_LIFETIME_S)));
    put("appid", json!(subject.app_id));
    put("azp", json!(subject.app_id));
    put("oid", json!(subject.oid));
    put("sub", json!(subject.oid));
    put("tid", json!(authority.tenant()));
    put("uti", json!(Uuid::new_v4().simple().to_string()));
    put("ver", json!("2.0"));
    match &subject.kind {
        SubjectKind::App => {
            put("idtyp", json!("app"));
        }
        SubjectKind::User { upn } => {
            put("idtyp", json!("user"));
            put("upn", json!(upn));
            put("preferred_username", json!(upn));
            put("scp", json!(DELEGATED_SCOPE));
        }
    }
    if let Some(resource) = &subject.managed_resource {
        // Entra writes this one word in lower case, and policies compare it as it is.
        put("xms_mirid", json!(resource.replace("/resourceGroups/", "/resourcegroups/")));
    }
    claims
}
