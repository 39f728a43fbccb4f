use super::Compiler;

const SAID: &str = "rustc 1.95.0 (59807616e 2026-04-14)\nbinary: rustc\nhost: x86_64-unknown-linux-gnu\nrelease: 1.95.0\nLLVM version: 22.1.2\n";

#[test]
fn the_compiler_says_its_host_and_which_tools_read_its_counts() {
    let compiler = Compiler::of(SAID).unwrap();
    assert_eq!(compiler, Compiler { host: "x86_64-unknown-linux-gnu".to_owned(), llvm_major: "22".to_owned() });
}

#[test]
fn a_compiler_without_llvm_is_refused() {
    let error = Compiler::of("rustc 1.95.0\nhost: x86_64-unknown-linux-gnu\n").unwrap_err();
    assert_eq!(error.to_string(), "`rustc -vV` says neither host nor LLVM version");
}

#[test]
fn a_tool_that_is_missing_is_named_with_the_package_that_has_it() {
    let compiler = Compiler::of(SAID).unwrap();
    assert!(compiler.missing("merge-fdata").contains("`merge-fdata` of LLVM 22; Debian's bolt-22 has it"));
    assert!(compiler.missing("llvm-objcopy").contains("`llvm-objcopy` of LLVM 22; Debian's llvm-22 has it"));
}
