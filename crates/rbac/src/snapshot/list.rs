//! A vector of which one edit copies a small part.

use super::paged::Paged;

/// A persistent vector: clones share everything, a change copies `CHUNK` elements.
pub(crate) struct List<T, const CHUNK: usize> {
    chunks: Paged<Vec<T>>,
    len: usize,
}

impl<T, const CHUNK: usize> Clone for List<T, CHUNK> {
    fn clone(&self) -> Self {
        List { chunks: self.chunks.clone(), len: self.len }
    }
}

impl<T, const CHUNK: usize> Default for List<T, CHUNK> {
    fn default() -> Self {
        List { chunks: Paged::default(), len: 0 }
    }
}

impl<T: Clone, const CHUNK: usize> From<Vec<T>> for List<T, CHUNK> {
    fn from(elements: Vec<T>) -> Self {
        List { chunks: elements.chunks(CHUNK).map(<[T]>::to_vec).collect(), len: elements.len() }
    }
}

impl<T, const CHUNK: usize> List<T, CHUNK> {
    pub(crate) fn get(&self, at: usize) -> Option<&T> {
        self.chunks.get(at / CHUNK)?.get(at % CHUNK)
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flatten()
    }

    /// Bytes, without what the elements point to.
    pub(crate) fn bytes(&self) -> usize {
        self.chunks.bytes() + self.chunks.iter().map(|chunk| chunk.capacity() * size_of::<T>()).sum::<usize>()
    }
}

impl<T: Clone, const CHUNK: usize> List<T, CHUNK> {
    pub(crate) fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        self.chunks.get_mut(at / CHUNK)?.get_mut(at % CHUNK)
    }

    pub(crate) fn push(&mut self, element: T) {
        let chunk = self.len / CHUNK;
        if chunk == self.chunks.len() {
            self.chunks.push(Vec::with_capacity(CHUNK));
        }
        if let Some(chunk) = self.chunks.get_mut(chunk) {
            chunk.push(element);
            self.len += 1;
        }
    }
}
