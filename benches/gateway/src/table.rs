//! What was measured, beside the pass-through and beside the aims.

use hdrhistogram::Histogram;

use crate::entrants::{Entrant, Kind, Round};
use crate::measure::MANY;

/// The aims of the governed path. Ratios are to the pass-through on the same wire.
const CPU_RATIO: f64 = 1.5;
const P99_RATIO: f64 = 1.3;
const FIRST_TOKEN_RATIO: f64 = 1.3;
const CPU_US_PER_TOKEN: f64 = 14.0;
const GAP_ADDED_P99_US: f64 = 50.0;
const REQUESTS_PER_SECOND: f64 = 30_000.0;
const TIMES_LITELLM: f64 = 200.0;

/// An entrant's figures, each the middle one of its rounds. Times are microseconds.
struct Figures {
    kind: Kind,
    per_second: f64,
    cpu_per_request: f64,
    /// With one connection everybody sleeps between two requests, so the price of waking the others is in both figures alike.
    cpu_single: f64,
    single_p50: f64,
    single_p99: f64,
    many_p50: f64,
    many_p99: f64,
    first_token: f64,
    cpu_per_token: f64,
    gap_p50: f64,
    gap_p99: f64,
    memory_mib: f64,
}

/// A figure beside what it should be.
struct Aim {
    what: String,
    value: f64,
    limit: f64,
    is_least: bool,
}

/// Prints the figures of all, then the aims.
pub(crate) fn print(entrants: &[Entrant]) {
    let all: Vec<Figures> = entrants.iter().map(Figures::of).collect();
    println!(
        "\n| | req/s, {MANY} conn. | CPU-µs/request | CPU-µs/request, 1 conn. | p50 / p99 µs, 1 conn. | p50 / p99 µs, {MANY} conn. | first token µs \
         | CPU-µs/token, {MANY} streams | gap p50 / p99 µs | gap added p99 µs | RSS after MiB |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    for figures in &all {
        let bare = find(&all, figures.kind.bare());
        println!("{}", figures.line(bare));
    }
    println!(
        "\nIn brackets: as many times the pass-through's on the same wire. The first line's processor time is the mock's own.\n"
    );
    println!("| aim | | measured | |\n|---|---|---|---|");
    for aim in aims(&all) {
        println!("{}", aim.line());
    }
}

fn find(all: &[Figures], kind: Kind) -> Option<&Figures> {
    all.iter().find(|figures| figures.kind == kind)
}

fn aims(all: &[Figures]) -> Vec<Aim> {
    let mut aims = Vec::new();
    for kind in [Kind::Governed, Kind::GovernedTls] {
        let (Some(ours), Some(bare)) = (find(all, kind), find(all, kind.bare())) else { continue };
        let mut at_most = |what: &str, value, limit| {
            aims.push(Aim { what: format!("{}: {what}", kind.name()), value, limit, is_least: false });
        };
        at_most("CPU per request, × pass-through", ours.cpu_per_request / bare.cpu_per_request, CPU_RATIO);
        at_most("p99 at 1 connection, × pass-through", ours.single_p99 / bare.single_p99, P99_RATIO);
        at_most("first token, × pass-through", ours.first_token / bare.first_token, FIRST_TOKEN_RATIO);
        at_most("CPU-µs per token", ours.cpu_per_token, CPU_US_PER_TOKEN);
        at_most("gap added, p99 µs", ours.gap_p99 - bare.gap_p99, GAP_ADDED_P99_US);
    }
    let Some(ours) = find(all, Kind::Governed) else { return aims };
    let mut at_least = |what: String, value, limit| {
        aims.push(Aim { what: format!("{}: {what}", ours.kind.name()), value, limit, is_least: true })
    };
    at_least(format!("requests/s at {MANY} connections"), ours.per_second, REQUESTS_PER_SECOND);
    if let Some(litellm) = find(all, Kind::LiteLlm) {
        at_least("requests/s, × LiteLLM".to_owned(), ours.per_second / litellm.per_second, TIMES_LITELLM);
    }
    aims
}

impl Aim {
    fn line(&self) -> String {
        let Aim { what, value, limit, is_least } = self;
        let sign = if *is_least { '≥' } else { '≤' };
        let is_met = if *is_least { value >= limit } else { value <= limit };
        let digits = if *limit < 10.0 { 2 } else { 0 };
        format!("| {what} | {sign} {limit} | {value:.digits$} | {} |", if is_met { "met" } else { "missed" })
    }
}

impl Figures {
    fn of(entrant: &Entrant) -> Figures {
        let middle = |of: &dyn Fn(&Round) -> f64| {
            let mut values: Vec<f64> = entrant.rounds.iter().map(of).collect();
            values.sort_by(f64::total_cmp);
            values.get(values.len() / 2).copied().unwrap_or_default()
        };
        let quantile = |of: &dyn Fn(&Round) -> &Histogram<u64>, share: f64| {
            middle(&|round| of(round).value_at_quantile(share) as f64)
        };
        Figures {
            kind: entrant.kind,
            per_second: middle(&|round| round.many.per_second),
            cpu_per_request: middle(&|round| round.many.cpu_us(round.many.requests).unwrap_or_default()),
            cpu_single: middle(&|round| round.single.cpu_us(round.single.requests).unwrap_or_default()),
            single_p50: quantile(&|round| &round.single.whole, 0.5),
            single_p99: quantile(&|round| &round.single.whole, 0.99),
            many_p50: quantile(&|round| &round.many.whole, 0.5),
            many_p99: quantile(&|round| &round.many.whole, 0.99),
            first_token: quantile(&|round| &round.stream.first_token, 0.5),
            cpu_per_token: middle(&|round| round.streams.cpu_us(round.streams.tokens).unwrap_or_default()),
            gap_p50: quantile(&|round| &round.stream.gap, 0.5),
            gap_p99: quantile(&|round| &round.stream.gap, 0.99),
            memory_mib: entrant.rounds.last().map_or(0.0, |round| round.memory_kib as f64 / 1024.0),
        }
    }

    /// A line of the table; what is the pass-through's own, or nobody's, stands without a ratio.
    fn line(&self, bare: Option<&Figures>) -> String {
        let bare = bare.filter(|bare| bare.kind != self.kind && self.kind != Kind::Direct);
        let beside = |value: f64, digits: usize, of: &dyn Fn(&Figures) -> f64| match bare {
            Some(bare) => format!("{value:.digits$} ({:.2} ×)", value / of(bare)),
            None => format!("{value:.digits$}"),
        };
        format!(
            "| {} | {} | {} | {} | {:.0} / {} | {:.0} / {:.0} | {} | {} | {:.0} / {:.0} | {} | {} |",
            self.kind.name(),
            beside(self.per_second, 0, &|bare| bare.per_second),
            beside(self.cpu_per_request, 1, &|bare| bare.cpu_per_request),
            beside(self.cpu_single, 1, &|bare| bare.cpu_single),
            self.single_p50,
            beside(self.single_p99, 0, &|bare| bare.single_p99),
            self.many_p50,
            self.many_p99,
            beside(self.first_token, 0, &|bare| bare.first_token),
            beside(self.cpu_per_token, 1, &|bare| bare.cpu_per_token),
            self.gap_p50,
            self.gap_p99,
            bare.map_or("–".to_owned(), |bare| format!("{:.0}", self.gap_p99 - bare.gap_p99)),
            format_args!("{:.1}", self.memory_mib),
        )
    }
}
