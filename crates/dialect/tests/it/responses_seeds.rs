//! The seeds of the fuzz target `responses`, in the ordinary tests.

#[path = "../../../../fuzz/properties/responses.rs"]
mod responses;

use crate::order;

#[test]
fn every_seed_of_responses_holds() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/responses");
    let mut tried = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        responses::check(&std::fs::read(entry.unwrap().path()).unwrap());
        tried += 1;
    }
    assert!(tried >= 50, "{tried} seeds in `{folder}`");
}
