//! The chat template of a model file: how a conversation becomes one text.

use crate::error::{ModelError, one_line};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind, context};

/// The only template in an environment.
const NAME: &str = "chat";
/// Steps of the template engine before it gives up: a template from a foreign file must not run for ever. The longest known
/// templates take a few dozen steps a message.
const FUEL: u64 = 1_000_000;

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatMessage {
    /// `system`, `user` or `assistant`.
    pub role: String,
    /// What is said.
    pub content: String,
}

/// A compiled chat template.
pub(crate) struct ChatTemplate {
    environment: Environment<'static>,
    bos_token: String,
    eos_token: String,
}

impl ChatTemplate {
    /// Compiles the template text of a model file.
    pub(crate) fn compile(source: String, bos_token: String, eos_token: String) -> Result<ChatTemplate, String> {
        let mut environment = Environment::new();
        // The dialect of templates in model files is Jinja as Python's `transformers` sets it up.
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.map_err(|error| one_line(&error.to_string()))?);
        environment.set_fuel(Some(FUEL));
        environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_function("raise_exception", raise_exception);
        environment.add_template_owned(NAME, source).map_err(|error| one_line(&error.to_string()))?;
        Ok(ChatTemplate { environment, bos_token, eos_token })
    }

    /// The prompt text of a conversation, open at the assistant's turn.
    pub(crate) fn render(&self, messages: &[ChatMessage]) -> Result<String, ModelError> {
        let refuse = |error: Error| ModelError::Template(one_line(&error.to_string()));
        let message = |message: &ChatMessage| {
            Value::from_pairs([("role", message.role.as_str()), ("content", message.content.as_str())])
        };
        let values = context! {
            messages => messages.iter().map(message).collect::<Vec<Value>>(),
            add_generation_prompt => true,
            bos_token => self.bos_token.as_str(),
            eos_token => self.eos_token.as_str(),
        };
        self.environment.get_template(NAME).map_err(refuse)?.render(values).map_err(refuse)
    }
}

fn raise_exception(message: String) -> Result<String, Error> {
    Err(Error::new(ErrorKind::InvalidOperation, message))
}

#[cfg(test)]
mod tests;
