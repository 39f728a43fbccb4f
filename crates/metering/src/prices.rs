//! What tokens cost, in whole millionths of a dollar.
//!
//! The operator's own price goes first, then the list prices that are built in; where neither knows the model there is no cost
//! rather than a cost of nothing. Price each request by itself, since some cost more per token beyond so many tokens, and sum in
//! millionths of a millionth ([`Pico`]), which hold any price per token exactly; rounding is once, of the sum, to the nearest
//! millionth, a half upwards.
//!
//! The list is read at its first use and stays in memory, about 20 MB. A process that is to stay small asks for prices
//! elsewhere: whoever reads the records can price them.

use std::collections::HashMap;
use std::time::{Duration, UNIX_EPOCH};

use genai_prices::{Calculator, PriceRequest, Usage, UsageKey};
use serde::{Deserialize, Serialize};

/// A millionth of a dollar in the unit of sums.
const PICO_PER_MICRO: u128 = 1_000_000;
/// A dollar in the unit of sums.
const PICO_PER_USD: f64 = 1e12;

/// A cost that is summed, in millionths of a millionth of a dollar. Prices are micro-dollars for a million tokens, so that a token
/// times its price is a whole number of these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pico(u128);

impl Pico {
    /// Adds a cost.
    pub fn add(&mut self, other: Pico) {
        self.0 = self.0.saturating_add(other.0);
    }

    /// In millionths of a dollar, to the nearest, a half upwards.
    pub fn micro_usd(self) -> u64 {
        u64::try_from(self.0.saturating_add(PICO_PER_MICRO / 2) / PICO_PER_MICRO).unwrap_or(u64::MAX)
    }
}

/// Tokens of one or many requests, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// Read, the cached ones included.
    pub input: u64,
    /// Of the input: read from the provider's cache.
    pub cached_input: u64,
    /// Of the input: written to the provider's cache.
    pub cache_write: u64,
    /// Written, the reasoning included.
    pub output: u64,
    /// Of the output: reasoning.
    pub reasoning: u64,
}

/// A price of the operator's, in millionths of a dollar per million tokens: a dollar per million is `1_000_000`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Of input.
    pub input_micro_usd_per_million: u64,
    /// Of input from the cache; without it, as input.
    pub cached_input_micro_usd_per_million: Option<u64>,
    /// Of input to the cache; without it, as input.
    pub cache_write_micro_usd_per_million: Option<u64>,
    /// Of output, reasoning included.
    pub output_micro_usd_per_million: u64,
}

/// Which model was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Priced<'a> {
    /// Who sells it, as the price list names providers: `openai`, `azure`, `anthropic` …; without it the operator's price alone
    /// holds, since what runs elsewhere under the same name costs something else.
    pub provider: Option<&'a str>,
    /// The model's name there.
    pub model: &'a str,
    /// When it was used, milliseconds since 1970 in UTC: prices change.
    pub at_ms: u64,
}

/// The prices that hold.
#[derive(Clone, Debug, Default)]
pub struct Prices {
    /// By model name in lower case.
    own: HashMap<String, Vec<(Option<String>, Price)>>,
}

impl Prices {
    /// Adds a price of the operator's for a model, at one provider or at any. A later one for the same replaces it.
    pub fn set(&mut self, provider: Option<&str>, model: &str, price: Price) {
        let provider = provider.map(str::to_ascii_lowercase);
        let prices = self.own.entry(model.to_ascii_lowercase()).or_default();
        prices.retain(|(known, _)| *known != provider);
        prices.push((provider, price));
    }

    /// The cost of one request; `None` where no price is known.
    pub fn cost(&self, priced: Priced<'_>, tokens: Tokens) -> Option<Pico> {
        match self.own(priced) {
            Some(price) => Some(price.cost(tokens)),
            None => listed(priced, tokens),
        }
    }

    /// The operator's price: of this provider before that of any.
    fn own(&self, priced: Priced<'_>) -> Option<&Price> {
        let prices = self.own.get(&priced.model.to_ascii_lowercase())?;
        let of = |wanted: Option<&str>| {
            let is_wanted = |known: Option<&str>| match (known, wanted) {
                (Some(known), Some(wanted)) => known.eq_ignore_ascii_case(wanted),
                (None, None) => true,
                _ => false,
            };
            prices.iter().find(|(known, _)| is_wanted(known.as_deref())).map(|(_, price)| price)
        };
        of(priced.provider).or_else(|| of(None))
    }
}

impl Price {
    /// The cost of these tokens.
    pub fn cost(&self, tokens: Tokens) -> Pico {
        let input = self.input_micro_usd_per_million;
        let cached = tokens.cached_input.min(tokens.input);
        let written = tokens.cache_write.min(tokens.input - cached);
        let parts = [
            (tokens.input - cached - written, input),
            (cached, self.cached_input_micro_usd_per_million.unwrap_or(input)),
            (written, self.cache_write_micro_usd_per_million.unwrap_or(input)),
            (tokens.output, self.output_micro_usd_per_million),
        ];
        Pico(parts.iter().fold(0, |sum, (tokens, price)| sum.saturating_add(u128::from(*tokens) * u128::from(*price))))
    }
}

/// Who sells at an address, as the price list names providers; none where the list does not know it.
pub fn provider_at(url: &str) -> Option<&'static str> {
    Some(Calculator::bundled().find_provider(None, Some(url)).ok()??.id())
}

/// The cost by the built-in list.
fn listed(priced: Priced<'_>, tokens: Tokens) -> Option<Pico> {
    let provider = priced.provider?;
    let mut usage = Usage::new();
    for (key, amount) in [
        (UsageKey::INPUT_TOKENS, tokens.input),
        (UsageKey::CACHE_READ_TOKENS, tokens.cached_input),
        (UsageKey::CACHE_WRITE_TOKENS, tokens.cache_write),
        (UsageKey::OUTPUT_TOKENS, tokens.output),
    ] {
        // A kind that is not there must not be asked for: not every model has a price for it.
        if amount > 0 {
            usage.insert(key, amount as f64);
        }
    }
    let at = UNIX_EPOCH.checked_add(Duration::from_millis(priced.at_ms))?;
    let request = PriceRequest::new(priced.model, &usage).with_timestamp(at).with_provider_id(provider);
    let cost = Calculator::bundled().calculate(&request).ok()?;
    // A kind that the list could not price would make the sum too small.
    cost.warnings.is_empty().then(|| Pico((cost.total_price * PICO_PER_USD).round() as u128))
}

#[cfg(test)]
mod tests;
