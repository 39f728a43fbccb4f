//! The built program, as a process.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread::{self, JoinHandle};

use super::client::Client;

/// The variables of `demo.env`.
pub(crate) type Env = BTreeMap<String, String>;

/// A running demo server; killed when dropped.
pub(crate) struct Running {
    child: Child,
    /// Read while the server runs: a talkative one would stop at a full pipe.
    said: Option<JoinHandle<String>>,
    pub(crate) url: String,
    pub(crate) env: Env,
    pub(crate) client: Client,
}

impl Running {
    /// Starts the demo in `dir` on a free port and waits until it is ready.
    pub(crate) fn demo(dir: &Path) -> Running {
        Running::start(dir, &["--demo", "contoso"], &[])
    }

    pub(crate) fn start(dir: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Running {
        let mut command = serve(dir, "127.0.0.1:0", arguments);
        command.envs(variables.iter().copied());
        Running::of(command, dir)
    }

    /// The demo on a disk on which no file grows beyond `limit_kib`.
    pub(crate) fn demo_on_a_small_disk(dir: &Path, limit_kib: u32) -> Running {
        let server = serve(dir, "127.0.0.1:0", &["--demo", "contoso"]);
        let mut command = Command::new("bash");
        // The signal is ignored, so that the write fails with an error, as it does when a disk is full.
        command.args(["-c", &format!("trap '' XFSZ; ulimit -f {limit_kib}; exec \"$@\""), "bash"]);
        command.arg(server.get_program()).args(server.get_args());
        for (name, _) in server.get_envs() {
            command.env_remove(name);
        }
        Running::of(command, dir)
    }

    fn of(mut command: Command, dir: &Path) -> Running {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let said = thread::spawn(move || {
            let mut said = String::new();
            stderr.read_to_string(&mut said).unwrap();
            said
        });
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim_end().strip_prefix("cupola ready on ").unwrap_or_else(|| panic!("{line:?}")).to_owned();
        let port = url.rsplit(':').next().unwrap().parse().unwrap();
        let client = Client::new(port, &dir.join("ca-bundle.pem"));
        Running { child, said: Some(said), url, env: read_env(&dir.join("demo.env")), client }
    }

    /// Sends a signal by its `kill` option.
    pub(crate) fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// SIGTERM, then the exit.
    pub(crate) fn terminate(self) -> ExitStatus {
        self.terminate_and_listen().0
    }

    /// SIGTERM, then the exit and all that was said on stderr.
    pub(crate) fn terminate_and_listen(mut self) -> (ExitStatus, String) {
        let sent = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(sent.success());
        let status = self.child.wait().unwrap();
        (status, self.said.take().unwrap().join().unwrap())
    }

    /// SIGKILL: a power cut.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server that must not start: its exit and what it said.
pub(crate) fn refused(dir: &Path, listen: &str, arguments: &[&str]) -> String {
    let Output { status, stdout, stderr } = serve(dir, listen, arguments).output().unwrap();
    assert!(!status.success());
    assert!(stdout.is_empty(), "{}", String::from_utf8_lossy(&stdout));
    let said = String::from_utf8(stderr).unwrap();
    assert_eq!(said.trim_end().lines().count(), 1, "not one line: {said}");
    said
}

/// `cupola` with these arguments: what it printed.
pub(crate) fn said(arguments: &[&str]) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_cupola")).args(arguments).stdout(Stdio::piped()).spawn().unwrap();
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert!(child.wait().unwrap().success(), "{arguments:?}");
    text
}

fn serve(dir: &Path, listen: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cupola"));
    // A shell that has sourced a demo.env must not change what is tested.
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CUPOLA_") && name != "CUPOLA_MODEL_DIR") {
        command.env_remove(name);
    }
    command.env_remove("SSL_CERT_FILE");
    command.arg("serve").arg("--data-dir").arg(dir).args(["--listen", listen]).args(arguments);
    command
}

fn read_env(path: &Path) -> Env {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let pair = |line: &str| {
        let (name, value) = line.strip_prefix("export ").unwrap().split_once('=').unwrap();
        (name.to_owned(), value.trim_matches('\'').to_owned())
    };
    text.lines().map(pair).collect()
}
