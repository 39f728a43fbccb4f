//! `cargo xtask release`: the server built twice and then laid out anew, each time knowing where its work is.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::place::{cargo, models, server, target};
use crate::step::{output, step};
use crate::{bench, model};

pub(crate) const HELP: &str = "\
cargo xtask release

Builds the server as it is shipped, into target/trained/cupola. It is built with counters and asked a bit of everything (a
load through the gateway, every surface on the embedded models, sign-ins and lists); then built again with what was
counted, asked again, and its code laid out so that what runs together stands together. That halves the processor time
of a request. Takes as long as two release builds and three minutes.

It needs tools of the LLVM that rustc has (`rustc -vV` says which): `llvm-profdata` and `llvm-objcopy`, by
`rustup component add llvm-tools` or in Debian's llvm-NN; `llvm-bolt` and `merge-fdata`, in Debian's bolt-NN.

Example:
  cargo xtask release && target/trained/cupola --help";

/// The folder below the target folder, and what is in it.
pub(crate) const TRAINED: &str = "trained";
/// The build with counters. It has its own folder, since other flags are another build of everything.
const COUNTING: &str = "counting";

/// How the code is laid out: blocks by their likely order, functions by who calls whom, what hardly runs elsewhere.
const LAYOUT: [&str; 6] = [
    "-reorder-blocks=ext-tsp",
    "-reorder-functions=cdsort",
    "-split-functions",
    "-split-all-cold",
    "-split-eh",
    "-icf=1",
];

/// What `rustc -vV` says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Compiler {
    host: String,
    /// Of the LLVM in it, whose counts only tools of the same number are sure to read.
    llvm_major: String,
}

pub(crate) fn release(arguments: &[String]) -> Result<()> {
    ensure!(arguments.is_empty(), "`{}` is too much\n\n{HELP}", arguments.join(" "));
    let compiler = Compiler::of(&output(Command::new("rustc").arg("-vV"))?)?;
    // Asked for before anything that takes long.
    let tools = compiler.tools()?;
    bench::build_load()?;
    model::fetch()?;
    let counted = count(&compiler, &tools)?;
    let built = compiler.build(
        "build: with what was counted",
        &target().join(TRAINED),
        &format!("-Cprofile-use={}", counted.display()),
        // What moves code must find where it is referred to.
        &["-Cstrip=none", "-Clink-arg=-Wl,--emit-relocs"],
    )?;
    lay_out(&built, &tools)?;
    println!("{}", server(TRAINED).display());
    Ok(())
}

/// Builds the server with counters, has it asked, and returns the file of counts.
fn count(compiler: &Compiler, tools: &Tools) -> Result<PathBuf> {
    let folder = target().join(COUNTING);
    let counts = emptied(folder.join("counts"))?;
    let flag = format!("-Cprofile-generate={}", counts.display());
    let counting = compiler.build("build: with counters", &folder, &flag, &[])?;
    step("train", bench::load("train")?.arg(counting).arg(models()?))?;
    let merged = counts.with_file_name("merged.profdata");
    step("merge", Command::new(&tools.profdata).arg("merge").arg(counts).arg("-o").arg(&merged))?;
    Ok(merged)
}

/// Puts the server's code in the order in which it runs, and the server in its place.
fn lay_out(built: &Path, tools: &Tools) -> Result<()> {
    let folder = emptied(target().join(TRAINED).join("layout"))?;
    let [counting, counts, merged, laid] = ["counting", "counts", "merged", "laid"].map(|name| folder.join(name));
    let mut instrument = Command::new(&tools.bolt);
    instrument.arg(built).arg("-instrument").arg("-instrumentation-file-append-pid");
    instrument.arg(format!("-instrumentation-file={}", counts.display())).arg("-o").arg(&counting);
    step("count: blocks", &mut instrument)?;
    step("train", bench::load("train")?.arg(&counting).arg(models()?))?;
    // Each process that was started left a file.
    let counted = fs::read_dir(&folder)?.filter_map(|entry| Some(entry.ok()?.path()));
    let counted: Vec<PathBuf> = counted.filter(|path| path.extension() == Some(OsStr::new("fdata"))).collect();
    ensure!(!counted.is_empty(), "the server has counted nothing");
    step("merge", Command::new(&tools.fdata).args(counted).arg("-o").arg(&merged))?;
    let mut order = Command::new(&tools.bolt);
    order.arg(built).args(LAYOUT).arg(format!("-data={}", merged.display())).arg("-o").arg(&laid);
    step("lay out", &mut order)?;
    // Not the system's `strip`, which moves the tables for unwinding away from where they are looked for.
    step("strip", Command::new(&tools.objcopy).arg("--strip-all").arg(&laid).arg(server(TRAINED)))
}

/// A folder with nothing in it: counts of another build would be of another program.
fn emptied(folder: PathBuf) -> Result<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    // Whole, since the server is told of it and runs elsewhere.
    Ok(folder.canonicalize()?)
}

/// Of rustc's LLVM.
struct Tools {
    /// Merges counts for the compiler.
    profdata: PathBuf,
    /// Moves code in a program.
    bolt: PathBuf,
    /// Merges counts for that.
    fdata: PathBuf,
    /// Takes names out of a program.
    objcopy: PathBuf,
}

impl Compiler {
    fn of(said: &str) -> Result<Compiler> {
        let field = |name: &str| said.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let llvm = field("LLVM version:").and_then(|version| version.split('.').next());
        let (host, llvm) = field("host:").zip(llvm).context("`rustc -vV` says neither host nor LLVM version")?;
        Ok(Compiler { host: host.to_owned(), llvm_major: llvm.to_owned() })
    }

    fn tools(&self) -> Result<Tools> {
        let root = output(Command::new("rustc").args(["--print", "sysroot"]))?;
        let own = Path::new(root.trim()).join("lib/rustlib").join(&self.host).join("bin");
        let find = |name: &str| {
            let numbered = PathBuf::from(format!("{name}-{}", self.llvm_major));
            let mut places = [own.join(name), numbered].into_iter();
            places.find(|tool| output(Command::new(tool).arg("--version")).is_ok()).with_context(|| self.missing(name))
        };
        Ok(Tools {
            profdata: find("llvm-profdata")?,
            bolt: find("llvm-bolt")?,
            fdata: find("merge-fdata")?,
            objcopy: find("llvm-objcopy")?,
        })
    }

    fn missing(&self, tool: &str) -> String {
        let major = &self.llvm_major;
        let package = if ["llvm-bolt", "merge-fdata"].contains(&tool) { "bolt" } else { "llvm" };
        format!(
            "there is no `{tool}` of LLVM {major}; Debian's {package}-{major} has it, and `cargo xtask release --help` says more"
        )
    }

    /// Builds the server into `folder` with one more flag for everything and more for the program alone. The host is named, so that
    /// the flag is not for build scripts. The profile is the same each time: what the compiler calls a function depends on it, and
    /// counts go by name.
    fn build(&self, title: &str, folder: &Path, flag: &str, last: &[&str]) -> Result<PathBuf> {
        let mut command = cargo(&["rustc", "--release", "--locked", "--package", "cupola-server", "--bin", "cupola"]);
        command.arg("--target").arg(&self.host).arg("--target-dir").arg(folder);
        match std::env::var("RUSTFLAGS") {
            // The operator's flags take the place of those in the configuration.
            Ok(given) => command.env("RUSTFLAGS", format!("{given} {flag}")),
            Err(_) => command.arg("--config").arg(format!("target.{}.rustflags=['{flag}']", self.host)),
        };
        step(title, command.arg("--").args(last))?;
        Ok(folder.join(&self.host).join("release").join("cupola"))
    }
}

#[cfg(test)]
mod tests;
