//! Looking into a data folder without opening it: beside the server that has it open, or after it. No row is changed (the
//! engine finishes at most what a crash has left, as the next start would), and no key is read: what is sealed stays sealed.

use std::path::Path;

use sqlx::{AnyConnection, Connection};

use crate::engine::{self, failed};
use crate::error::StoreError;
use crate::folder::database_in;
use crate::load;
use crate::migrations;
use crate::world::World;

/// The world as the database of a data folder has it now.
pub async fn read_only(data_dir: &Path) -> Result<World, StoreError> {
    let path = database_in(data_dir);
    if !path.is_file() {
        return Err(StoreError::Folder(format!(
            "`{}` is not a data folder: it has no `cupola.db`; name the one that the server was started with",
            data_dir.display()
        )));
    }
    let mut connection = engine::open_read_only(&path).await?;
    let world = read(&mut connection).await;
    engine::close(connection).await;
    world
}

/// One transaction: a server that writes meanwhile changes nothing of what is seen.
async fn read(connection: &mut AnyConnection) -> Result<World, StoreError> {
    let mut tx = connection.begin().await.map_err(failed)?;
    let (found, known) = (migrations::found(&mut tx).await?, migrations::newest());
    if found > known {
        return Err(StoreError::NewerSchema { found, known });
    }
    if found < known {
        return Err(StoreError::OlderSchema { found, known });
    }
    load::load(&mut tx, None).await
}
