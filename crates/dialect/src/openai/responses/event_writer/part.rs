//! What is added to an item, and when it is done.

use serde_json::{Value, json};

use super::{EventWriter, Place, SERVER_ERROR};
use crate::openai::responses::output::{Body, Content, Item, summary};

impl EventWriter {
    /// A piece of text or of a refusal.
    pub(super) fn say(&mut self, part: usize, delta: &str, is_refusal: bool) -> Result<(), serde_json::Error> {
        let place = match self.places.get(&part) {
            Some(place) => *place,
            None => self.open_content(part, is_refusal)?,
        };
        let Some(Item { id, body: Body::Message(contents), .. }) = self.items.get_mut(place.item) else {
            return self.out_of_order(part);
        };
        match contents.get_mut(place.content) {
            Some(content) if content.is_refusal == is_refusal && !content.is_whole => content.text.push_str(delta),
            _ => return self.out_of_order(part),
        }
        let mut data =
            json!({"item_id": id, "output_index": place.item, "content_index": place.content, "delta": delta});
        match (delta.is_empty(), is_refusal) {
            (true, _) => Ok(()),
            (false, true) => self.send("response.refusal.delta", data),
            (false, false) => {
                add(&mut data, "logprobs", json!([]));
                self.send("response.output_text.delta", data)
            }
        }
    }

    /// A piece of thinking.
    pub(super) fn think(&mut self, part: usize, delta: &str) -> Result<(), serde_json::Error> {
        let at = self.thought(part)?;
        let Some(Item { id, body: Body::Reasoning { text, .. }, is_whole: false, .. }) = self.items.get_mut(at) else {
            return self.out_of_order(part);
        };
        let is_first = text.is_empty();
        text.push_str(delta);
        let data = json!({"item_id": id, "output_index": at, "summary_index": 0});
        if delta.is_empty() {
            return Ok(());
        }
        if is_first {
            self.send("response.reasoning_summary_part.added", with(&data, "part", summary("")))?;
        }
        self.send("response.reasoning_summary_text.delta", with(&data, "delta", json!(delta)))
    }

    /// What lets the provider recognise the thinking: it is told when the item is done.
    pub(super) fn seal(
        &mut self,
        part: usize,
        new_signature: &Option<String>,
        new_encrypted: &Option<String>,
    ) -> Result<(), serde_json::Error> {
        let at = self.thought(part)?;
        let Some(Item { body: Body::Reasoning { signature, encrypted, .. }, status: None, .. }) =
            self.items.get_mut(at)
        else {
            return self.out_of_order(part);
        };
        signature.clone_from(new_signature);
        encrypted.clone_from(new_encrypted);
        Ok(())
    }

    fn thought(&mut self, part: usize) -> Result<usize, serde_json::Error> {
        match self.places.get(&part) {
            Some(place) => Ok(place.item),
            None => self.open(part, Body::Reasoning { text: String::new(), signature: None, encrypted: None }),
        }
    }

    /// A piece of a call's arguments.
    pub(super) fn argue(&mut self, part: usize, delta: &str) -> Result<(), serde_json::Error> {
        let at = self.places.get(&part).map_or(usize::MAX, |place| place.item);
        let Some(Item { id, body: Body::Call { arguments, .. }, is_whole: false, .. }) = self.items.get_mut(at) else {
            return self.out_of_order(part);
        };
        arguments.push_str(delta);
        let data = json!({"item_id": id, "output_index": at, "delta": delta});
        if delta.is_empty() { Ok(()) } else { self.send("response.function_call_arguments.delta", data) }
    }

    /// Nothing is added to this part any more. Its item stays open: more of a message may come, and whether the answer is cut
    /// is known at its end alone.
    pub(super) fn part_done(&mut self, part: usize) -> Result<(), serde_json::Error> {
        let Some(place) = self.places.get(&part).copied() else { return Ok(()) };
        match self.items.get(place.item) {
            Some(Item { body: Body::Message(_), .. }) => self.finish_content(place),
            Some(_) => self.finish_item(place.item),
            None => Ok(()),
        }
    }

    /// Adds an item. Those that are whole are done now.
    pub(super) fn open(&mut self, part: usize, body: Body) -> Result<usize, serde_json::Error> {
        for at in 0..self.items.len() {
            if self.items.get(at).is_some_and(|item| item.is_whole) {
                self.close(at, "completed")?;
            }
        }
        let at = self.items.len();
        let item = Item::new(&mut self.ids, body);
        self.send("response.output_item.added", json!({"output_index": at, "item": item.opening()}))?;
        self.items.push(item);
        self.places.insert(part, Place { item: at, content: 0 });
        Ok(at)
    }

    /// Adds a part to the message that is being said, else to a new one.
    fn open_content(&mut self, part: usize, is_refusal: bool) -> Result<Place, serde_json::Error> {
        let last = self.items.len().wrapping_sub(1);
        let is_message = self.items.get(last).is_some_and(|item| matches!(item.body, Body::Message(_)));
        let at = if is_message { last } else { self.open(part, Body::Message(Vec::new()))? };
        let Some(Item { id, body: Body::Message(contents), is_whole, .. }) = self.items.get_mut(at) else {
            return Ok(Place { item: at, content: 0 });
        };
        let place = Place { item: at, content: contents.len() };
        let content = Content { is_refusal, ..Content::default() };
        let data =
            json!({"item_id": id, "output_index": at, "content_index": place.content, "part": content.saying("")});
        contents.push(content);
        *is_whole = false;
        self.places.insert(part, place);
        self.send("response.content_part.added", data)?;
        Ok(place)
    }

    fn finish_content(&mut self, place: Place) -> Result<(), serde_json::Error> {
        let Some(Item { id, body: Body::Message(contents), is_whole, .. }) = self.items.get_mut(place.item) else {
            return Ok(());
        };
        let data = json!({"item_id": id, "output_index": place.item, "content_index": place.content});
        let Some(content) = contents.get_mut(place.content).filter(|content| !content.is_whole) else { return Ok(()) };
        content.is_whole = true;
        let (is_refusal, text, part) = (content.is_refusal, content.text.clone(), content.saying(&content.text));
        *is_whole = contents.iter().all(|content| content.is_whole);
        if is_refusal {
            self.send("response.refusal.done", with(&data, "refusal", json!(text)))?;
        } else {
            let said = with(&data, "text", json!(text));
            self.send("response.output_text.done", with(&said, "logprobs", json!([])))?;
        }
        self.send("response.content_part.done", with(&data, "part", part))
    }

    /// Says of all that was said in an item that it is whole.
    pub(super) fn finish_item(&mut self, at: usize) -> Result<(), serde_json::Error> {
        let Some(item) = self.items.get_mut(at).filter(|item| !item.is_whole) else { return Ok(()) };
        item.is_whole = true;
        let data = json!({"item_id": item.id, "output_index": at});
        match &item.body {
            Body::Message(contents) => {
                let open = contents.len();
                (0..open).try_for_each(|content| self.finish_content(Place { item: at, content }))
            }
            Body::Call { name, arguments, .. } => {
                let said = with(&with(&data, "name", json!(name)), "arguments", json!(arguments));
                self.send("response.function_call_arguments.done", said)
            }
            Body::Reasoning { text, .. } if text.is_empty() => Ok(()),
            Body::Reasoning { text, .. } => {
                let data = with(&data, "summary_index", json!(0));
                let (said, part) = (with(&data, "text", json!(text)), with(&data, "part", summary(text)));
                self.send("response.reasoning_summary_text.done", said)?;
                self.send("response.reasoning_summary_part.done", part)
            }
        }
    }

    /// The item is done, and is told whole.
    pub(super) fn close(&mut self, at: usize, status: &'static str) -> Result<(), serde_json::Error> {
        let Some(item) = self.items.get_mut(at).filter(|item| item.status.is_none()) else { return Ok(()) };
        item.status = Some(status);
        let data = json!({"output_index": at, "item": item.value(status)});
        self.send("response.output_item.done", data)
    }

    fn out_of_order(&mut self, part: usize) -> Result<(), serde_json::Error> {
        self.fail(SERVER_ERROR, &format!("the model's answer is out of order at its part {part}"))
    }
}

fn add(data: &mut Value, name: &str, value: Value) {
    if let Some(fields) = data.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
}

fn with(data: &Value, name: &str, value: Value) -> Value {
    let mut data = data.clone();
    add(&mut data, name, value);
    data
}
