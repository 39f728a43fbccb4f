//! A value written again without blanks, as `serde_json` writes it, and without building it.

use crate::{Kind, Node};

impl Node<'_> {
    /// The value as `serde_json` prints it: without blanks, with the fewest escapes, numbers in their shortest form.
    pub fn compact(self) -> String {
        let mut out = Vec::with_capacity(self.raw().len());
        self.print(&mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    fn print(self, out: &mut Vec<u8>) {
        match self.kind() {
            Kind::Null | Kind::False | Kind::True | Kind::Plain => out.extend_from_slice(self.raw()),
            Kind::Number if self.as_u64().is_some() => out.extend_from_slice(self.raw()),
            Kind::Number | Kind::Escaped => out.extend_from_slice(self.to_value().to_string().as_bytes()),
            Kind::List => {
                out.push(b'[');
                for (count, item) in self.items().enumerate() {
                    comma(count, out);
                    item.print(out);
                }
                out.push(b']');
            }
            Kind::Object => {
                out.push(b'{');
                for (count, (name, value)) in self.members().enumerate() {
                    comma(count, out);
                    name.print(out);
                    out.push(b':');
                    value.print(out);
                }
                out.push(b'}');
            }
        }
    }
}

fn comma(before: usize, out: &mut Vec<u8>) {
    if before > 0 {
        out.push(b',');
    }
}
