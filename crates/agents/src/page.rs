//! A page of a list, as the query asks for it and as it is answered.

use access::Query;
use dialect::openai::OpenAiError;
use dialect::openai::responses::Page;
use resources::quoted;
use serde_json::{Value, json};
use store::{DataError, DataKind, DataQuery};

use crate::failure::wrong;

/// What a query asks for: `limit` (1 to 100, by default 20), `order` (by default the newest first), `after`, `before`. `id_of` makes
/// the id of the stored object out of the one that the caller was shown.
pub(crate) fn of(query: &Query, listed: DataQuery, id_of: impl Fn(&str) -> String) -> Result<DataQuery, OpenAiError> {
    let page = Page::of(query.get("after"), query.get("limit"), query.get("order"))?;
    Ok(DataQuery {
        after: page.after.as_deref().map(&id_of),
        before: query.get("before").map(&id_of),
        limit: u32::try_from(page.limit).unwrap_or(u32::MAX),
        newest_first: !page.is_ascending,
        ..listed
    })
}

/// The answer: `{"object": "list", "data", "first_id", "last_id", "has_more"}`. `last_id` is null where nothing follows, because
/// clients go on until it is; what was read backwards from `before` is followed by what the caller has.
pub(crate) fn reply(query: &DataQuery, data: Vec<Value>, has_more: bool) -> Value {
    let id = |item: Option<&Value>| item.and_then(|item| item.get("id")).cloned().unwrap_or(Value::Null);
    let is_backwards = query.before.is_some() && query.after.is_none();
    let last = data.last().filter(|_| has_more && !is_backwards);
    json!({"object": "list", "first_id": id(data.first()), "last_id": id(last), "has_more": has_more, "data": data})
}

/// The field that names an object which is not in the list, if that is what went wrong.
pub(crate) fn not_in_list(error: &DataError, query: &DataQuery) -> Option<OpenAiError> {
    let DataError::NotFound { key } = error else { return None };
    let field = match (&query.after, &query.before) {
        (Some(after), _) if *after == key.id => "after",
        _ => "before",
    };
    Some(wrong(field, format!("`{field}`: there is no `{}` in this list (any more)", quoted(&key.id))))
}

/// The first objects of a kind, for a page to be asked of.
pub(crate) fn all(kind: DataKind, scope: &arm::Scope, parent: Option<&str>) -> DataQuery {
    DataQuery::first(kind, scope, parent, 0)
}
