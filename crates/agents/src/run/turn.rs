//! One answer of a model inside a run: its events are told on under the run's own names and numbers, and what it said is gathered.

use std::collections::{BTreeMap, HashMap};

use access::Failure;
use dialect::openai::responses::ItemIds;
use gateway::ModelEvents;
use serde_json::{Value, json};
use uuid::Uuid;

use super::state::{Call, Ending, Said};
use super::step::Happened;
use super::teller::Teller;
use crate::tool::{Asked, Offer, Planned};

/// The code of an answer that stopped in its middle.
const BROKE_OFF: &str = "server_error";

/// Where an item of the answer goes.
enum Place {
    /// To the caller: its place in the output, and its name there.
    Shown(usize, String),
    /// Nowhere: a call that the server makes, which has an item of its own.
    Hidden,
}

/// An answer that is being heard.
pub(super) struct Turn<'a> {
    teller: &'a mut Teller,
    offer: &'a Offer,
    ids: ItemIds,
    /// The place of the next item.
    next: usize,
    places: HashMap<u64, Place>,
    shown: BTreeMap<usize, Value>,
    hidden: Vec<Value>,
}

impl<'a> Turn<'a> {
    /// Behind `items` items of the output.
    pub(super) fn new(teller: &'a mut Teller, offer: &'a Offer, response_id: &str, items: usize) -> Turn<'a> {
        Turn {
            teller,
            offer,
            ids: ItemIds::of_output(response_id).behind(items),
            next: items,
            places: HashMap::new(),
            shown: BTreeMap::new(),
            hidden: Vec::new(),
        }
    }

    /// Hears it to its end. A failure before its first event is the caller's to read.
    pub(super) async fn hear(mut self, mut events: ModelEvents) -> Result<Happened, Failure> {
        let mut usage = Value::Null;
        let mut ending =
            Ending::Failed { code: BROKE_OFF.to_owned(), message: "the model's answer broke off".to_owned() };
        let mut has_begun = false;
        while let Some(event) = events.next().await {
            let event = match event {
                Ok(event) => event,
                Err(failure) if !has_begun => return Err(failure),
                Err(failure) => {
                    let (code, message) = gateway::words(&failure);
                    ending = Ending::Failed { code: code.to_owned(), message: message.to_owned() };
                    break;
                }
            };
            has_begun = true;
            self.teller.begin().await;
            match ended(&event) {
                Some(found) => {
                    ending = found;
                    usage = event.pointer("/response/usage").cloned().unwrap_or(Value::Null);
                }
                None => self.tell(event).await,
            }
        }
        Ok(Happened::Answered { said: self.said().await, ending, usage })
    }

    /// Tells an event on, if it is about an item that is shown.
    async fn tell(&mut self, mut event: Value) {
        let kind = event.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
        let Some(index) = event.get("output_index").and_then(Value::as_u64) else { return };
        if kind == "response.output_item.added" {
            self.add(index, event.get("item").unwrap_or(&Value::Null));
        }
        let is_done = kind == "response.output_item.done";
        match self.places.get(&index) {
            Some(Place::Shown(at, id)) => {
                rename(&mut event, *at, id);
                if let Some(item) = event.get("item").filter(|_| is_done) {
                    self.shown.insert(*at, item.clone());
                }
                self.teller.send(&kind, event).await;
            }
            Some(Place::Hidden) if is_done => self.hidden.extend(event.get("item").cloned()),
            Some(Place::Hidden) | None => {}
        }
    }

    fn add(&mut self, index: u64, item: &Value) {
        let asked = Asked { function: text(item, "name"), arguments: "", call_id: "", id: Uuid::nil() };
        let kind = text(item, "type");
        if kind == "function_call" && self.offer.plan(&asked) != Planned::Caller {
            self.places.insert(index, Place::Hidden);
            return;
        }
        self.places.insert(index, Place::Shown(self.next, self.ids.next(kind)));
        self.next += 1;
    }

    /// What was said: first what was shown, then what the server does about the rest.
    async fn said(mut self) -> Vec<Said> {
        let shown = std::mem::take(&mut self.shown).into_values().map(|item| match text(&item, "type") {
            "function_call" => Said::ForCaller(item),
            _ => Said::Item(item),
        });
        let mut said: Vec<Said> = shown.collect();
        for item in &self.hidden {
            let planned = planned(self.offer, item);
            if let Said::ForCaller(item) = &planned {
                self.teller.added(self.next, item).await;
                self.teller.done(self.next, item).await;
                self.next += 1;
            }
            said.push(planned);
        }
        said
    }
}

/// What is done about a call of the model.
fn planned(offer: &Offer, item: &Value) -> Said {
    let [call_id, function, arguments] = ["call_id", "name", "arguments"].map(|field| text(item, field));
    match offer.plan(&Asked { function, arguments, call_id, id: Uuid::new_v4() }) {
        Planned::Caller => Said::ForCaller(item.clone()),
        Planned::NeedsApproval { item } => Said::ForCaller(item),
        Planned::Server(server) => Said::Call(Call::of(server)),
        Planned::Unknown { output } => Said::Refused {
            call_id: call_id.to_owned(),
            name: function.to_owned(),
            arguments: arguments.to_owned(),
            reason: output,
        },
    }
}

/// How an answer ends with this event, if it does.
fn ended(event: &Value) -> Option<Ending> {
    let failed = |error: &Value| {
        let word = |name: &str| error.get(name).and_then(Value::as_str).filter(|word| !word.is_empty());
        let code = word("code").unwrap_or(BROKE_OFF).to_owned();
        Ending::Failed { code, message: word("message").unwrap_or("the model failed").to_owned() }
    };
    match text(event, "type") {
        "response.completed" => Some(Ending::Whole),
        "response.incomplete" => {
            let reason = event.pointer("/response/incomplete_details/reason").and_then(Value::as_str);
            Some(Ending::Cut(reason.unwrap_or("incomplete").to_owned()))
        }
        "response.failed" => Some(failed(event.pointer("/response/error").unwrap_or(&Value::Null))),
        "error" => Some(failed(event.get("error").filter(|error| error.is_object()).unwrap_or(event))),
        _ => None,
    }
}

/// Puts the run's own place and name in.
fn rename(event: &mut Value, at: usize, id: &str) {
    let Some(fields) = event.as_object_mut() else { return };
    fields.insert("output_index".to_owned(), json!(at));
    if fields.contains_key("item_id") {
        fields.insert("item_id".to_owned(), json!(id));
    }
    if let Some(item) = fields.get_mut("item").and_then(Value::as_object_mut) {
        item.insert("id".to_owned(), json!(id));
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}
