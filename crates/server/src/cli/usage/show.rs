//! Sums as a table for people and as JSON lines for programs.

use anyhow::Result;
use serde_json::{Value, json};

use super::grouping::{By, Key};
use super::period::Period;
use super::sums::{Sums, Table};

/// Millionths of a dollar in a dollar.
const MICRO_PER_USD: u64 = 1_000_000;

/// One JSON object for each line, then one for all.
pub(super) fn json(by: By, period: Period, table: &Table) -> Result<String> {
    let mut printed = String::new();
    for (key, sums) in table.sorted() {
        let head = json!({ "by": by.name(), "key": key.id, "name": key.name });
        printed.push_str(&serde_json::to_string(&with_sums(head, sums))?);
        printed.push('\n');
    }
    let (unpriced, _) = table.unpriced();
    let head = json!({
        "by": "all",
        "since": period.since.map(|time| time.to_string()),
        "until": period.until.to_string(),
        "unpricedModels": unpriced,
    });
    printed.push_str(&serde_json::to_string(&with_sums(head, &table.total))?);
    printed.push('\n');
    Ok(printed)
}

fn with_sums(mut head: Value, sums: &Sums) -> Value {
    let fields = json!({
        "requests": sums.requests,
        "allowed": sums.allowed,
        "refused": sums.refused,
        "failed": sums.failed,
        "promptTokens": sums.prompt_tokens,
        "cachedInputTokens": sums.cached_input_tokens,
        "cacheWriteTokens": sums.cache_write_tokens,
        "completionTokens": sums.completion_tokens,
        "reasoningTokens": sums.reasoning_tokens,
        "estimatedTokens": sums.estimated_tokens,
        "costMicroUsd": sums.cost_micro_usd(),
        "pricedRequests": sums.priced_requests,
        "unpricedRequests": sums.unpriced_requests,
    });
    if let (Value::Object(head), Value::Object(fields)) = (&mut head, fields) {
        head.extend(fields);
    }
    head
}

/// A table, what it covers, and what its sums leave out.
pub(super) fn text(by: By, period: Period, table: &Table) -> String {
    let mut said = match period.since {
        Some(since) => format!("Usage by {} from {since:.0} to {:.0}\n\n", by.name(), period.until),
        None => format!("Usage by {} from the first record to {:.0}\n\n", by.name(), period.until),
    };
    if table.total.requests == 0 {
        said.push_str("No request of the data plane is recorded for this time.\n");
        return said;
    }
    let columns: Vec<&Column> = COLUMNS.iter().filter(|column| column.is_shown(&table.total)).collect();
    let heads = columns.iter().map(|column| column.head.to_owned());
    let mut rows = vec![row(by.name().to_owned(), heads)];
    rows.extend(table.sorted().into_iter().map(|(key, sums)| row(shown(key), cells(&columns, sums))));
    rows.push(row("all".to_owned(), cells(&columns, &table.total)));
    said.push_str(&aligned(&rows));
    for note in notes(by, table) {
        said.push_str(&format!("\n{note}\n"));
    }
    said
}

/// A column of numbers.
struct Column {
    head: &'static str,
    cell: fn(&Sums) -> String,
    /// Left out where it is nothing for all.
    is_rare: bool,
}

const COLUMNS: [Column; 11] = [
    usual("requests", |sums| sums.requests.to_string()),
    usual("answered", |sums| sums.allowed.to_string()),
    usual("refused", |sums| sums.refused.to_string()),
    usual("failed", |sums| sums.failed.to_string()),
    usual("prompt", |sums| sums.prompt_tokens.to_string()),
    rare("cached", |sums| sums.cached_input_tokens.to_string()),
    rare("cache-write", |sums| sums.cache_write_tokens.to_string()),
    usual("completion", |sums| sums.completion_tokens.to_string()),
    rare("reasoning", |sums| sums.reasoning_tokens.to_string()),
    usual("est.", estimated),
    usual("cost USD", cost),
];

const fn usual(head: &'static str, cell: fn(&Sums) -> String) -> Column {
    Column { head, cell, is_rare: false }
}

const fn rare(head: &'static str, cell: fn(&Sums) -> String) -> Column {
    Column { head, cell, is_rare: true }
}

impl Column {
    fn is_shown(&self, total: &Sums) -> bool {
        !self.is_rare || (self.cell)(total) != "0"
    }
}

fn cells<'a>(columns: &'a [&Column], sums: &'a Sums) -> impl Iterator<Item = String> + 'a {
    columns.iter().map(|column| (column.cell)(sums))
}

fn row(first: String, rest: impl Iterator<Item = String>) -> Vec<String> {
    std::iter::once(first).chain(rest).collect()
}

fn shown(key: &Key) -> String {
    match &key.name {
        Some(name) => format!("{name} ({})", key.id),
        None => key.id.clone(),
    }
}

/// The share of tokens that were estimated, in whole percent; the smallest share is not none.
fn estimated(sums: &Sums) -> String {
    match (sums.estimated_tokens, sums.total_tokens()) {
        (_, 0) => "-".to_owned(),
        (0, _) => "0%".to_owned(),
        (estimated, total) => {
            let percent = u128::from(estimated) * 100 / u128::from(total);
            if percent == 0 { "<1%".to_owned() } else { format!("{percent}%") }
        }
    }
}

/// Dollars with all six places; `-` is not known, `+` says that some of it is not.
fn cost(sums: &Sums) -> String {
    let Some(micro) = sums.cost_micro_usd() else { return "-".to_owned() };
    let more = if sums.unpriced_requests > 0 { "+" } else { "" };
    format!("{}.{:06}{more}", micro / MICRO_PER_USD, micro % MICRO_PER_USD)
}

/// The first column to the left, numbers to the right.
fn aligned(rows: &[Vec<String>]) -> String {
    let count = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..count).map(|column| width(column).unwrap_or(0)).collect();
    let mut said = String::new();
    for row in rows {
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            match column {
                0 => said.push_str(&format!("{cell:<width$}")),
                _ => said.push_str(&format!("  {cell:>width$}")),
            }
        }
        said.push('\n');
    }
    said
}

/// What a reader would otherwise take wrongly.
fn notes(by: By, table: &Table) -> Vec<String> {
    let mut notes = Vec::new();
    if by == By::Group {
        notes.push(
            "Membership is that of now. A request counts for each group that its caller is in, groups in groups included; `all` counts it once."
                .to_owned(),
        );
    }
    let unpriced = table.total.unpriced_requests;
    if unpriced > 0 {
        let (named, more) = table.unpriced();
        let named = named.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        notes.push(format!(
            "The cost leaves out {unpriced} requests whose price is not known, of {named}{more}: give these models a `price` in the model catalog."
        ));
    }
    notes
}
