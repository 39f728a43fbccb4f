//! In which order the upstreams of a model are asked: by priority, and by weight within one.

/// The place of an upstream among those of its model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rank {
    /// The lowest is asked first; another only when all of the lower ones rest or failed.
    pub(crate) priority: u32,
    /// Its share of the requests among those of the same priority.
    pub(crate) weight: u32,
}

/// The indexes of `ranks` in the order to ask, for a number that differs from request to request.
pub(crate) fn order(ranks: &[Rank], lot: u64) -> Vec<usize> {
    let mut left: Vec<(usize, Rank)> = ranks.iter().copied().enumerate().collect();
    left.sort_by_key(|(_, rank)| rank.priority);
    let mut lot = Lot(lot);
    let mut ordered = Vec::with_capacity(left.len());
    while let Some((_, first)) = left.first() {
        let group = left.iter().take_while(|(_, rank)| rank.priority == first.priority);
        let total: u64 = group.clone().map(|(_, rank)| u64::from(rank.weight)).sum();
        let mut drawn = if total == 0 { 0 } else { lot.next() % total };
        let at = group.map(|(_, rank)| u64::from(rank.weight)).position(|weight| match drawn < weight {
            true => true,
            false => {
                drawn -= weight;
                false
            }
        });
        ordered.push(left.remove(at.unwrap_or(0)).0);
    }
    ordered
}

/// Numbers that look drawn, from one that was (splitmix64).
struct Lot(u64);

impl Lot {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests;
