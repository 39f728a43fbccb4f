//! Builds of the server beside the pass-through, loaded in short turns: what differs by less than the neighbours of a machine do shows
//! only so.

use std::path::Path;

use anyhow::{Result, ensure};

use crate::entrants::{Governed, pass_through};
use crate::load::{self, Target, Until};
use crate::measure::MANY;
use crate::process::cpu_by_kind;
use crate::{child, in_folder};

/// Requests of a turn: some tens of milliseconds, shorter than a neighbour's visit.
const REQUESTS: u64 = 2000;
/// Turns of each that are not counted: caches, pools and branch predictors are filled.
const WARM: usize = 3;

/// One that takes turns.
struct Player {
    name: String,
    target: Target,
    pid: u32,
    /// CPU microseconds of a request, by turn.
    turns: Vec<f64>,
    /// Of all turns, with the opening of their connections: user and system, microseconds.
    user_us: f64,
    system_us: f64,
}

/// Loads each in turn, so many rounds, and prints CPU-µs for each request.
pub(crate) fn turns(rounds: usize, models: &str, binaries: &[&str]) -> Result<()> {
    ensure!(!binaries.is_empty(), "no server is given");
    in_folder("turns", async |folder| take(rounds, models, folder, binaries).await)
}

async fn take(rounds: usize, models: &str, folder: &Path, binaries: &[&str]) -> Result<()> {
    let mut servers = Vec::new();
    for (at, binary) in binaries.iter().enumerate() {
        let folder = folder.join(at.to_string());
        std::fs::create_dir_all(&folder)?;
        servers.push(Governed::start(Path::new(binary), models, &folder).await?);
    }
    let (bare, running) = pass_through(&servers[0].mock_address())?;
    let mut players = vec![Player::new("pass-through", bare, running.0.id())];
    for (server, binary) in servers.iter().zip(binaries) {
        players.push(Player::new(binary, server.plain.clone(), server.cupola.running.0.id()));
    }
    for round in 0..WARM + rounds {
        for player in &mut players {
            player.turn(round >= WARM).await?;
        }
    }
    print(&players);
    for server in servers {
        child::terminate(server.cupola.running)?;
    }
    Ok(())
}

impl Player {
    fn new(name: &str, target: Target, pid: u32) -> Player {
        Player { name: name.to_owned(), target, pid, turns: Vec::new(), user_us: 0.0, system_us: 0.0 }
    }

    async fn turn(&mut self, counts: bool) -> Result<()> {
        let (user_before, system_before) = cpu_by_kind(self.pid)?;
        let seen = load::run(&self.target, MANY, false, Until::Sent(REQUESTS), Some(self.pid)).await?;
        let (user, system) = cpu_by_kind(self.pid)?;
        if counts {
            self.turns.extend(seen.cpu_us(seen.requests));
            self.user_us += (user - user_before).as_secs_f64() * 1e6;
            self.system_us += (system - system_before).as_secs_f64() * 1e6;
        }
        Ok(())
    }
}

/// The quantiles that a visit of a neighbour does not move, beside those that it does.
fn print(players: &[Player]) {
    println!(
        "\n| CPU-µs/request | least | a tenth below | median | most | user, system (mean) | × the first, by medians |\n|---|---|---|---|---|---|---|"
    );
    let mut first = None;
    for player in players {
        let mut turns = player.turns.clone();
        turns.sort_by(f64::total_cmp);
        let at = |share: f64| turns.get((share * (turns.len() - 1) as f64) as usize).copied().unwrap_or_default();
        let requests = (turns.len() as u64 * REQUESTS) as f64;
        let first = *first.get_or_insert(at(0.5));
        println!(
            "| {} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1}, {:.1} | {:.2} |",
            player.name,
            at(0.0),
            at(0.1),
            at(0.5),
            at(1.0),
            player.user_us / requests,
            player.system_us / requests,
            at(0.5) / first
        );
    }
}
