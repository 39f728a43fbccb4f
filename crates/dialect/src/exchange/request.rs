//! A request for an answer.

use serde_json::{Map, Value};

use super::Places;

/// A conversation, what may be used in answering it, and how the answer shall be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// The deployment, or the provider's name for the model once it is known.
    pub model: Option<String>,
    /// System and developer instructions, in order; text only.
    pub instructions: Vec<Part>,
    /// The conversation, in order.
    pub turns: Vec<Turn>,
    /// Functions the model may ask for.
    pub tools: Vec<Tool>,
    /// Which of them it shall ask for.
    pub tool_choice: Option<ToolChoice>,
    /// Whether it may ask for several at once.
    pub parallel_tool_calls: Option<bool>,
    /// The form of the answer's text.
    pub output: OutputFormat,
    /// The most tokens to write, at least 1.
    pub max_output_tokens: Option<u64>,
    /// 0 to 2 (0 to 1 for some protocols).
    pub temperature: Option<f64>,
    /// 0 to 1.
    pub top_p: Option<f64>,
    /// The number of likeliest tokens to draw from.
    pub top_k: Option<u64>,
    /// Texts that end the answer.
    pub stop: Vec<String>,
    /// Makes sampling repeatable.
    pub seed: Option<i64>,
    /// −2 to 2.
    pub presence_penalty: Option<f64>,
    /// −2 to 2.
    pub frequency_penalty: Option<f64>,
    /// How much to think.
    pub reasoning: Option<Reasoning>,
    /// The caller's word for its own user.
    pub user: Option<String>,
    /// The caller's own labels; values are strings.
    pub metadata: Map<String, Value>,
    /// Whether the answer is wanted as a stream of events.
    pub stream: bool,
    /// Whether a stream shall close with its usage, where the protocol leaves that to the caller.
    pub include_usage: bool,
    /// Where all this stood in the caller's body; for errors alone.
    pub places: Places,
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The caller's side; also brings the results of tools.
    User,
    /// The model.
    Assistant,
}

/// What one side said in one go.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// Who.
    pub role: Role,
    /// What, in order.
    pub parts: Vec<Part>,
}

/// A piece of what was said.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Text.
    Text(String),
    /// A picture.
    Image(Image),
    /// The model asks for a function.
    ToolCall {
        /// Names the call.
        id: String,
        /// The function.
        name: String,
        /// JSON text, as the model wrote it.
        arguments: String,
    },
    /// What a function gave.
    ToolResult {
        /// Names the call it answers.
        call_id: String,
        /// Text and images.
        content: Vec<Part>,
        /// Whether the function failed.
        is_error: bool,
    },
    /// What the model thought before it spoke.
    Reasoning {
        /// The readable form, possibly a summary; may be empty.
        text: String,
        /// What lets the provider recognise it when it comes back: a signature.
        signature: Option<String>,
        /// The form only the provider can read.
        encrypted: Option<String>,
    },
    /// The model declined, in its words.
    Refusal(String),
}

/// A picture, and how closely to look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Where it is.
    pub source: ImageSource,
    /// `auto`, `low` or `high`.
    pub detail: Option<String>,
}

/// Where a picture is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageSource {
    /// At an address the provider fetches.
    Url(String),
    /// In the request.
    Inline {
        /// Such as `image/png`.
        media_type: String,
        /// Base64.
        data: String,
    },
}

impl ImageSource {
    /// Of an address of http or https, or a data URL in base64; `None` for any other.
    pub fn of_url(url: &str) -> Option<ImageSource> {
        if url.starts_with("https://") || url.starts_with("http://") {
            return Some(ImageSource::Url(url.to_owned()));
        }
        let (media_type, data) = url.strip_prefix("data:")?.split_once(";base64,")?;
        Some(ImageSource::Inline { media_type: media_type.to_owned(), data: data.to_owned() })
    }

    /// As an address or a data URL.
    pub fn to_url(&self) -> String {
        match self {
            ImageSource::Url(url) => url.clone(),
            ImageSource::Inline { media_type, data } => format!("data:{media_type};base64,{data}"),
        }
    }
}

/// A function the model may ask for.
#[derive(Clone, Debug, PartialEq)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// JSON Schema of its arguments; `{}` where none was given.
    pub parameters: Value,
    /// Whether arguments must follow the schema exactly.
    pub strict: Option<bool>,
}

/// Which function the model shall ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToolChoice {
    /// As it likes.
    Auto,
    /// None.
    Never,
    /// At least one.
    Required,
    /// This one.
    Function(String),
}

/// The form of the answer's text.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum OutputFormat {
    /// Any text.
    #[default]
    Text,
    /// Some JSON object.
    JsonObject,
    /// JSON by a schema.
    JsonSchema {
        /// The schema's name.
        name: String,
        /// What it is for.
        description: Option<String>,
        /// JSON Schema.
        schema: Value,
        /// Whether the answer must follow it exactly.
        strict: Option<bool>,
    },
}

/// How much to think, in the words of either family; with neither given, as the model likes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reasoning {
    /// By degree.
    pub effort: Option<Effort>,
    /// By number of tokens.
    pub budget_tokens: Option<u64>,
    /// Whether and how a readable summary is wanted: `auto`, `concise`, `detailed`.
    pub summary: Option<String>,
}

/// Budgets of thinking up to here count as low, and up to the next as medium.
const LOW_BUDGET_TOKENS: u64 = 2048;
const MEDIUM_BUDGET_TOKENS: u64 = 8192;

impl Reasoning {
    /// The degree, else the one that a number of tokens amounts to; a thinking model without either thinks as it likes.
    pub(crate) fn degree(&self) -> Option<Effort> {
        let of_budget = |budget: u64| match budget {
            budget if budget <= LOW_BUDGET_TOKENS => Effort::Low,
            budget if budget <= MEDIUM_BUDGET_TOKENS => Effort::Medium,
            _ => Effort::High,
        };
        self.effort.or(self.budget_tokens.map(of_budget))
    }
}

/// Degrees of thinking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// `none`
    None,
    /// `minimal`
    Minimal,
    /// `low`
    Low,
    /// `medium`
    Medium,
    /// `high`
    High,
    /// `xhigh`
    ExtraHigh,
    /// `max`
    Max,
}

const EFFORTS: [(&str, Effort); 7] = [
    ("none", Effort::None),
    ("minimal", Effort::Minimal),
    ("low", Effort::Low),
    ("medium", Effort::Medium),
    ("high", Effort::High),
    ("xhigh", Effort::ExtraHigh),
    ("max", Effort::Max),
];

impl Effort {
    /// The word on the wire, the same in all protocols.
    pub fn as_str(self) -> &'static str {
        EFFORTS.iter().find(|(_, effort)| *effort == self).map_or("medium", |(word, _)| word)
    }

    /// The degree of that word.
    pub fn parse(word: &str) -> Option<Effort> {
        EFFORTS.iter().find(|(known, _)| *known == word).map(|(_, effort)| *effort)
    }
}
