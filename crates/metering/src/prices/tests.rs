#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use super::*;

/// 2026-11-22.
const AT_MS: u64 = 1_795_305_600_000;

fn of(provider: Option<&'static str>, model: &'static str) -> Priced<'static> {
    Priced { provider, model, at_ms: AT_MS }
}

fn micro(prices: &Prices, priced: Priced<'_>, tokens: Tokens) -> Option<u64> {
    prices.cost(priced, tokens).map(Pico::micro_usd)
}

#[test]
fn the_list_knows_what_kinds_of_tokens_cost() {
    let prices = Prices::default();
    let million = |input, cached_input, output| Tokens { input, cached_input, output, ..Tokens::default() };
    let cases = [
        (million(1_000_000, 0, 0), Some(2_500_000)),
        (million(1_000_000, 1_000_000, 0), Some(1_250_000)),
        (million(0, 0, 1_000_000), Some(10_000_000)),
        (million(600_000, 400_000, 100_000), Some(2_000_000)),
        (million(0, 0, 0), Some(0)),
    ];
    for (tokens, cost) in cases {
        assert_eq!(micro(&prices, of(Some("azure"), "gpt-4o"), tokens), cost, "{tokens:?}");
    }
}

#[test]
fn reasoning_is_part_of_the_output() {
    let with = |reasoning| Tokens { output: 1000, reasoning, ..Tokens::default() };
    let cost = |tokens| micro(&Prices::default(), of(Some("openai"), "o3"), tokens);
    assert_eq!(cost(with(800)), cost(with(0)));
    assert!(cost(with(0)).is_some_and(|cost| cost > 0));
}

#[test]
fn what_nobody_priced_has_no_cost() {
    let tokens = Tokens { input: 1, output: 1, ..Tokens::default() };
    for priced in [of(None, "gpt-4o"), of(Some("openai"), "nothing-1"), of(Some("nobody"), "gpt-4o")] {
        assert_eq!(Prices::default().cost(priced, tokens), None, "{priced:?}");
    }
}

#[test]
fn the_operators_price_goes_before_the_list() {
    let price = |input_micro_usd_per_million| Price { input_micro_usd_per_million, ..Price::default() };
    let mut prices = Prices::default();
    prices.set(None, "GPT-4o", price(7));
    prices.set(Some("Azure"), "gpt-4o", price(8));
    prices.set(Some("azure"), "gpt-4o", price(9));
    let tokens = Tokens { input: 1_000_000, ..Tokens::default() };
    let costs = [Some("azure"), Some("openai"), None].map(|provider| micro(&prices, of(provider, "gpt-4O"), tokens));
    assert_eq!(costs, [Some(9), Some(7), Some(7)]);
}

#[test]
fn an_operators_price_of_nothing_is_a_price() {
    let mut prices = Prices::default();
    prices.set(None, "smollm2", Price::default());
    let tokens = Tokens { input: 1000, output: 1000, ..Tokens::default() };
    assert_eq!(micro(&prices, of(None, "smollm2"), tokens), Some(0));
}

#[test]
fn a_cost_is_rounded_once_and_a_half_upwards() {
    let price = Price {
        input_micro_usd_per_million: 250_000,
        cached_input_micro_usd_per_million: Some(100_000),
        cache_write_micro_usd_per_million: None,
        output_micro_usd_per_million: 1_250_000,
    };
    let cost = |input, cached_input, output| {
        price.cost(Tokens { input, cached_input, output, ..Tokens::default() }).micro_usd()
    };
    assert_eq!((cost(1, 0, 0), cost(2, 0, 0), cost(3, 0, 0)), (0, 1, 1), "0.25, 0.5 and 0.75");
    assert_eq!(cost(1, 0, 1), 2, "0.25 and 1.25 are 1.5");
    assert_eq!(cost(10, 10, 0), 1);
    assert_eq!(cost(0, 10, 0), 0, "what was not read cannot come from the cache");
    assert_eq!(cost(u64::MAX, 0, u64::MAX), u64::MAX);
}

#[test]
fn a_sum_is_rounded_once_and_small_requests_count() {
    let price = Price { input_micro_usd_per_million: 300_000, ..Price::default() };
    let one = price.cost(Tokens { input: 1, ..Tokens::default() });
    let mut sum = Pico::default();
    (0..1_000).for_each(|_| sum.add(one));
    assert_eq!((one.micro_usd(), sum.micro_usd()), (0, 300), "0.3 each");
}

#[test]
fn what_costs_more_beyond_so_many_tokens_is_priced_by_the_request() {
    let prices = Prices::default();
    let cost = |input| {
        let tokens = Tokens { input, ..Tokens::default() };
        micro(&prices, of(Some("anthropic"), "claude-sonnet-4-5"), tokens).unwrap()
    };
    assert!(cost(300_000) > 2 * cost(150_000), "{} {}", cost(300_000), cost(150_000));
}

#[test]
fn who_sells_is_known_by_the_address() {
    assert_eq!(provider_at("https://api.openai.com/v1"), Some("openai"));
    assert_eq!(provider_at("https://contoso.openai.azure.com"), Some("azure"));
    assert_eq!(provider_at("https://api.anthropic.com"), Some("anthropic"));
    assert_eq!(provider_at("http://localhost:11434/v1"), None);
}
