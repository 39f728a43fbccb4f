#![allow(clippy::unwrap_used)]

use super::*;

/// Feeds pieces; what was shown for each, and whether a stop sequence was reached.
fn shown(sequences: &[&str], pieces: &[&str]) -> (Vec<String>, bool, String) {
    let sequences: Vec<String> = sequences.iter().map(|sequence| (*sequence).to_owned()).collect();
    let mut scan = StopScan::new(&sequences);
    let mut out = Vec::new();
    for piece in pieces {
        let (text, stopped) = scan.push(piece);
        out.push(text);
        if stopped {
            return (out, true, scan.finish());
        }
    }
    (out, false, scan.finish())
}

#[test]
fn without_stop_sequences_every_piece_is_shown_at_once() {
    assert_eq!(shown(&[], &["a", "", "b"]), (vec!["a".into(), String::new(), "b".into()], false, String::new()));
}

#[test]
fn a_stop_sequence_across_pieces_is_never_shown() {
    let (out, stopped, rest) = shown(&["END"], &["one E", "N", "D two"]);
    assert_eq!((out.concat().as_str(), stopped, rest.as_str()), ("one ", true, ""));
}

#[test]
fn a_beginning_that_comes_to_nothing_is_shown_later() {
    let (out, stopped, rest) = shown(&["END"], &["an E", "N", "T", "RY"]);
    assert_eq!(out, vec!["an ", "", "ENT", "RY"]);
    assert_eq!((stopped, rest.as_str()), (false, ""));
}

#[test]
fn what_is_still_held_at_the_end_is_given_back() {
    let (out, stopped, rest) = shown(&["\n\n"], &["line\n"]);
    assert_eq!((out.concat().as_str(), stopped, rest.as_str()), ("line", false, "\n"));
}

#[test]
fn the_first_of_several_sequences_in_the_text_wins() {
    let (out, stopped, _) = shown(&["later", "soon"], &["now soon later"]);
    assert_eq!((out.concat().as_str(), stopped), ("now ", true));
}

#[test]
fn sequences_of_several_bytes_per_character_are_cut_at_characters() {
    let (out, stopped, _) = shown(&["é!"], &["caf", "é", " é", "!"]);
    assert_eq!((out.concat().as_str(), stopped), ("café ", true));
}
