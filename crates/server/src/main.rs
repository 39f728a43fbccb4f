//! The `cupola` program.

use std::env;
use std::io::Write;
use std::process::ExitCode;

/// How many threads work on one answer of the embedded model. Where the second is unset, candle counts the processors in
/// `/proc/cpuinfo` anew for each multiplication.
const MODEL_THREADS: [&str; 2] = ["CANDLE_NUM_THREADS", "RAYON_NUM_THREADS"];

fn main() -> ExitCode {
    one_thread_per_answer();
    match server::cli::run() {
        Ok(code) => code,
        Err(error) => {
            // One line, causes behind their effect; nobody reads a stack of them at three in the morning.
            let _ = writeln!(std::io::stderr(), "cupola: {}", format!("{error:#}").replace('\n', " "));
            ExitCode::FAILURE
        }
    }
}

/// With more than one, the threads of an answer wait for each other in a spin: as soon as anything else wants the
/// processor, the answers around it included, all slow down several times. An operator's own value is kept.
#[expect(unsafe_code, reason = "there is no other way to tell the library, and no other thread yet to race with")]
fn one_thread_per_answer() {
    for name in MODEL_THREADS {
        if env::var_os(name).is_none() {
            // SAFETY: first statement of `main`; the process has no second thread that could read the environment.
            unsafe { env::set_var(name, "1") };
        }
    }
}
