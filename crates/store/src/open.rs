//! The start: look before anything is written, make what is missing, leave nothing half-made.

use std::path::Path;

use sqlx::AnyConnection;

use crate::access_file;
use crate::engine::{self, close, failed};
use crate::error::StoreError;
use crate::folder::{Folder, access_file_in};
use crate::load;
use crate::lock::FolderLock;
use crate::master_key::MasterKey;
use crate::migrations;
use crate::seal::Seals;
use crate::world::World;

/// An open data folder.
pub(crate) struct Opened {
    pub(crate) connection: AnyConnection,
    pub(crate) seals: Seals,
    pub(crate) world: World,
    /// The version of the access facts that were read from their file, if they were.
    pub(crate) kept_access: Option<u64>,
    pub(crate) lock: FolderLock,
    pub(crate) folder: std::path::PathBuf,
    pub(crate) database: std::path::PathBuf,
}

/// The world, and what of it was read from a file.
struct Loaded {
    world: World,
    kept_access: Option<u64>,
}

pub(crate) async fn open(dir: &Path) -> Result<Opened, StoreError> {
    let folder = Folder::open(dir)?;
    let had_key = folder.master_key().exists();
    match open_in(&folder).await {
        Ok((connection, seals, Loaded { world, kept_access })) => Ok(Opened {
            connection,
            seals,
            world,
            kept_access,
            folder: folder.path().to_owned(),
            database: folder.database(),
            lock: folder.into_lock(),
        }),
        Err(error) => {
            folder.undo(!had_key);
            Err(error)
        }
    }
}

async fn open_in(folder: &Folder) -> Result<(AnyConnection, Seals, Loaded), StoreError> {
    let seals = if folder.database().exists() { check_existing(folder).await? } else { create(folder).await? };
    let mut connection = engine::open(&folder.database()).await?;
    match load_checked(&mut connection, folder).await {
        Ok(loaded) => Ok((connection, seals, loaded)),
        Err(error) => {
            close(connection).await;
            Err(error)
        }
    }
}

/// A database that is not whole, not ours or too new is refused before a master key is read or a byte is written.
async fn check_existing(folder: &Folder) -> Result<Seals, StoreError> {
    check_is_database(folder)?;
    let mut connection = engine::open(&folder.database()).await?;
    let checked = match engine::check(&mut connection).await {
        Ok(()) => check_ours(&mut connection, folder).await,
        Err(error) => Err(error),
    };
    close(connection).await;
    checked
}

async fn check_ours(connection: &mut AnyConnection, folder: &Folder) -> Result<Seals, StoreError> {
    let found = migrations::found(connection).await?;
    if found > migrations::newest() {
        return Err(StoreError::NewerSchema { found, known: migrations::newest() });
    }
    let path = folder.master_key();
    let master = MasterKey::read(&path)?.ok_or_else(|| {
        StoreError::MasterKey(format!(
            "`{}` is missing; the secrets in the database cannot be read without it",
            path.display()
        ))
    })?;
    let seals = Seals::derive(&master)?;
    let row = sqlx::query("SELECT key_check FROM world WHERE one = 1").fetch_one(connection).await.map_err(failed)?;
    if load::text(&row, 0)? != seals.check() {
        return Err(StoreError::MasterKey(format!("`{}` is not the key of this database", path.display())));
    }
    Ok(seals)
}

/// The database gets its name only when it is complete.
async fn create(folder: &Folder) -> Result<Seals, StoreError> {
    let master = match MasterKey::read(&folder.master_key())? {
        Some(master) => master,
        None => MasterKey::create(&folder.master_key())?,
    };
    let seals = Seals::derive(&master)?;
    folder.clear_unfinished();
    let mut connection = engine::create(&folder.unfinished_database()).await?;
    let filled = fill(&mut connection, &seals).await;
    close(connection).await;
    filled?;
    folder.publish_database()?;
    Ok(seals)
}

async fn fill(connection: &mut AnyConnection, seals: &Seals) -> Result<(), StoreError> {
    migrations::begin(connection).await?;
    migrations::run(connection).await?;
    sqlx::query("INSERT INTO world (one, version, key_check, tenant) VALUES (1, 0, $1, NULL)")
        .bind(seals.check())
        .execute(connection)
        .await
        .map_err(failed)?;
    Ok(())
}

async fn load_checked(connection: &mut AnyConnection, folder: &Folder) -> Result<Loaded, StoreError> {
    migrations::run(connection).await?;
    // A folder that cannot be written is refused now, not at the first write.
    sqlx::query("UPDATE world SET version = version WHERE one = 1").execute(&mut *connection).await.map_err(failed)?;
    let access = access_file::read(&access_file_in(folder.path()), connection).await;
    let kept_access = access.as_ref().map(rbac::Snapshot::version);
    Ok(Loaded { world: load::load(connection, access).await?, kept_access })
}

/// An empty file would be taken for a new database, although somebody's data was in it.
fn check_is_database(folder: &Folder) -> Result<(), StoreError> {
    let path = folder.database();
    let bytes =
        std::fs::metadata(&path).map_err(|error| StoreError::Folder(format!("`{}`: {error}", path.display())))?;
    if bytes.len() == 0 {
        return Err(StoreError::Damaged(format!("`{}` is empty", path.display())));
    }
    Ok(())
}
