//! `cargo xtask bless`: golden files, rewritten from what the code does now.

use anyhow::{Result, ensure};

use crate::place::cargo;
use crate::step::step;

pub(crate) const HELP: &str = "\
cargo xtask bless

Runs the Rust tests and rewrites every golden file (routes.golden, wire goldens) that differs. Read the diff before you
commit it: it is the change that users will see.

Example:
  cargo xtask bless && git diff conformance";

pub(crate) fn bless(arguments: &[String]) -> Result<()> {
    ensure!(arguments.is_empty(), "`bless` takes no arguments");
    let mut tests = cargo(&["test", "--workspace", "--locked"]);
    step("bless", tests.env("CUPOLA_BLESS", "1").env("INSTA_UPDATE", "always").env("INSTA_FORCE_PASS", "1"))
}
