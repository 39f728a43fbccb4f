//! A vector of chunks of which one edit copies a small part.

use std::iter::repeat_n;
use std::sync::Arc;

/// Chunks per node. An edit of a million entries in chunks of some thousands copies one chunk, the 64 pointers beside it
/// and the few pointers to the nodes.
const NODE: usize = 64;

type Node<T> = Arc<[Arc<T>]>;

/// A persistent vector of chunks: clones share everything, a change copies one chunk and the pointers on the way to it.
pub(crate) struct Paged<T> {
    nodes: Arc<[Node<T>]>,
}

impl<T> Clone for Paged<T> {
    fn clone(&self) -> Paged<T> {
        Paged { nodes: Arc::clone(&self.nodes) }
    }
}

impl<T> Default for Paged<T> {
    fn default() -> Paged<T> {
        Paged { nodes: Arc::default() }
    }
}

impl<T> FromIterator<T> for Paged<T> {
    fn from_iter<I: IntoIterator<Item = T>>(chunks: I) -> Paged<T> {
        let chunks: Vec<Arc<T>> = chunks.into_iter().map(Arc::new).collect();
        Paged { nodes: chunks.chunks(NODE).map(Arc::from).collect() }
    }
}

impl<T> Paged<T> {
    /// The same chunk `NODE` times `nodes` times, shared until it is changed.
    pub(crate) fn repeated(chunk: T, nodes: usize) -> Paged<T> {
        let node: Node<T> = repeat_n(Arc::new(chunk), NODE).collect();
        Paged { nodes: repeat_n(node, nodes).collect() }
    }

    pub(crate) fn get(&self, at: usize) -> Option<&T> {
        self.nodes.get(at / NODE)?.get(at % NODE).map(Arc::as_ref)
    }

    /// How many chunks there are.
    pub(crate) fn len(&self) -> usize {
        self.nodes.last().map_or(0, |last| (self.nodes.len() - 1) * NODE + last.len())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.nodes.iter().flat_map(|node| node.iter()).map(Arc::as_ref)
    }

    /// Bytes of pointers, reference counts and the chunks' own fixed part.
    pub(crate) fn bytes(&self) -> usize {
        let counts = 2 * size_of::<usize>();
        self.nodes.len() * (size_of::<Node<T>>() + counts)
            + self.len() * (size_of::<Arc<T>>() + counts + size_of::<T>())
    }
}

impl<T: Clone> Paged<T> {
    pub(crate) fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        let node = Arc::make_mut(&mut self.nodes).get_mut(at / NODE)?;
        Arc::make_mut(node).get_mut(at % NODE).map(Arc::make_mut)
    }

    pub(crate) fn push(&mut self, chunk: T) {
        let chunk = Arc::new(chunk);
        let (whole, part) = match self.nodes.split_last() {
            Some((last, whole)) if last.len() < NODE => (whole, last.as_ref()),
            _ => (self.nodes.as_ref(), [].as_slice()),
        };
        let node: Node<T> = part.iter().cloned().chain([chunk]).collect();
        self.nodes = whole.iter().cloned().chain([node]).collect();
    }
}
