#![allow(clippy::indexing_slicing)]

use super::*;

/// The lengths of the texts in each batch.
fn widths(lengths: &[usize]) -> Vec<Vec<usize>> {
    let texts: Vec<Vec<u32>> = lengths.iter().map(|length| vec![1; *length]).collect();
    batches(&texts).iter().map(|batch| batch.iter().map(|(_, tokens)| tokens.len()).collect()).collect()
}

#[test]
fn texts_of_like_length_are_computed_together() {
    assert_eq!(widths(&[3, 250, 4, 240, 3]), vec![vec![250], vec![240], vec![4, 3, 3]]);
}

#[test]
fn a_batch_with_its_padding_stays_within_its_bound() {
    assert_eq!(widths(&[128, 128, 2]), vec![vec![128, 128], vec![2]]);
    assert_eq!(widths(&[100, 99, 98]), vec![vec![100, 99], vec![98]]);
    assert!(widths(&[]).is_empty());
}

#[test]
fn every_text_keeps_its_place() {
    let texts = [vec![7], vec![8, 8], vec![9, 9, 9]];
    let mut seen: Vec<(usize, u32)> =
        batches(&texts).concat().iter().map(|(index, tokens)| (*index, tokens[0])).collect();
    seen.sort_unstable();
    assert_eq!(seen, vec![(0, 7), (1, 8), (2, 9)]);
}
