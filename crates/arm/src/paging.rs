//! A page of a list.

use serde_json::Value;

use crate::resource::Map;

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
