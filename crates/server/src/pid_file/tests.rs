#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use super::*;

#[test]
fn a_server_is_found_while_it_serves_and_what_a_killed_one_left_is_not_believed() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(serving(dir.path()).unwrap(), None);
    let file = PidFile::write(dir.path()).unwrap();
    assert_eq!(serving(dir.path()).unwrap().map(Pid::as_raw_pid), i32::try_from(std::process::id()).ok());
    drop(file);
    assert!(dir.path().join(NAME).exists(), "as after a kill");
    assert_eq!(serving(dir.path()).unwrap(), None);
    PidFile::write(dir.path()).unwrap();
}

#[test]
fn a_file_that_names_no_process_while_it_is_locked_is_said() {
    let dir = tempfile::tempdir().unwrap();
    for text in ["", "0", "me"] {
        std::fs::write(dir.path().join(NAME), text).unwrap();
        let held = File::open(dir.path().join(NAME)).unwrap();
        held.try_lock().unwrap();
        assert!(serving(dir.path()).unwrap_err().to_string().contains("names no process"), "{text:?}");
    }
}
