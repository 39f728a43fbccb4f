//! Tables of many rows, some hundred at a time in one text: a row of its own costs ten times what is in it.

use sqlx::any::AnyRow;
use sqlx::query::Query;
use sqlx::{Any, AnyConnection};

use crate::engine::failed;
use crate::error::StoreError;
use crate::load::{damaged, optional_text};

/// So many rows are copied at a time: one text has a gigabyte at most, and a row seldom a thousand bytes.
pub(crate) const PAGE: i64 = 256;
/// The record separator stands between fields and rows: it is in no id, and JSON escapes it.
pub(crate) const SEPARATOR: char = '\u{1e}';

/// The rows of the text that the query gives; none at the end.
pub(crate) struct Page(Option<String>);

impl Page {
    /// Runs a query for one text: the fields of rows, with the separator between them.
    pub(crate) async fn fetch(
        connection: &mut AnyConnection,
        query: Query<'_, Any, sqlx::any::AnyArguments>,
    ) -> Result<Page, StoreError> {
        let row: AnyRow = query.fetch_one(connection).await.map_err(failed)?;
        Ok(Page(optional_text(&row, 0)?))
    }

    /// The rows, each of so many fields, in any order.
    pub(crate) fn rows<const FIELDS: usize>(&self) -> Result<Vec<[&str; FIELDS]>, StoreError> {
        let fields: Vec<&str> = self.0.iter().flat_map(|text| text.split(SEPARATOR)).collect();
        match fields.as_chunks() {
            (rows, []) => Ok(rows.to_vec()),
            _ => Err(damaged("text", "a separator is in it")),
        }
    }
}
