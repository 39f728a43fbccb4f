//! The error envelope, and the one table from code to status.

use serde_json::{Value, json};

use crate::resource::Map;

/// What `{"error": …}` carries.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}: {message}", code.as_str())]
pub struct ArmError {
    /// The code; it decides the status.
    pub code: ErrorCode,
    /// For people.
    pub message: String,
    /// The field or resource at fault.
    pub target: Option<String>,
    /// One entry per fault.
    pub details: Vec<ArmError>,
    /// Typed extras: `{"type", "info"}`.
    pub additional_info: Vec<Value>,
}

impl ArmError {
    /// An error with a code and a message.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> ArmError {
        ArmError { code, message: message.into(), target: None, details: Vec::new(), additional_info: Vec::new() }
    }

    /// Names the field or resource at fault.
    #[must_use]
    pub fn with_target(mut self, target: impl Into<String>) -> ArmError {
        self.target = Some(target.into());
        self
    }

    /// Adds one fault of several.
    #[must_use]
    pub fn with_detail(mut self, detail: ArmError) -> ArmError {
        self.details.push(detail);
        self
    }

    /// Adds a typed extra, `{"type", "info"}`.
    #[must_use]
    pub fn with_info(mut self, info: Value) -> ArmError {
        self.additional_info.push(info);
        self
    }

    /// The HTTP status of the code.
    pub fn status(&self) -> u16 {
        self.code.status()
    }

    /// `{"error": {code, message, target?, details?, additionalInfo?}}`
    pub fn to_json(&self) -> Value {
        json!({ "error": self.body() })
    }

    fn body(&self) -> Value {
        let mut body = Map::new();
        body.insert("code".to_owned(), self.code.as_str().into());
        body.insert("message".to_owned(), self.message.as_str().into());
        if let Some(target) = &self.target {
            body.insert("target".to_owned(), target.as_str().into());
        }
        if !self.details.is_empty() {
            body.insert("details".to_owned(), self.details.iter().map(ArmError::body).collect());
        }
        if !self.additional_info.is_empty() {
            body.insert("additionalInfo".to_owned(), Value::Array(self.additional_info.clone()));
        }
        Value::Object(body)
    }
}

/// The printed form: the name of the variant unless another is given (one code may have two statuses).
macro_rules! text {
    ($code:ident) => {
        stringify!($code)
    };
    ($code:ident $text:literal) => {
        $text
    };
}

/// Declares the codes once, each with its status.
macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident = $status:literal $(as $text:literal)?,)+) => {
        /// The codes of control-plane errors. Clients compare them as text; the status follows from the code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[$doc])* $code,)+
        }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &'static [ErrorCode] = &[$(ErrorCode::$code),+];

            /// The code as it is printed.
            pub fn as_str(self) -> &'static str {
                match self { $(ErrorCode::$code => text!($code $($text)?),)+ }
            }

            /// The HTTP status.
            pub fn status(self) -> u16 {
                match self { $(ErrorCode::$code => $status,)+ }
            }
        }
    };
}

codes! {
    /// A request that cannot be read.
    BadRequest = 400,
    /// The model is not in the operator's catalog, or not for this kind of deployment.
    DeploymentModelNotSupported = 400,
    /// The `api-version` is not one.
    InvalidApiVersionParameter = 400,
    /// A string in a custom role that is no action.
    InvalidActionOrNotAction = 400,
    /// A condition of a role assignment cannot be parsed.
    InvalidCondition = 400,
    /// A `$filter` that is not supported.
    InvalidFilter = 400,
    /// A field has a value that it may not have.
    InvalidParameter = 400,
    /// A deployment's capacity is more than is left of its quota.
    InsufficientQuota = 400,
    /// The body is not what the type defines.
    InvalidRequestContent = 400,
    /// The path breaks the grammar of ids.
    InvalidRequestUri = 400,
    /// A name that the type does not allow.
    InvalidResourceName = 400,
    /// The body's `location` is not known.
    LocationNotAvailableForResourceType = 400,
    /// The account kind is not one that this server offers.
    InvalidApiSetId = 400,
    /// The name of a deny assignment is not a GUID.
    InvalidDenyAssignmentId = 400,
    /// The name of a role assignment is not a GUID.
    InvalidRoleAssignmentId = 400,
    /// The name of a role definition is not a GUID.
    InvalidRoleDefinitionId = 400,
    /// The body has no `location`, and the type needs one.
    LocationRequired = 400,
    /// No `api-version` in the query.
    MissingApiVersionParameter = 400,
    /// A principal that is not in the directory.
    PrincipalNotFound = 400,
    /// The stored principal has another type than the request says.
    UnmatchedPrincipalType = 400,
    /// Principal, role or scope of an existing assignment cannot change.
    RoleAssignmentUpdateNotPermitted = 400,
    /// More role assignments than a subscription may hold.
    RoleAssignmentLimitExceeded = 400,
    /// More custom roles than a tenant may hold.
    RoleDefinitionLimitExceeded = 400,
    /// The role of an assignment does not exist.
    RoleDefinitionDoesNotExist = 400,
    /// The body's id, name or type differs from the URL's.
    MismatchingResourceName = 400,
    /// No valid credentials came.
    AuthenticationFailed = 401,
    /// The token is not one of ours, not for us, or expired.
    InvalidAuthenticationToken = 401,
    /// No grant for the action at the scope.
    AuthorizationFailed = 403,
    /// A deny assignment blocks the action.
    DenyAssignmentAuthorizationFailed = 403,
    /// No grant at a resource that the body links to.
    LinkedAuthorizationFailed = 403,
    /// The subscription's state allows no writes.
    ReadOnlyDisabledSubscription = 403,
    /// The last Owner of a subscription goes by a Global Administrator's hand alone.
    CannotDeleteLastOwnerAssignment = 403,
    /// A built-in role cannot be changed.
    RoleDefinitionIsBuiltIn = 403,
    /// A deny assignment that the system made cannot be changed, and nobody else makes one.
    DenyAssignmentIsSystemProtected = 403,
    /// No such namespace.
    InvalidResourceNamespace = 404,
    /// No such type in the namespace.
    InvalidResourceType = 404,
    /// The type is not registered.
    NoRegisteredProviderFound = 404,
    /// Nothing has this path.
    NotFound = 404,
    /// The parent of the resource does not exist.
    ParentResourceNotFound = 404,
    /// The resource group does not exist.
    ResourceGroupNotFound = 404,
    /// The resource does not exist.
    ResourceNotFound = 404,
    /// The deny assignment does not exist.
    DenyAssignmentNotFound = 404,
    /// The role assignment does not exist.
    RoleAssignmentNotFound = 404,
    /// The role definition asked for does not exist.
    RoleDefinitionNotFound = 404 as "RoleDefinitionDoesNotExist",
    /// The subscription does not exist.
    SubscriptionNotFound = 404,
    /// The path exists, the method does not.
    MethodNotAllowed = 405,
    /// The body did not arrive in time.
    RequestTimeout = 408,
    /// The resource is in a state that does not allow this.
    Conflict = 409,
    /// A resource of this name exists in another region.
    InvalidResourceLocation = 409,
    /// Another account has this subdomain.
    CustomDomainInUse = 409,
    /// The same principal, role and scope again.
    RoleAssignmentExists = 409,
    /// Another role of the tenant has this name.
    RoleDefinitionWithSameNameExists = 409,
    /// The role still has assignments.
    RoleDefinitionHasAssignments = 409,
    /// The parent still has children.
    CannotDeleteResource = 409,
    /// `If-Match` or `If-None-Match` does not hold.
    PreconditionFailed = 412,
    /// The body is over its limit.
    RequestTooLarge = 413,
    /// The path is over its limits.
    RequestUriTooLong = 414,
    /// The body is not JSON.
    UnsupportedMediaType = 415,
    /// Too many requests for now.
    TooManyRequests = 429,
    /// A fault of ours.
    InternalServerError = 500,
    /// State cannot be written for now.
    ServiceUnavailable = 503,
}
