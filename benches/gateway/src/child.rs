//! Processes that a measurement starts, and ends.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// The core of what is measured; the load and the mock have the other.
pub(crate) const MEASURED_CORE: &str = "1";

/// A peer may import for twenty seconds before it listens; ten times what was seen.
const PATIENCE: Duration = Duration::from_secs(200);

/// A process that is killed when this is dropped.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// This program with these words, on the measured core or where this process is.
pub(crate) fn own(words: &[&str], is_measured: bool) -> Result<Running> {
    let program = std::env::current_exe()?;
    let mut command = if is_measured { pinned(&program.display().to_string()) } else { Command::new(program) };
    Ok(Running(command.args(words).stdout(Stdio::null()).spawn()?))
}

/// A program on the measured core.
pub(crate) fn pinned(program: &str) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", MEASURED_CORE, program]);
    command
}

/// A loopback port that is free now.
pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Waits until a process listens on a port.
pub(crate) fn wait_for(running: &mut Running, port: u16) -> Result<SocketAddr> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let patience = Instant::now() + PATIENCE;
    while TcpStream::connect(address).is_err() {
        if let Some(status) = running.0.try_wait()? {
            bail!("it ended with {status} before it listened on {address}");
        }
        ensure!(Instant::now() < patience, "nobody listens on {address}");
        sleep(Duration::from_millis(10));
    }
    Ok(address)
}

/// Ends a process the polite way, so that it leaves its data folder whole.
pub(crate) fn terminate(mut running: Running) -> Result<()> {
    let pid = running.0.id().to_string();
    Command::new("kill").args(["-TERM", &pid]).status().context("`kill` cannot be started")?;
    running.0.wait()?;
    Ok(())
}
