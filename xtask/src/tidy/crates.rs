//! Crates: what each may use. An arrow that is not here is a design change and belongs into ARCHITECTURE.md first.

use anyhow::Result;

use super::Source;
use crate::place::cargo;
use crate::step::output;

/// Each crate with the crates of this workspace that it may use, lowest first.
const ORDER: [(&str, &[&str]); 16] = [
    ("arm", &[]),
    ("rbac", &["arm"]),
    ("resources", &["arm"]),
    ("tape", &[]),
    ("dialect", &["tape"]),
    ("metering", &[]),
    ("local-model", &[]),
    ("store", &["arm", "rbac"]),
    ("egress", &["arm"]),
    ("identity", &["arm", "rbac", "store"]),
    ("access", &["arm", "tape", "rbac", "store", "identity"]),
    ("control", &["arm", "rbac", "resources", "store", "access"]),
    (
        "gateway",
        &["arm", "tape", "rbac", "resources", "dialect", "metering", "local-model", "store", "egress", "access"],
    ),
    ("agents", &["arm", "rbac", "resources", "dialect", "store", "egress", "access", "gateway"]),
    ("directory", &["arm", "rbac", "store", "identity", "access"]),
    (
        "server",
        &[
            "arm",
            "rbac",
            "resources",
            "dialect",
            "metering",
            "local-model",
            "store",
            "egress",
            "identity",
            "access",
            "control",
            "gateway",
            "agents",
            "directory",
        ],
    ),
];

/// Crates that decide without acting: no runtime, no sockets, no database.
const PURE: [&str; 7] = ["arm", "tape", "rbac", "resources", "dialect", "metering", "local-model"];
/// What a pure crate must not use.
const IMPURE: [&str; 9] =
    ["tokio", "hyper", "hyper-util", "axum", "sqlx", "reqwest", "rustls", "tokio-rustls", "tracing-subscriber"];

/// Findings in the manifests and the layout of the crates.
pub(super) fn findings(sources: &[Source]) -> Vec<String> {
    let mut findings = Vec::new();
    for source in sources {
        let Some((name, file)) = source.path.strip_prefix("crates/").and_then(|rest| rest.split_once('/')) else {
            continue;
        };
        match file {
            "Cargo.toml" => findings.extend(manifest(name, source)),
            "src/lib.rs" if !source.text.contains("\n//! Invariant: ") => {
                findings.push(format!("{}: the crate names no invariant (`//! Invariant: …`)", source.path));
            }
            _ => {}
        }
        let in_tests = file.strip_prefix("tests/");
        if in_tests.is_some_and(|file| file.ends_with(".rs") && !file.starts_with("it/")) {
            findings.push(format!("{}: integration tests live in the one binary tests/it", source.path));
        }
    }
    findings
}

fn manifest(name: &str, source: &Source) -> Vec<String> {
    let Some((_, may)) = ORDER.iter().find(|(known, _)| *known == name) else {
        return vec![format!("{}: `{name}` has no place in the order of the crates", source.path)];
    };
    let mut findings = Vec::new();
    for used in dependencies(&source.text) {
        if ORDER.iter().any(|(known, _)| *known == used) && !may.contains(&used) {
            findings.push(format!("{}: `{name}` must not use `{used}`", source.path));
        }
        if PURE.contains(&name) && IMPURE.contains(&used) {
            findings.push(format!("{}: `{name}` is pure and must not use `{used}`", source.path));
        }
    }
    findings
}

/// The names under `[dependencies]`.
fn dependencies(manifest: &str) -> Vec<&str> {
    let section = manifest.split("\n[dependencies]\n").nth(1).unwrap_or_default();
    let lines = section.lines().take_while(|line| !line.starts_with('['));
    lines.filter_map(|line| line.split(['.', '=', ' ']).next()).filter(|name| !name.is_empty()).collect()
}

/// Packages that deny.toml bans and that are built all the same; `cargo deny` says more where it is installed.
pub(super) fn banned_packages() -> Result<Vec<String>> {
    let deny = std::fs::read_to_string(crate::place::root().join("deny.toml"))?;
    let banned = banned_in(&deny);
    let tree = output(&mut cargo(&[
        "tree",
        "--workspace",
        "--locked",
        "-e",
        "normal,build",
        "--prefix",
        "none",
        "-f",
        "{p}",
    ]))?;
    let mut built: Vec<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    built.sort_unstable();
    built.dedup();
    let found = built.into_iter().filter(|name| banned.contains(name));
    Ok(found.map(|name| format!("Cargo.lock: `{name}` is banned by deny.toml and is built")).collect())
}

/// The names of `crate = "…"` lines.
fn banned_in(deny: &str) -> Vec<&str> {
    deny.lines().filter_map(|line| line.trim().strip_prefix("{ crate = \"")?.split('"').next()).collect()
}

#[cfg(test)]
mod tests;
