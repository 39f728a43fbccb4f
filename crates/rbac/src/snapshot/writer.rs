//! Putting values behind one another: little-endian, each list and text behind its length.

use uuid::Uuid;

#[derive(Default)]
pub(crate) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    pub(crate) fn with_capacity(bytes: usize) -> Writer {
        Writer { bytes: Vec::with_capacity(bytes) }
    }

    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    pub(crate) fn u8(&mut self, value: u8) {
        self.bytes.push(value);
    }

    pub(crate) fn u16(&mut self, value: u16) {
        self.raw(&value.to_le_bytes());
    }

    pub(crate) fn u32(&mut self, value: u32) {
        self.raw(&value.to_le_bytes());
    }

    pub(crate) fn u64(&mut self, value: u64) {
        self.raw(&value.to_le_bytes());
    }

    pub(crate) fn uuid(&mut self, id: Uuid) {
        self.raw(id.as_bytes());
    }

    pub(crate) fn flag(&mut self, value: bool) {
        self.u8(value.into());
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.u32(text.len() as u32);
        self.raw(text.as_bytes());
    }

    pub(crate) fn maybe_text(&mut self, text: Option<&str>) {
        self.flag(text.is_some());
        if let Some(text) = text {
            self.text(text);
        }
    }

    /// The elements behind their number.
    pub(crate) fn list<T>(&mut self, elements: impl ExactSizeIterator<Item = T>, write: impl Fn(&mut Writer, T)) {
        self.u32(elements.len() as u32);
        elements.for_each(|element| write(self, element));
    }

    pub(crate) fn texts(&mut self, texts: &[String]) {
        self.list(texts.iter(), |writer, text| writer.text(text));
    }

    /// Everything, with its checksum behind it.
    pub(crate) fn sealed(mut self) -> Vec<u8> {
        let sum = crc32fast::hash(&self.bytes);
        self.u32(sum);
        self.bytes
    }
}
