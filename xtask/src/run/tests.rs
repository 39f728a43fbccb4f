use super::*;

#[test]
fn the_lines_to_copy_are_the_readme_s_with_this_machine_s_paths() {
    let lines = next_lines(Path::new("/data"), Path::new("/venv")).unwrap();
    assert!(lines.contains("\n. /data/demo.env\n"), "{lines}");
    assert!(lines.contains("export PATH=\"/venv/bin:$PATH\""), "{lines}");
    assert!(lines.contains("az login") && lines.contains("az role assignment create"), "{lines}");
    assert!(!lines.contains(DEMO), "{lines}");
}
