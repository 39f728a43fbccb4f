//! Who each principal is to the index: its own number and those of its groups, and what names it itself.

use super::paged::Paged;
use super::people::Held;

/// One edit copies the lists of this many principals.
const CHUNK: usize = 64;

/// Two lists for each principal, by its number; empty until they are set.
#[derive(Clone, Default)]
pub(crate) struct Identities {
    chunks: Paged<Chunk>,
}

/// The lists of 64 principals.
#[derive(Clone, Default)]
struct Chunk {
    ids: Lists<u32>,
    own: Lists<Held>,
}

/// Lists one behind the other.
#[derive(Clone)]
struct Lists<T> {
    /// In here and not behind a pointer, which a decision would wait for. Where nothing was set: where all elements end.
    ends: [u32; CHUNK],
    elements: Vec<T>,
}

impl Identities {
    /// Of `count` principals at once: the ids of each, and what names it.
    pub(crate) fn of_many<'a>(
        count: usize,
        mut ids: impl FnMut(u32) -> Vec<u32>,
        own: impl Fn(u32) -> &'a [Held],
    ) -> Identities {
        let numbers: Vec<u32> = (0..count as u32).collect();
        let chunks = numbers.chunks(CHUNK).map(|numbers| {
            let mut chunk = Chunk::default();
            for (at, number) in numbers.iter().enumerate() {
                chunk.ids.push(at, &ids(*number));
                chunk.own.push(at, own(*number));
            }
            chunk.ids.elements.shrink_to_fit();
            chunk.own.elements.shrink_to_fit();
            chunk
        });
        Identities { chunks: chunks.collect() }
    }

    /// The principal and its groups, sorted.
    #[inline]
    pub(crate) fn ids(&self, number: u32) -> &[u32] {
        self.chunk(number).map(|chunk| chunk.ids.get(place(number))).unwrap_or_default()
    }

    /// What names the principal itself, sorted.
    #[inline]
    pub(crate) fn own(&self, number: u32) -> &[Held] {
        self.chunk(number).map(|chunk| chunk.own.get(place(number))).unwrap_or_default()
    }

    pub(crate) fn set_ids(&mut self, number: u32, ids: &[u32]) {
        if let Some(chunk) = self.chunk_mut(number) {
            chunk.ids.set(place(number), ids);
        }
    }

    pub(crate) fn set_own(&mut self, number: u32, own: &[Held]) {
        if let Some(chunk) = self.chunk_mut(number) {
            chunk.own.set(place(number), own);
        }
    }

    /// Bytes of the ids, and of what leads to both lists.
    pub(crate) fn id_bytes(&self) -> usize {
        self.chunks.bytes() + self.chunks.iter().map(|chunk| chunk.ids.elements.capacity() * 4).sum::<usize>()
    }

    /// Bytes of what names the principals.
    pub(crate) fn own_bytes(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.own.elements.capacity() * size_of::<Held>()).sum()
    }

    fn chunk(&self, number: u32) -> Option<&Chunk> {
        self.chunks.get(number as usize / CHUNK)
    }

    fn chunk_mut(&mut self, number: u32) -> Option<&mut Chunk> {
        let chunk = number as usize / CHUNK;
        while self.chunks.len() <= chunk {
            self.chunks.push(Chunk::default());
        }
        self.chunks.get_mut(chunk)
    }
}

impl<T> Default for Lists<T> {
    fn default() -> Lists<T> {
        Lists { ends: [0; CHUNK], elements: Vec::new() }
    }
}

impl<T: Copy> Lists<T> {
    #[inline]
    fn get(&self, at: usize) -> &[T] {
        let (start, end) = self.bounds(at);
        self.elements.get(start..end).unwrap_or_default()
    }

    fn set(&mut self, at: usize, list: &[T]) {
        let (start, end) = self.bounds(at);
        self.elements.splice(start..end, list.iter().copied());
        for later in self.ends.iter_mut().skip(at) {
            *later = *later - (end - start) as u32 + list.len() as u32;
        }
    }

    /// Sets the list behind all that were set.
    fn push(&mut self, at: usize, list: &[T]) {
        self.elements.extend_from_slice(list);
        let end = self.elements.len() as u32;
        self.ends.iter_mut().skip(at).for_each(|later| *later = end);
    }

    fn bounds(&self, at: usize) -> (usize, usize) {
        let end = |at: usize| self.ends.get(at).map_or(0, |end| *end as usize);
        (at.checked_sub(1).map_or(0, end), end(at))
    }
}

/// Which of the 64 a principal is.
fn place(number: u32) -> usize {
    number as usize % CHUNK
}
