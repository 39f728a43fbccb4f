//! One protocol said in another, by the files in `conformance/wire/exchange`.

mod answers;
mod failures;
mod identity;
mod left_out;
mod requests;
mod streams;
mod texts;

use dialect::anthropic::{Target, ThinksBy};
use dialect::exchange::AnswerContext;

/// What the other side needs to know of a model.
pub(super) const TARGET: Target = Target { default_max_tokens: 20_000, thinks_by: ThinksBy::Budget };

pub(super) fn context() -> AnswerContext {
    AnswerContext { id: "ours".to_owned(), model: "deployment".to_owned(), created: 1_763_800_000 }
}
