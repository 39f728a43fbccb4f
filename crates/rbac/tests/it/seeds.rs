//! The seeds of the fuzz targets `action_patterns` and `conditions`, in the ordinary tests; and all short patterns over a
//! small alphabet.

#[path = "../../../../fuzz/properties/action_patterns.rs"]
mod action_patterns;

use crate::second_opinion::pattern;

fn each_seed(target: &str, least: usize, check: fn(&[u8])) {
    let folder = format!("{}/../../fuzz/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
    let mut tried = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        check(&std::fs::read(entry.unwrap().path()).unwrap());
        tried += 1;
    }
    assert!(tried >= least, "{tried} seeds in `{folder}`");
}

#[test]
fn every_seed_of_action_patterns_holds() {
    each_seed("action_patterns", 20, action_patterns::check);
}

#[test]
fn every_seed_of_conditions_holds() {
    each_seed("conditions", 40, crate::second_opinion::check);
}

/// Every text over `letters` of up to `longest` bytes.
fn texts(letters: &[u8], longest: u32) -> Vec<Vec<u8>> {
    let mut all = vec![Vec::new()];
    let mut last = all.clone();
    for _ in 0..longest {
        last = last.iter().flat_map(|text| letters.iter().map(move |letter| [text, &[*letter][..]].concat())).collect();
        all.extend_from_slice(&last);
    }
    all
}

#[test]
fn every_short_pattern_matches_as_the_rule_says() {
    let actions = texts(b"a/", 5);
    for pattern in texts(b"a/*", 5) {
        for action in &actions {
            action_patterns::check(&[&pattern[..], b"\n", action].concat());
        }
    }
}
