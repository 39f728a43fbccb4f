//! `[limits]`: how many role assignments and roles there may be.

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
}

impl LimitsConfig {
    /// The same with the numbers of the environment, `CUPOLA_LIMITS_CUSTOM_ROLES` and its like, where they are set.
    pub(super) fn with_env(self, from_env: &dyn Fn(&str) -> Option<String>) -> Result<LimitsConfig> {
        let number = |key: &str, given: Option<usize>| -> Result<Option<usize>> {
            let Some(text) = from_env(key) else { return Ok(given) };
            let name = format!("{}{}", super::ENV_PREFIX, key.to_ascii_uppercase());
            let number = text.trim().parse().with_context(|| format!("`{name}` is `{text}`; give a whole number"))?;
            Ok(Some(number))
        };
        Ok(LimitsConfig {
            role_assignments_per_subscription: number(
                "limits_role_assignments_per_subscription",
                self.role_assignments_per_subscription,
            )?,
            role_assignments_per_management_group: number(
                "limits_role_assignments_per_management_group",
                self.role_assignments_per_management_group,
            )?,
            custom_roles: number("limits_custom_roles", self.custom_roles)?,
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
