//! `[limits]`: how many role assignments and roles there may be, and how much of a model may be deployed.

use std::num::ParseIntError;
use std::str::FromStr;

use anyhow::{Context, Result};
use control::AccessLimits;
use serde::Deserialize;

/// The operator's numbers; Azure's where unset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsConfig {
    /// Role assignments of a subscription, its groups and resources included.
    pub role_assignments_per_subscription: Option<usize>,
    /// Role assignments at a management group.
    pub role_assignments_per_management_group: Option<usize>,
    /// Custom roles of the tenant.
    pub custom_roles: Option<usize>,
    /// Capacity units that a subscription may deploy of a model in a region, where the catalog says no other number.
    pub quota_units: Option<u64>,
}

impl LimitsConfig {
    /// The same with the numbers of the environment, `CUPOLA_LIMITS_CUSTOM_ROLES` and its like, where they are set.
    pub(super) fn with_env(self, from_env: &dyn Fn(&str) -> Option<String>) -> Result<LimitsConfig> {
        Ok(LimitsConfig {
            role_assignments_per_subscription: number(
                from_env,
                "limits_role_assignments_per_subscription",
                self.role_assignments_per_subscription,
            )?,
            role_assignments_per_management_group: number(
                from_env,
                "limits_role_assignments_per_management_group",
                self.role_assignments_per_management_group,
            )?,
            custom_roles: number(from_env, "limits_custom_roles", self.custom_roles)?,
            quota_units: number(from_env, "limits_quota_units", self.quota_units)?,
        })
    }

    /// The limits of the server.
    pub fn access(&self) -> AccessLimits {
        let azure = AccessLimits::default();
        AccessLimits {
            role_assignments_per_subscription: self
                .role_assignments_per_subscription
                .unwrap_or(azure.role_assignments_per_subscription),
            role_assignments_per_management_group: self
                .role_assignments_per_management_group
                .unwrap_or(azure.role_assignments_per_management_group),
            custom_roles: self.custom_roles.unwrap_or(azure.custom_roles),
        }
    }
}

/// The number of the environment, or else the one `given`.
fn number<N>(from_env: &dyn Fn(&str) -> Option<String>, key: &str, given: Option<N>) -> Result<Option<N>>
where
    N: FromStr<Err = ParseIntError>,
{
    let Some(text) = from_env(key) else { return Ok(given) };
    let name = format!("{}{}", super::ENV_PREFIX, key.to_ascii_uppercase());
    let number = text.trim().parse().with_context(|| format!("`{name}` is `{text}`; give a whole number"))?;
    Ok(Some(number))
}
