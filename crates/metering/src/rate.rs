//! The rate of a deployment, and how it follows from the capacity that was bought.

/// What a deployment admits in a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Tokens, read and written together.
    pub tokens_per_minute: u64,
    /// Requests.
    pub requests_per_minute: u64,
}

/// What capacity units are worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio {
    /// Tokens per minute of one unit.
    pub tokens_per_unit: u64,
    /// Requests per minute …
    pub requests: u64,
    /// … of so many units; at least one.
    pub per_units: u64,
}

/// Of every model that is not listed below.
const USUAL: Ratio = Ratio { tokens_per_unit: 1000, requests: 6, per_units: 1 };
/// Reasoning models think long over few requests: the documented ratios, by model name.
const LISTED: [(&str, Ratio); 6] = [
    ("o1", one_per_units(6)),
    ("o1-mini", one_per_units(10)),
    ("o3", one_per_units(1)),
    ("o3-mini", one_per_units(10)),
    ("o3-pro", one_per_units(10)),
    ("o4-mini", one_per_units(1)),
];

const fn one_per_units(per_units: u64) -> Ratio {
    Ratio { requests: 1, per_units, ..USUAL }
}

impl Ratio {
    /// The ratio of a model, by its name without version; compared without case.
    pub fn of_model(name: &str) -> Ratio {
        LISTED.iter().find(|(listed, _)| listed.eq_ignore_ascii_case(name)).map_or(USUAL, |(_, ratio)| *ratio)
    }
}

impl Rate {
    /// The rate of so many capacity units. Parts of a request are dropped, but one a minute is always left: a deployment
    /// that was allowed to be made can be used.
    pub fn of(capacity_units: u64, ratio: Ratio) -> Rate {
        let requests = capacity_units.saturating_mul(ratio.requests) / ratio.per_units.max(1);
        Rate {
            tokens_per_minute: capacity_units.saturating_mul(ratio.tokens_per_unit),
            requests_per_minute: requests.max(1),
        }
    }
}

#[cfg(test)]
mod tests;
