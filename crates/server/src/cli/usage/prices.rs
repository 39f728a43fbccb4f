//! What a recorded request cost, by the prices that are known now.

use std::collections::HashMap;

use metering::prices::{Pico, Price, Priced, Prices, Tokens, provider_at};
use resources::model_catalog::{Catalog, PriceOfModel, UpstreamKind};
use store::Record;

/// How the price list names Azure. Its endpoints have any name (a gateway, a private one), its prices are the same.
const AZURE: &str = "azure";

/// Prices for records: the catalog's, then the list's.
pub(super) struct PriceBook {
    catalog: Catalog,
    prices: Prices,
    /// By upstream and model: what the list is asked for.
    listed: HashMap<(String, String), Listed>,
}

/// How the price list names a model that runs somewhere.
#[derive(Clone, Default)]
struct Listed {
    provider: Option<&'static str>,
    model: String,
}

/// What a request comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RequestCost {
    /// So much.
    Known(Pico),
    /// Tokens were used, and nobody knows their price.
    Unknown,
}

impl PriceBook {
    /// The catalog's own prices go before those of the list.
    pub(super) fn of(catalog: &Catalog) -> PriceBook {
        let mut prices = Prices::default();
        // Of several versions of a model the first stands for all: a record has no version.
        for model in catalog.models().iter().rev() {
            if let Some(price) = model.price {
                prices.set(None, &model.name, own(price));
            }
        }
        PriceBook { catalog: catalog.clone(), prices, listed: HashMap::new() }
    }

    /// What a request cost; nothing when nothing was used.
    pub(super) fn cost(&mut self, record: &Record) -> RequestCost {
        let tokens = tokens_of(record);
        let (Some(model), false) = (&record.model, tokens == Tokens::default()) else {
            return RequestCost::Known(Pico::default());
        };
        let at_ms = u64::try_from(record.time.as_millisecond()).unwrap_or(0);
        let own = self.prices.cost(Priced { provider: None, model, at_ms }, tokens);
        let cost = own.or_else(|| {
            let Listed { provider, model } = self.listed(record.upstream.as_deref()?, model);
            self.prices.cost(Priced { provider, model: &model, at_ms }, tokens)
        });
        cost.map_or(RequestCost::Unknown, RequestCost::Known)
    }

    fn listed(&mut self, upstream: &str, model: &str) -> Listed {
        let key = (upstream.to_owned(), model.to_owned());
        if let Some(known) = self.listed.get(&key) {
            return known.clone();
        }
        let listed = self.look_up(upstream, model).unwrap_or_default();
        self.listed.insert(key, listed.clone());
        listed
    }

    fn look_up(&self, upstream: &str, model: &str) -> Option<Listed> {
        let upstream = self.catalog.upstreams().iter().find(|known| known.name == upstream)?;
        let found = self.catalog.find(model, None)?;
        if upstream.kind == UpstreamKind::AzureOpenAi {
            // What it calls the model is a deployment of somebody's naming.
            return Some(Listed { provider: Some(AZURE), model: found.name.clone() });
        }
        let place = found.places().into_iter().find(|place| place.name == upstream.name)?;
        Some(Listed { provider: provider_at(&upstream.base_url), model: place.model })
    }
}

/// What the record says was used; a refusal used nothing.
pub(super) fn tokens_of(record: &Record) -> Tokens {
    if record.outcome != "allowed" {
        return Tokens::default();
    }
    Tokens {
        input: record.prompt_tokens.unwrap_or(0),
        cached_input: record.cached_input_tokens.unwrap_or(0),
        cache_write: record.cache_write_tokens.unwrap_or(0),
        output: record.completion_tokens.unwrap_or(0),
        reasoning: record.reasoning_tokens.unwrap_or(0),
    }
}

fn own(price: PriceOfModel) -> Price {
    let PriceOfModel {
        input_micro_usd_per_million,
        cached_input_micro_usd_per_million,
        cache_write_micro_usd_per_million,
        output_micro_usd_per_million,
    } = price;
    Price {
        input_micro_usd_per_million,
        cached_input_micro_usd_per_million,
        cache_write_micro_usd_per_million,
        output_micro_usd_per_million,
    }
}
