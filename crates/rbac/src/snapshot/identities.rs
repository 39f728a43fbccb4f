//! Who each principal is to the index: its own number and those of its groups.

use super::paged::Paged;

/// One edit copies the identities of this many principals.
const CHUNK: usize = 64;

/// A sorted list of numbers for each principal, by its number; empty until it is set.
#[derive(Clone, Default)]
pub(crate) struct Identities {
    chunks: Paged<Chunk>,
}

/// The lists of 64 principals, one behind the other.
#[derive(Clone)]
struct Chunk {
    /// In here and not behind a pointer, which a decision would wait for. Where nothing was set: where all ids end.
    ends: [u32; CHUNK],
    ids: Vec<u32>,
}

impl FromIterator<Vec<u32>> for Identities {
    fn from_iter<I: IntoIterator<Item = Vec<u32>>>(identities: I) -> Identities {
        let mut identities = identities.into_iter().peekable();
        let chunks = std::iter::from_fn(|| {
            identities.peek()?;
            let mut chunk = Chunk::default();
            for end in &mut chunk.ends {
                chunk.ids.extend(identities.next().unwrap_or_default());
                *end = chunk.ids.len() as u32;
            }
            chunk.ids.shrink_to_fit();
            Some(chunk)
        });
        Identities { chunks: chunks.collect() }
    }
}

impl Identities {
    pub(crate) fn get(&self, number: u32) -> &[u32] {
        let Some(chunk) = self.chunks.get(number as usize / CHUNK) else {
            return &[];
        };
        let (start, end) = chunk.bounds(number as usize % CHUNK);
        chunk.ids.get(start..end).unwrap_or_default()
    }

    pub(crate) fn set(&mut self, number: u32, identity: &[u32]) {
        let (chunk, at) = (number as usize / CHUNK, number as usize % CHUNK);
        while self.chunks.len() <= chunk {
            self.chunks.push(Chunk::default());
        }
        let Some(chunk) = self.chunks.get_mut(chunk) else {
            return;
        };
        let (start, end) = chunk.bounds(at);
        chunk.ids.splice(start..end, identity.iter().copied());
        for later in chunk.ends.iter_mut().skip(at) {
            *later = *later - (end - start) as u32 + identity.len() as u32;
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.chunks.bytes() + self.chunks.iter().map(|chunk| chunk.ids.capacity() * 4).sum::<usize>()
    }
}

impl Default for Chunk {
    fn default() -> Chunk {
        Chunk { ends: [0; CHUNK], ids: Vec::new() }
    }
}

impl Chunk {
    fn bounds(&self, at: usize) -> (usize, usize) {
        let end = |at: usize| self.ends.get(at).map_or(0, |end| *end as usize);
        (at.checked_sub(1).map_or(0, end), end(at))
    }
}
