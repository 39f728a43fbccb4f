#![allow(clippy::indexing_slicing)]

use super::{Rank, order};

fn rank(priority: u32, weight: u32) -> Rank {
    Rank { priority, weight }
}

#[test]
fn a_lower_priority_number_is_always_asked_first() {
    let ranks = [rank(2, 100), rank(1, 1), rank(3, 1), rank(1, 5)];
    for lot in 0..500 {
        let asked = order(&ranks, lot);
        assert_eq!(asked[2..], [0, 2], "{asked:?}");
    }
}

#[test]
fn within_a_priority_the_weight_is_the_share_of_being_first() {
    let ranks = [rank(1, 3), rank(1, 1)];
    let first = (0..10_000).filter(|lot| order(&ranks, *lot)[0] == 0).count();
    assert!((7_300..7_700).contains(&first), "{first} of 10000");
}

#[test]
fn everybody_is_asked_once_in_the_end_also_without_weight() {
    for lot in 0..100 {
        let mut asked = order(&[rank(1, 0), rank(1, 0), rank(1, 2), rank(0, 0)], lot);
        asked.sort_unstable();
        assert_eq!(asked, [0, 1, 2, 3]);
    }
    assert!(order(&[], 7).is_empty());
}
