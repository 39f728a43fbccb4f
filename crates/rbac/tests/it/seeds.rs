//! The seeds of the fuzz target `action_patterns`, in the ordinary tests; and all short patterns over a small alphabet.

#[path = "../../../../fuzz/properties/action_patterns.rs"]
mod action_patterns;

#[test]
fn every_seed_of_action_patterns_holds() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/action_patterns");
    let mut tried = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        action_patterns::check(&std::fs::read(entry.unwrap().path()).unwrap());
        tried += 1;
    }
    assert!(tried >= 20, "{tried} seeds in `{folder}`");
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
