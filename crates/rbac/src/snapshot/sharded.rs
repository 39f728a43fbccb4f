//! A hash map of which one edit copies a small part.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

use foldhash::fast::RandomState;

/// An edit of a map of 100 000 entries copies 400 of them; the pointers themselves are 2 KiB.
const SHARDS: usize = 256;

/// A persistent map: clones share everything, a change copies one shard.
#[derive(Clone)]
pub(crate) struct ShardedMap<K, V> {
    shards: Arc<Vec<Arc<HashMap<K, V, RandomState>>>>,
    hasher: RandomState,
}

impl<K: Eq + Hash + Clone, V: Clone> ShardedMap<K, V> {
    pub(crate) fn new() -> ShardedMap<K, V> {
        let hasher = RandomState::default();
        let empty = Arc::new(HashMap::with_hasher(hasher.clone()));
        ShardedMap { shards: Arc::new(vec![empty; SHARDS]), hasher }
    }

    pub(crate) fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.shards.get(self.shard_of(key))?.get(key)
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        let at = self.shard_of(&key);
        if let Some(shard) = Arc::make_mut(&mut self.shards).get_mut(at) {
            Arc::make_mut(shard).insert(key, value);
        }
    }

    pub(crate) fn get_mut<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let at = self.shard_of(key);
        Arc::make_mut(Arc::make_mut(&mut self.shards).get_mut(at)?).get_mut(key)
    }

    pub(crate) fn remove<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.get(key)?;
        let at = self.shard_of(key);
        Arc::make_mut(Arc::make_mut(&mut self.shards).get_mut(at)?).remove(key)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.shards.iter().flat_map(|shard| shard.iter())
    }

    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.len()).sum()
    }

    /// The map inside a shard uses the lowest and the highest bits of the same hash; the shard is chosen by others.
    fn shard_of<Q: Hash + ?Sized>(&self, key: &Q) -> usize {
        (self.hasher.hash_one(key) >> 32) as usize % SHARDS
    }
}
