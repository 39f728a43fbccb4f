//! What a person is asked to let an application have.

use access::Query;
use store::TenantInfo;

use crate::state::Directory;
use crate::token::OAuthError;

/// What ends a scope that means "whatever is granted there", and the one other that is known.
const SUFFIXES: [&str; 2] = ["/.default", "/user_impersonation"];
/// Scopes of OpenID Connect, which name no resource.
const OPENID_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];
/// The resource of who asks for none: as in Entra, the directory.
const DEFAULT_RESOURCE: &str = "https://graph.microsoft.com";

/// One resource, and which tokens beside the access token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DelegatedScope {
    /// The resource as it is written into `aud`.
    pub(crate) resource: String,
    /// Whether an id token is asked for.
    pub(crate) with_id_token: bool,
    /// Whether a refresh token is asked for.
    pub(crate) with_refresh_token: bool,
}

impl DelegatedScope {
    /// Reads the scope of a query or form; one resource, which this server must have.
    pub(crate) fn read(form: &Query, directory: &Directory, tenant: &TenantInfo) -> Result<DelegatedScope, OAuthError> {
        let scope = form.get("scope").unwrap_or_default();
        DelegatedScope::parse(scope)?.known(directory, tenant)
    }

    /// All that belongs to an earlier sign-in for `resource`.
    pub(crate) fn again(resource: &str) -> DelegatedScope {
        DelegatedScope { resource: resource.to_owned(), with_id_token: true, with_refresh_token: true }
    }

    fn parse(scope: &str) -> Result<DelegatedScope, OAuthError> {
        let invalid = || OAuthError::InvalidDelegatedScope { scope: scope.to_owned() };
        let (openid, named): (Vec<&str>, Vec<&str>) =
            scope.split_ascii_whitespace().partition(|one| OPENID_SCOPES.contains(one));
        let mut resources = Vec::new();
        for one in named {
            let resource = SUFFIXES.iter().find_map(|suffix| one.strip_suffix(suffix)).filter(|name| !name.is_empty());
            resources.push(resource.ok_or_else(invalid)?);
        }
        resources.dedup();
        let resource = match resources.as_slice() {
            [] if openid.is_empty() => return Err(OAuthError::MissingParameter { name: "scope" }),
            [] => DEFAULT_RESOURCE,
            [one] => one,
            _ => return Err(invalid()),
        };
        Ok(DelegatedScope {
            resource: resource.to_owned(),
            with_id_token: openid.contains(&"openid"),
            with_refresh_token: openid.contains(&"offline_access"),
        })
    }

    fn known(self, directory: &Directory, tenant: &TenantInfo) -> Result<DelegatedScope, OAuthError> {
        match directory.issuer.authority().resource(&self.resource) {
            Some(_) => Ok(self),
            None => Err(OAuthError::UnknownResource { resource: self.resource, tenant: tenant.display_name.clone() }),
        }
    }

    /// The scopes that were granted, as the answer prints them.
    pub(crate) fn granted(&self) -> String {
        format!("{0}/{1} {0}/.default", self.resource, identity::DELEGATED_SCOPE)
    }
}

#[cfg(test)]
mod tests;
