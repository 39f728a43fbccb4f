//! Where the parts of a request stood in the caller's body, so that an error of the writing side names the caller's field.

/// What one protocol calls its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// The conversation.
    pub turns: &'static str,
    /// The form of the answer.
    pub output: &'static str,
    /// How much to think.
    pub reasoning: &'static str,
    /// The texts that end the answer.
    pub stop: &'static str,
    /// The most tokens to write.
    pub max_output_tokens: &'static str,
    /// Behind the path of a picture: how closely to look.
    pub image_detail: &'static str,
    /// Behind the path of a call: its arguments.
    pub arguments: &'static str,
}

impl Default for Words {
    fn default() -> Words {
        Words {
            turns: "messages",
            output: "response_format",
            reasoning: "reasoning_effort",
            stop: "stop",
            max_output_tokens: "max_tokens",
            image_detail: ".image_url.detail",
            arguments: ".function.arguments",
        }
    }
}

/// The words of the caller's protocol, and the path of each part of each turn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// What the caller's protocol calls its fields.
    pub words: Words,
    /// For each turn, for each of its parts: `messages[2].content[0]`.
    pub parts: Vec<Vec<String>>,
}

impl Places {
    /// The path of a part; of the turn by its number where nobody noted it.
    pub fn part(&self, turn: usize, part: usize) -> String {
        let noted = self.parts.get(turn).and_then(|turn| turn.get(part));
        noted.cloned().unwrap_or_else(|| format!("{}[{turn}]", self.words.turns))
    }
}
