//! Stop sequences in a text that arrives in pieces.

/// Watches for stop sequences. Text that could be the beginning of one is held back until it is decided.
pub(crate) struct StopScan<'a> {
    sequences: &'a [String],
    held: String,
}

impl<'a> StopScan<'a> {
    pub(crate) fn new(sequences: &'a [String]) -> StopScan<'a> {
        StopScan { sequences, held: String::new() }
    }

    /// Takes the next text. Returns what may be shown now, and whether a stop sequence was reached (it is not shown).
    pub(crate) fn push(&mut self, text: &str) -> (String, bool) {
        self.held.push_str(text);
        let first = self.sequences.iter().filter_map(|sequence| self.held.find(sequence.as_str())).min();
        if let Some(at) = first {
            let shown = self.held.get(..at).unwrap_or_default().to_owned();
            self.held.clear();
            return (shown, true);
        }
        let rest = self.held.split_off(self.held.len() - self.undecided());
        (std::mem::replace(&mut self.held, rest), false)
    }

    /// What was held back, when no more text comes.
    pub(crate) fn finish(self) -> String {
        self.held
    }

    /// Bytes at the end of the held text that begin a stop sequence, always whole characters.
    fn undecided(&self) -> usize {
        let begins = |at: &usize| {
            let tail = self.held.get(*at..).unwrap_or_default();
            self.sequences.iter().any(|sequence| sequence.starts_with(tail))
        };
        self.held.char_indices().map(|(at, _)| at).find(begins).map_or(0, |at| self.held.len() - at)
    }
}

#[cfg(test)]
mod tests;
