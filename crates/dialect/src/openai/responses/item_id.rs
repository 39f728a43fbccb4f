//! Names of items. They are made from the name of the answer they belong to: the same in the stream and in what is stored, and
//! as unique as that is.

/// What stands before the own part of an answer's name.
const RESPONSE: &str = "resp_";

/// Gives each item of one answer its name.
#[derive(Clone, Debug)]
pub struct ItemIds {
    tail: String,
    next: u32,
}

impl ItemIds {
    /// Names for what the answer `response_id` says.
    pub fn of_output(response_id: &str) -> ItemIds {
        ItemIds { tail: format!("{}o", own_part(response_id)), next: 0 }
    }

    /// Names for what the answer `response_id` was asked.
    pub fn of_input(response_id: &str) -> ItemIds {
        ItemIds { tail: format!("{}i", own_part(response_id)), next: 0 }
    }

    /// Names for what it says behind its first `items` items.
    #[must_use]
    pub fn behind(self, items: usize) -> ItemIds {
        ItemIds { next: u32::try_from(items).unwrap_or(u32::MAX), ..self }
    }

    /// The next name, for an item of the wire type `kind`: `msg_…`, `fc_…`, `fco_…`, `rs_…`.
    pub fn next(&mut self, kind: &str) -> String {
        let prefix = match kind {
            "message" => "msg",
            "function_call" => "fc",
            "function_call_output" => "fco",
            "reasoning" => "rs",
            _ => "item",
        };
        let number = self.next;
        self.next += 1;
        format!("{prefix}_{}{number:03}", self.tail)
    }
}

fn own_part(response_id: &str) -> &str {
    response_id.strip_prefix(RESPONSE).unwrap_or(response_id)
}
