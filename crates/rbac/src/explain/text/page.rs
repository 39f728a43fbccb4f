//! Lines with their indentation.

use uuid::Uuid;

use super::NameOf;

/// Spaces per level.
const INDENT: usize = 2;
/// Sentences are broken behind this column; ids and commands are not, so that they can be copied.
const WIDTH: usize = 100;

pub(super) struct Page<'a> {
    text: String,
    depth: usize,
    name_of: NameOf<'a>,
}

impl<'a> Page<'a> {
    pub(super) fn new(name_of: NameOf<'a>) -> Page<'a> {
        Page { text: String::new(), depth: 0, name_of }
    }

    /// Roles, denies and attributes are named by anybody: what a terminal would obey becomes a replacement character.
    pub(super) fn line(&mut self, line: &str) {
        self.text.extend(std::iter::repeat_n(' ', self.depth * INDENT));
        self.text.extend(line.chars().map(|character| match character {
            '\n' | '\r' | '\t' => ' ',
            character if character.is_control() => char::REPLACEMENT_CHARACTER,
            character => character,
        }));
        self.text.push('\n');
    }

    /// A sentence, broken at spaces.
    pub(super) fn sentence(&mut self, sentence: &str) {
        let mut line = String::new();
        for word in sentence.split(' ') {
            if !line.is_empty() && self.depth * INDENT + line.chars().count() + word.chars().count() >= WIDTH {
                self.line(&line);
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        self.line(&line);
    }

    /// A blank line, a title, and what stands below it.
    pub(super) fn section(&mut self, title: &str, content: impl FnOnce(&mut Page<'a>)) {
        self.text.push('\n');
        self.line(title);
        self.indented(content);
    }

    pub(super) fn indented(&mut self, content: impl FnOnce(&mut Page<'a>)) {
        self.depth += 1;
        content(self);
        self.depth -= 1;
    }

    /// A principal's object id, behind its name if that is known.
    pub(super) fn principal(&self, id: Uuid) -> String {
        match (self.name_of)(id) {
            Some(name) => format!("{name} ({id})"),
            None => id.to_string(),
        }
    }

    /// A sentence with the names of these principals in place of their object ids.
    pub(super) fn named(&self, sentence: &str, principals: impl Iterator<Item = Uuid>) -> String {
        principals.fold(sentence.to_owned(), |sentence, id| match (self.name_of)(id) {
            Some(name) => sentence.replace(&id.to_string(), &name),
            None => sentence,
        })
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }
}
