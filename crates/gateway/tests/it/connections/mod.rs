//! Models behind the connections of a project.

mod answers;
mod discovered;
mod gate;
mod names;
mod records;
mod shown;
mod trials;
mod urls;
