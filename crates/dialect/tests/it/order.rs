//! The order of a streamed answer, as clients hold it: a state machine of its own, written from the rules and not from the
//! writer.

use std::collections::BTreeMap;

use serde_json::Value;

/// What a client knows of an answer while it comes.
#[derive(Default)]
pub(crate) struct Order {
    id: Option<Value>,
    next_number: u64,
    items: BTreeMap<u64, Item>,
    /// The word of the last event, and the answer it carries.
    pub(crate) ended: Option<(String, Value)>,
}

#[derive(Default)]
struct Item {
    id: String,
    kind: String,
    /// What was said in each part of it, and whether it is done.
    parts: BTreeMap<u64, (String, bool)>,
    done: Option<Value>,
}

impl Order {
    /// Takes one event, with its name; panics where a client would give up.
    pub(crate) fn take(&mut self, name: &str, data: &Value) {
        assert_eq!(data["type"], name, "the event's name is its type");
        assert_eq!(data["sequence_number"], self.next_number, "{data}");
        assert!(self.ended.is_none(), "{name} after the end");
        self.next_number += 1;
        if let Some(response) = data.get("response") {
            self.lifecycle(name, response);
            return;
        }
        assert!(self.id.is_some(), "{name} before `response.created`");
        let index = data["output_index"].as_u64().expect("an output index");
        match name {
            "response.output_item.added" => self.added(index, &data["item"]),
            "response.output_item.done" => self.item_done(index, &data["item"]),
            _ => self.part(name, index, data),
        }
    }

    fn lifecycle(&mut self, name: &str, response: &Value) {
        match name {
            "response.created" => {
                assert_eq!(self.next_number, 1, "the first event");
                assert_eq!((&response["output"], &response["status"]), (&Value::Array(vec![]), &"in_progress".into()));
                self.id = Some(response["id"].clone());
            }
            "response.in_progress" => assert_eq!(self.next_number, 2),
            _ => {
                assert_eq!(format!("response.{}", response["status"].as_str().unwrap()), name);
                self.concluded(name, response);
            }
        }
        assert_eq!(self.id.as_ref(), Some(&response["id"]), "one name throughout");
    }

    fn concluded(&mut self, name: &str, response: &Value) {
        let output = response["output"].as_array().unwrap();
        assert_eq!(output.len(), self.items.len());
        for (said, item) in output.iter().zip(self.items.values()) {
            assert_eq!(said["id"], item.id.as_str());
            match &item.done {
                Some(done) => assert_eq!(done, said, "what was done stays as it was"),
                None => assert_eq!(name, "response.failed", "an item is left open: {said}"),
            }
        }
        self.ended = Some((name.to_owned(), response.clone()));
    }

    fn added(&mut self, index: u64, item: &Value) {
        assert_eq!(index, self.items.len() as u64, "items are added one after the other");
        let word = |name: &str| item[name].as_str().unwrap().to_owned();
        let id = word("id");
        assert!(!id.is_empty() && self.items.values().all(|known| known.id != id), "`{id}` is not a name of its own");
        assert_eq!(item["status"], "in_progress");
        let mut item = Item { id, kind: word("type"), ..Item::default() };
        if item.kind == "function_call" {
            item.parts.insert(0, Default::default());
        }
        self.items.insert(index, item);
    }

    fn item_done(&mut self, index: u64, said: &Value) {
        let item = self.items.get_mut(&index).expect("an item that was added");
        assert!(item.done.is_none(), "done twice");
        assert_eq!((said["id"].as_str(), said["type"].as_str()), (Some(&*item.id), Some(&*item.kind)));
        assert!(item.parts.values().all(|(_, is_done)| *is_done), "a part is left open: {said}");
        assert!(["completed", "incomplete"].contains(&said["status"].as_str().unwrap()));
        let texts: Vec<&str> = match item.kind.as_str() {
            "function_call" => vec![said["arguments"].as_str().unwrap()],
            "message" => said["content"].as_array().unwrap().iter().map(text_of).collect(),
            _ => said["summary"].as_array().unwrap().iter().map(text_of).collect(),
        };
        let came: Vec<&str> = item.parts.values().map(|(text, _)| text.as_str()).collect();
        assert_eq!(texts, came, "the item is what was said in it");
        item.done = Some(said.clone());
    }

    fn part(&mut self, name: &str, index: u64, data: &Value) {
        let item = self.items.get_mut(&index).expect("an item that was added");
        assert_eq!(data["item_id"], item.id.as_str());
        assert!(item.done.is_none(), "{name} of an item that is done");
        let (kind, step) = name.strip_prefix("response.").unwrap().rsplit_once('.').unwrap();
        let (of, at) = match kind {
            "reasoning_summary_part" | "reasoning_summary_text" => ("reasoning", &data["summary_index"]),
            "function_call_arguments" => ("function_call", &Value::Null),
            _ => ("message", &data["content_index"]),
        };
        assert_eq!(of, item.kind, "{name}");
        let at = at.as_u64().unwrap_or(0);
        let is_part = kind.ends_with("_part");
        if is_part && step == "added" {
            assert_eq!(at, item.parts.len() as u64);
            assert_eq!(text_of(&data["part"]), "");
            item.parts.insert(at, Default::default());
            return;
        }
        let (said, is_done) = item.parts.get_mut(&at).expect("a part that was added");
        assert!(!*is_done, "{name} of a part that is done");
        match (step, is_part) {
            ("delta", false) => {
                let delta = data["delta"].as_str().unwrap();
                assert!(!delta.is_empty());
                said.push_str(delta);
            }
            ("done", false) => {
                let whole = ["text", "refusal", "arguments"].iter().find_map(|name| data.get(*name)).unwrap();
                assert_eq!(whole, said.as_str());
                *is_done = kind == "function_call_arguments";
            }
            ("done", true) => {
                assert_eq!(text_of(&data["part"]), said.as_str());
                *is_done = true;
            }
            _ => panic!("no event of this protocol: {name}"),
        }
    }
}

fn text_of(part: &Value) -> &str {
    part["text"].as_str().or(part["refusal"].as_str()).expect("a text")
}
