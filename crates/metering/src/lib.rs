//! How much was used, how much may still be, and what does it cost?
//!
//! Invariant: values in, values out. Nothing here reads a clock, opens a socket or keeps a file (`cargo xtask tidy`), and no
//! 60 seconds hold more tokens than a rate admits (`tests/it`, `no_interleaving_admits_more_than_the_limit`).

mod exceeded;
mod fair_share;
mod meter;
pub mod prices;
mod rate;
mod requests;
mod reservation;
mod sliding;
mod subject;
pub mod tokens;
mod window_limit;

pub use exceeded::{Exceeded, Which};
pub use meter::{Cost, Gauge, Meter, Standing};
pub use rate::Rate;
pub use reservation::{Claim, Reservation, Settled, reserve_all};
pub use subject::Subject;
pub use window_limit::{Counts, Limit, Unit, Used, Window};
