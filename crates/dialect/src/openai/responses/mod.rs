//! The Responses protocol: requests of items, answers of items, a stream of named events.

mod answer;
mod content;
mod event_reader;
mod event_writer;
mod input_items;
mod item;
mod item_id;
mod observe;
mod outline;
mod output;
mod request;
mod response;
mod seal;
mod served;
mod texts;
mod tool;
mod write_request;

pub use answer::{NoAnswer, read_answer, write_response};
pub use event_reader::EventReader;
pub use event_writer::EventWriter;
pub use input_items::{DEFAULT_PAGE, MAX_PAGE, Page, input_items, with_history};
pub use item_id::ItemIds;
pub use observe::Observed;
pub use outline::Outline;
pub use request::{ResponsesRequest, read_request};
pub use response::{ResponseContext, State, read_usage};
pub use served::{for_model, function_name};
pub use texts::texts;
pub use write_request::write_request;
