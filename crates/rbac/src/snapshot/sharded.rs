//! A hash map of which one edit copies a small part.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};

use foldhash::fast::RandomState;

use super::paged::Paged;

/// Nodes of 64 shards each: an edit of a map of a million entries copies 250 of them, and two lists of 64 pointers.
const NODES: usize = 64;
/// All shards.
const SHARDS: usize = 64 * NODES;

type Shard<K, V> = HashMap<K, V, RandomState>;

/// A persistent map: clones share everything, a change copies one shard.
pub(crate) struct ShardedMap<K, V> {
    shards: Paged<Shard<K, V>>,
    hasher: RandomState,
}

impl<K, V> Clone for ShardedMap<K, V> {
    fn clone(&self) -> Self {
        ShardedMap { shards: self.shards.clone(), hasher: self.hasher.clone() }
    }
}

impl<K, V> Default for ShardedMap<K, V> {
    fn default() -> Self {
        let hasher = RandomState::default();
        ShardedMap { shards: Paged::repeated(HashMap::with_hasher(hasher.clone()), NODES), hasher }
    }
}

impl<K: Eq + Hash + Clone, V: Clone> ShardedMap<K, V> {
    /// A map of many entries, made shard by shard. Of two with the same key the first counts; the values of the others
    /// are returned.
    pub(crate) fn of_many(entries: impl Iterator<Item = (K, V)>) -> (ShardedMap<K, V>, Vec<V>) {
        let mut map = ShardedMap::default();
        let mut by_shard: Vec<Vec<(K, V)>> = (0..SHARDS).map(|_| Vec::new()).collect();
        for (key, value) in entries {
            if let Some(shard) = by_shard.get_mut(map.shard_of(&key)) {
                shard.push((key, value));
            }
        }
        let mut left_over = Vec::new();
        map.shards = by_shard.into_iter().map(|entries| shard(entries, &map.hasher, &mut left_over)).collect();
        (map, left_over)
    }

    pub(crate) fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.shards.get(self.shard_of(key))?.get(key)
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        let at = self.shard_of(&key);
        if let Some(shard) = self.shards.get_mut(at) {
            shard.insert(key, value);
        }
    }

    pub(crate) fn remove<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.get(key)?;
        let at = self.shard_of(key);
        self.shards.get_mut(at)?.remove(key)
    }

    /// Bytes, without what keys and values point to: a byte of control and one entry for each place of each table.
    pub(crate) fn bytes(&self) -> usize {
        let places = |shard: &Shard<K, V>| match shard.capacity() {
            0 => 0,
            // Tables are filled up to seven eighths of a power of two.
            capacity => (capacity * 8 / 7).next_power_of_two(),
        };
        self.shards.bytes() + self.shards.iter().map(|shard| places(shard) * (size_of::<(K, V)>() + 1)).sum::<usize>()
    }

    /// The map inside a shard uses the lowest and the highest bits of the same hash; the shard is chosen by others.
    fn shard_of<Q: Hash + ?Sized>(&self, key: &Q) -> usize {
        (self.hasher.hash_one(key) >> 32) as usize % SHARDS
    }
}

fn shard<K: Eq + Hash, V>(entries: Vec<(K, V)>, hasher: &RandomState, left_over: &mut Vec<V>) -> Shard<K, V> {
    use std::collections::hash_map::Entry;
    let mut shard = HashMap::with_capacity_and_hasher(entries.len(), hasher.clone());
    for (key, value) in entries {
        match shard.entry(key) {
            Entry::Occupied(_) => left_over.push(value),
            Entry::Vacant(place) => {
                place.insert(value);
            }
        }
    }
    shard
}
