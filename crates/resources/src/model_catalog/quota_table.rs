//! How much of a model may be deployed: capacity units by deployment type, as the operator's catalog says it.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Catalog, CatalogError};
use crate::deployments::{SKUS, is_provisioned};

/// Capacity units of a model and a deployment type, for each subscription and region, where the operator says nothing: ten
/// million tokens a minute, more than one machine serves, so that it stops mistakes and nobody's work.
const QUOTA_UNITS: u64 = 10_000;

/// Capacity units by deployment type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct QuotaTable(BTreeMap<String, u64>);

impl QuotaTable {
    /// The units of a deployment type, if the operator says them.
    pub fn units(&self, sku: &str) -> Option<u64> {
        self.0.get(sku).copied()
    }

    /// Every name in it is a deployment type.
    pub(super) fn check(&self) -> Result<(), CatalogError> {
        match self.0.keys().find(|name| !SKUS.contains(&name.as_str())) {
            Some(name) => Err(CatalogError::NotAType { name: name.clone(), near: nearest(name) }),
            None => Ok(()),
        }
    }

    /// As a model's own table: what is shared by all models cannot stand in it.
    pub(super) fn check_of_model(&self, model: &str) -> Result<(), CatalogError> {
        self.check()?;
        match self.0.keys().find(|name| is_provisioned(name)) {
            Some(sku) => Err(CatalogError::SharedQuota { model: model.to_owned(), sku: sku.clone() }),
            None => Ok(()),
        }
    }
}

fn nearest(name: &str) -> String {
    arm::nearest(name, SKUS.iter().copied()).unwrap_or("GlobalStandard").to_owned()
}

impl Catalog {
    /// The same with another number of units where neither a model nor `[quota]` says one.
    #[must_use]
    pub fn with_quota_units(mut self, units: Option<u64>) -> Catalog {
        self.quota_units = units.or(self.quota_units);
        self
    }

    /// The same with these units for each model, and for provisioned types all models together.
    pub fn with_quota(mut self, quota: QuotaTable) -> Result<Catalog, CatalogError> {
        quota.check()?;
        self.quota = quota.into();
        Ok(self)
    }

    /// The units of a deployment type that a subscription may deploy in one region: of `model`, or where none is given of all
    /// models together.
    pub fn quota_units(&self, sku: &str, model: Option<&str>) -> u64 {
        let own = || self.models.iter().filter(|entry| model.is_some_and(|model| entry.answers_to(model)));
        let of_model = own().find_map(|entry| entry.quota.units(sku));
        of_model.or_else(|| self.quota.units(sku)).or(self.quota_units).unwrap_or(QUOTA_UNITS)
    }
}
