//! A page of a list, and which part of the list it is.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::error::{ArmError, ErrorCode};
use crate::resource::Map;

/// Items of a page whose size the client leaves open: a reply of some hundred kilobytes at most.
pub const PAGE_SIZE: usize = 200;
/// Items of the largest page that a client can ask for, as in Azure; a larger `$top` gets this many and a next page.
pub const PAGE_SIZE_LIMIT: usize = 1000;
/// Longest `$skipToken` read, bytes: one in base64 of the longest key there is.
const SKIP_TOKEN_LIMIT_BYTES: usize = 4096;

/// `{"value": […], "nextLink": …}`; the link is left out on the last page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// The items in wire form.
    pub value: Vec<Value>,
    /// The absolute URL of the next page.
    pub next_link: Option<String>,
}

impl Page {
    /// The only page.
    pub fn of(value: Vec<Value>) -> Page {
        Page { value, next_link: None }
    }

    /// The wire form.
    pub fn to_json(self) -> Value {
        let mut body = Map::new();
        body.insert("value".to_owned(), Value::Array(self.value));
        if let Some(link) = self.next_link {
            body.insert("nextLink".to_owned(), link.into());
        }
        Value::Object(body)
    }
}

/// The part of a list that a request asks for: so many items, behind the last one of the page before.
///
/// It is a place in the order of keys, not a count of items, so what others make or remove between two pages is neither
/// shown twice nor hides anything else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    after: Option<String>,
    size: usize,
}

impl Window {
    /// Reads `$top` and `$skipToken`; what is neither is 400 `InvalidParameter`.
    pub fn from_query(top: Option<&str>, skip_token: Option<&str>) -> Result<Window, ArmError> {
        let size = match top.map(str::trim).filter(|top| !top.is_empty()) {
            None => PAGE_SIZE,
            Some(top) => match top.parse::<u32>() {
                Ok(size) if size > 0 => usize::try_from(size).unwrap_or(PAGE_SIZE_LIMIT).min(PAGE_SIZE_LIMIT),
                _ => return Err(invalid("$top", "`$top` must be a whole number of at least 1")),
            },
        };
        let after = skip_token.filter(|token| !token.is_empty()).map(read_token).transpose()?;
        Ok(Window { after, size })
    }

    /// The items of this page in the order of their keys, which must differ; and the `$skipToken` of the next page.
    pub fn cut<T>(&self, items: impl IntoIterator<Item = (String, T)>) -> (Vec<T>, Option<String>) {
        let is_behind = |key: &str| self.after.as_deref().is_none_or(|after| key > after);
        let mut items: Vec<(String, T)> = items.into_iter().filter(|(key, _)| is_behind(key)).collect();
        items.sort_by(|(one, _), (other, _)| one.cmp(other));
        let is_last = items.len() <= self.size;
        items.truncate(self.size);
        let token = items.last().filter(|_| !is_last).map(|(key, _)| URL_SAFE_NO_PAD.encode(key));
        (items.into_iter().map(|(_, item)| item).collect(), token)
    }
}

fn read_token(token: &str) -> Result<String, ArmError> {
    let bytes = Some(token).filter(|token| token.len() <= SKIP_TOKEN_LIMIT_BYTES);
    let bytes = bytes.and_then(|token| URL_SAFE_NO_PAD.decode(token).ok());
    let key = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    key.ok_or_else(|| invalid("$skipToken", "`$skipToken` is not one of this server; start again without it"))
}

fn invalid(name: &str, message: &str) -> ArmError {
    ArmError::new(ErrorCode::InvalidParameter, message).with_target(name)
}
