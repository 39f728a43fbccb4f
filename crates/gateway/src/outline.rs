//! What a body says that decides its way, whatever protocol it is in; the rest is for who answers.

use access::Failure;
use dialect::openai::{completions, responses};
use dialect::{anthropic, openai};
use tape::Node;

use crate::failure;
use crate::protocol::Protocol;

/// Members of a request for a response that name something a provider keeps. Its keys are the operator's, so what lies there is
/// nobody's in particular, and not to be reached.
const KEPT_ELSEWHERE: [&str; 4] = ["conversation", "prompt", "agent", "agent_reference"];

/// The few fields that are read of every request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outline {
    /// The deployment, where the path does not name it.
    pub(crate) model: Option<String>,
    /// Whether the answer is wanted as a stream of events.
    pub(crate) stream: bool,
    /// Whether a stream shall close with its usage, where the protocol leaves that to the caller.
    pub(crate) include_usage: bool,
    /// The most tokens that the caller lets each answer have.
    pub(crate) output_cap: Option<u64>,
    /// How many answers are asked for.
    pub(crate) answers: u64,
    /// The stored response that this one goes on from.
    pub(crate) previous_response_id: Option<String>,
    /// Whether a response is kept.
    pub(crate) store: bool,
}

impl Outline {
    /// Reads them. Errors are 400 and name the field.
    pub(crate) fn of(protocol: Protocol, body: Node<'_>) -> Result<Outline, Failure> {
        let plain = Outline {
            model: None,
            stream: false,
            include_usage: false,
            output_cap: None,
            answers: 1,
            previous_response_id: None,
            store: false,
        };
        match protocol {
            Protocol::Chat => {
                let found = openai::Outline::of(body).map_err(|error| failure::dialect(&error))?;
                let cap = |name: &str| body.get(name).and_then(Node::as_u64);
                let output_cap = cap("max_completion_tokens").or_else(|| cap("max_tokens"));
                Ok(Outline { output_cap, ..of_openai(found, plain) })
            }
            Protocol::Completions => {
                let found = completions::Outline::of(body).map_err(|error| failure::dialect(&error))?;
                let answers = found.common.choices.saturating_mul(found.prompts);
                Ok(Outline { output_cap: Some(found.max_tokens), answers, ..of_openai(found.common, plain) })
            }
            Protocol::Embeddings => {
                let found = openai::Outline::of(body).map_err(|error| failure::dialect(&error))?;
                Ok(Outline { model: found.model, output_cap: Some(0), ..plain })
            }
            Protocol::Responses => {
                let found = responses::Outline::of(body).map_err(|error| failure::dialect(&error))?;
                if found.background {
                    return Err(failure::background());
                }
                let given = |name: &&&str| body.given(name).is_some();
                if let Some(name) = KEPT_ELSEWHERE.iter().find(given) {
                    return Err(failure::kept_elsewhere(name));
                }
                Ok(Outline {
                    model: found.model,
                    stream: found.stream,
                    include_usage: true,
                    output_cap: found.max_output_tokens,
                    previous_response_id: found.previous_response_id,
                    store: found.store,
                    ..plain
                })
            }
            Protocol::Messages => {
                let found = anthropic::Outline::of(body).map_err(|error| failure::not_supported(&error))?;
                let output_cap = found.max_tokens;
                Ok(Outline { model: found.model, stream: found.stream, include_usage: true, output_cap, ..plain })
            }
        }
    }
}

fn of_openai(found: openai::Outline, plain: Outline) -> Outline {
    Outline {
        model: found.model,
        stream: found.stream,
        include_usage: found.include_usage,
        answers: found.choices,
        ..plain
    }
}
