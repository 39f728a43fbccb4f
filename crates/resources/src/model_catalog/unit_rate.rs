//! What one capacity unit of a model allows in a minute.

use serde::{Deserialize, Deserializer, de};

use super::{Catalog, CatalogError, Model};

/// Requests per minute for a number of capacity units: six for each one, or one for every six.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestRatio {
    /// Requests per minute.
    pub requests: u64,
    /// Capacity units that it takes.
    pub units: u64,
}

/// What one capacity unit allows in a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitRate {
    /// Tokens.
    pub tokens: u64,
    /// Requests.
    pub requests: RequestRatio,
}

/// Tokens per minute of one unit, as Azure sells capacity.
const TOKENS_PER_UNIT: u64 = 1000;
/// Requests per minute of one unit of a model that the table below does not have.
const USUAL: RequestRatio = ratio(6, 1);
/// Models whose answers are long, so that fewer requests go with the same tokens; Azure's numbers.
const SLOWER: &[(&str, RequestRatio)] = &[
    ("o3", ratio(1, 1)),
    ("o4-mini", ratio(1, 1)),
    ("o1", ratio(1, 6)),
    ("o3-mini", ratio(1, 10)),
    ("o1-mini", ratio(1, 10)),
    ("o3-pro", ratio(1, 10)),
];
/// Largest number in a ratio and of tokens per unit: keeps products with any capacity in range.
const LARGEST: u64 = 1_000_000;

const fn ratio(requests: u64, units: u64) -> RequestRatio {
    RequestRatio { requests, units }
}

impl RequestRatio {
    /// Requests per minute of so many units, rounded down; at least one, since a deployment that never answers is none.
    pub fn of(self, units: u64) -> u64 {
        (units.saturating_mul(self.requests) / self.units.max(1)).max(1)
    }
}

impl UnitRate {
    /// Where the operator says nothing: by the model's name, compared without case.
    pub fn usual(model: &str) -> UnitRate {
        let known = SLOWER.iter().find(|(name, _)| name.eq_ignore_ascii_case(model));
        UnitRate { tokens: TOKENS_PER_UNIT, requests: known.map_or(USUAL, |(_, ratio)| *ratio) }
    }
}

impl Model {
    /// What one unit of it allows: the operator's numbers over the usual ones.
    pub fn unit_rate(&self) -> UnitRate {
        let usual = UnitRate::usual(&self.name);
        UnitRate {
            tokens: self.tokens_per_unit.unwrap_or(usual.tokens),
            requests: self.requests_per_unit.unwrap_or(usual.requests),
        }
    }

    pub(super) fn check_unit_rate(&self) -> Result<(), CatalogError> {
        let sound = |number: u64| (1..=LARGEST).contains(&number);
        let wrong = |field| Err(CatalogError::OutOfRange { model: self.name.clone(), field, most: LARGEST });
        if self.tokens_per_unit.is_some_and(|tokens| !sound(tokens)) {
            return wrong("tokens_per_unit");
        }
        if self.requests_per_unit.is_some_and(|ratio| !sound(ratio.requests) || !sound(ratio.units)) {
            return wrong("requests_per_unit");
        }
        Ok(())
    }
}

impl Catalog {
    /// What one unit of this model allows, also where the catalog has lost it since it was deployed.
    pub fn unit_rate(&self, name: &str, version: &str) -> UnitRate {
        self.find(name, Some(version)).map_or_else(|| UnitRate::usual(name), Model::unit_rate)
    }
}

/// `6`, or `"1/6"`: one request for every six units.
impl<'de> Deserialize<'de> for RequestRatio {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<RequestRatio, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Whole(u64),
            Text(String),
            Other(de::IgnoredAny),
        }
        let read = match Written::deserialize(reader)? {
            Written::Whole(requests) => Some(ratio(requests, 1)),
            Written::Text(text) => {
                let (requests, units) = text.split_once('/').unwrap_or((&text, "1"));
                requests.trim().parse().ok().zip(units.trim().parse().ok()).map(|(a, b)| ratio(a, b))
            }
            Written::Other(_) => None,
        };
        read.ok_or_else(|| de::Error::custom("expected requests per minute and unit, such as 6 or \"1/6\""))
    }
}
