//! Taking values apart that a writer put behind one another. Nothing is believed: what is longer than the rest, or no
//! text, or of an unknown kind is an error.

use uuid::Uuid;

use super::encoded::DecodeError;

/// A checksum has this many bytes.
const SUM_BYTES: usize = 4;

pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    /// What is being read, for messages.
    part: &'static str,
}

impl<'a> Reader<'a> {
    /// Of bytes that end in their checksum, without that.
    pub(crate) fn checked(bytes: &'a [u8]) -> Result<Reader<'a>, DecodeError> {
        let (rest, sum) = bytes.split_last_chunk::<SUM_BYTES>().ok_or(DecodeError::Damaged)?;
        if crc32fast::hash(rest) != u32::from_le_bytes(*sum) {
            return Err(DecodeError::Damaged);
        }
        Ok(Reader { rest, part: "head" })
    }

    /// Says what is read next.
    pub(crate) fn part(&mut self, part: &'static str) {
        self.part = part;
    }

    /// What is read now cannot be.
    pub(crate) fn wrong(&self) -> DecodeError {
        DecodeError::Malformed { part: self.part }
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<&'a [u8; N], DecodeError> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or_else(|| self.wrong())?;
        self.rest = rest;
        Ok(taken)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, DecodeError> {
        self.array().map(|[byte]| *byte)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, DecodeError> {
        self.array().map(|bytes| u16::from_le_bytes(*bytes))
    }

    pub(crate) fn u32(&mut self) -> Result<u32, DecodeError> {
        self.array().map(|bytes| u32::from_le_bytes(*bytes))
    }

    pub(crate) fn u64(&mut self) -> Result<u64, DecodeError> {
        self.array().map(|bytes| u64::from_le_bytes(*bytes))
    }

    pub(crate) fn uuid(&mut self) -> Result<Uuid, DecodeError> {
        self.array().map(|bytes| Uuid::from_bytes(*bytes))
    }

    pub(crate) fn flag(&mut self) -> Result<bool, DecodeError> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.wrong()),
        }
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, DecodeError> {
        let length = self.u32()? as usize;
        let (taken, rest) = self.rest.split_at_checked(length).ok_or_else(|| self.wrong())?;
        self.rest = rest;
        std::str::from_utf8(taken).map_err(|_| self.wrong())
    }

    pub(crate) fn maybe_text(&mut self) -> Result<Option<String>, DecodeError> {
        Ok(if self.flag()? { Some(self.text()?.to_owned()) } else { None })
    }

    /// As many elements as the number in front of them says; each has at least one byte.
    pub(crate) fn list<T>(
        &mut self,
        mut read: impl FnMut(&mut Reader<'a>) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        let count = self.u32()? as usize;
        if count > self.rest.len() {
            return Err(self.wrong());
        }
        (0..count).map(|_| read(self)).collect()
    }

    pub(crate) fn texts(&mut self) -> Result<Vec<String>, DecodeError> {
        self.list(|reader| reader.text().map(str::to_owned))
    }

    /// Nothing may be left.
    pub(crate) fn end(self) -> Result<(), DecodeError> {
        if self.rest.is_empty() { Ok(()) } else { Err(DecodeError::Malformed { part: "end" }) }
    }
}
