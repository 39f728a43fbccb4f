//! The seeds of the fuzz target `resource_ids`, in the ordinary tests.

#[path = "../../../../fuzz/properties/resource_ids.rs"]
mod resource_ids;

#[test]
fn every_seed_of_resource_ids_holds() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/resource_ids");
    let mut tried = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        resource_ids::check(&std::fs::read(entry.unwrap().path()).unwrap());
        tried += 1;
    }
    assert!(tried >= 40, "{tried} seeds in `{folder}`");
}
