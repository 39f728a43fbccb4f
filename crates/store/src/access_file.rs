//! The access facts as a file beside the database: a start with many assignments then need not read each as JSON and
//! number it again. The database decides whether the file is used. It names a write by its number and the hash of its audit
//! record, which covers all writes before; it counts only where the database has that very record and no fact of access was
//! touched by a later one.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use arm::Scope;
use rbac::{DecodeError, Snapshot};
use sqlx::{AnyConnection, Row};

use crate::change::is_access_type;
use crate::engine::failed;
use crate::error::StoreError;
use crate::folder::sync_folder;
use crate::load::{parse, text};

const MAGIC: &[u8; 8] = b"CUPOLAAF";
/// A SHA-256 in hexadecimal.
const HASH_BYTES: usize = 64;
/// What stands in front of the snapshot, without its checksum.
const TAG_BYTES: usize = MAGIC.len() + size_of::<u64>() + HASH_BYTES;
/// With more writes since, looking through them costs what the file saves.
const MOST_WRITES_SINCE: i64 = 10_000;
/// It says who may do what: for the owner alone, as the database's folder is.
const MODE: u32 = 0o600;

/// The write after which the facts were as they are in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    /// Its number.
    version: u64,
    /// The hash of its audit record.
    audit_hash: String,
}

/// Why the file is not used.
#[derive(Debug, thiserror::Error)]
enum NotUsed {
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    #[error("its front is torn or not of this program")]
    Torn,
    #[error(
        "this database has no write `{version}` with its hash: it is of another database, or this one was set back"
    )]
    OtherHistory { version: u64 },
    #[error("it has {kept} role assignments, the database {found}")]
    OtherCount { kept: usize, found: i64 },
    #[error("`{row}` was written after it")]
    Older { row: String },
    #[error("more than {MOST_WRITES_SINCE} writes came after it")]
    MuchOlder,
    #[error(transparent)]
    Snapshot(#[from] DecodeError),
    #[error(transparent)]
    Database(#[from] StoreError),
}

impl Tag {
    /// That of a write of this database; none where it has no such write.
    pub(crate) async fn of(connection: &mut AnyConnection, version: u64) -> Result<Option<Tag>, StoreError> {
        let seq = i64::try_from(version).unwrap_or(i64::MAX);
        let query = sqlx::query("SELECT hash FROM audit WHERE seq = $1").bind(seq);
        let row = query.fetch_optional(connection).await.map_err(failed)?;
        row.map(|row| Ok(Tag { version, audit_hash: text(&row, 0)? })).transpose()
    }

    fn encoded(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(self.version.to_le_bytes());
        bytes.extend(self.audit_hash.bytes());
        let sum = crc32fast::hash(&bytes);
        bytes.extend(sum.to_le_bytes());
        bytes
    }

    /// The tag, and what stands behind it.
    fn split(bytes: &[u8]) -> Option<(Tag, &[u8])> {
        let (front, rest) = bytes.split_at_checked(TAG_BYTES)?;
        let (sum, snapshot) = rest.split_first_chunk()?;
        let (magic, tag) = front.split_first_chunk()?;
        let (version, hash) = tag.split_first_chunk()?;
        let audit_hash = String::from_utf8(hash.to_vec()).ok()?;
        let is_whole = magic == MAGIC && crc32fast::hash(front) == u32::from_le_bytes(*sum);
        is_whole.then(|| (Tag { version: u64::from_le_bytes(*version), audit_hash }, snapshot))
    }
}

/// The facts in the file, if they are those of this database. Why not is said.
pub(crate) async fn read(path: &Path, connection: &mut AnyConnection) -> Option<Snapshot> {
    match read_checked(path, connection).await {
        Ok(snapshot) => Some(snapshot),
        Err(NotUsed::Unreadable(error)) if error.kind() == io::ErrorKind::NotFound => None,
        Err(reason) => {
            let path = path.display();
            tracing::warn!(%path, %reason, "the file of access facts is not used: they are read from the database");
            None
        }
    }
}

async fn read_checked(path: &Path, connection: &mut AnyConnection) -> Result<Snapshot, NotUsed> {
    let bytes = fs::read(path)?;
    let (tag, snapshot) = Tag::split(&bytes).ok_or(NotUsed::Torn)?;
    if Tag::of(connection, tag.version).await?.as_ref() != Some(&tag) {
        return Err(NotUsed::OtherHistory { version: tag.version });
    }
    check_nothing_since(&tag, connection).await?;
    let snapshot = Snapshot::decode(snapshot)?;
    let query = sqlx::query("SELECT COUNT(*) FROM role_assignment");
    let found: i64 = query.fetch_one(connection).await.map_err(failed)?.try_get(0).map_err(failed)?;
    match snapshot.assignment_count() {
        kept if kept as i64 == found => Ok(snapshot),
        kept => Err(NotUsed::OtherCount { kept, found }),
    }
}

/// Every write has noted the rows that it touched.
async fn check_nothing_since(tag: &Tag, connection: &mut AnyConnection) -> Result<(), NotUsed> {
    let query = sqlx::query("SELECT touched FROM change WHERE version > $1 ORDER BY version LIMIT $2");
    let query = query.bind(i64::try_from(tag.version).unwrap_or(i64::MAX)).bind(MOST_WRITES_SINCE + 1);
    let writes = query.fetch_all(connection).await.map_err(failed)?;
    if writes.len() as i64 > MOST_WRITES_SINCE {
        return Err(NotUsed::MuchOlder);
    }
    for write in writes {
        let touched: Vec<String> = parse("change", &write.try_get::<String, _>(0).map_err(failed)?)?;
        if let Some(row) = touched.into_iter().find(|row| may_say_who_may(row)) {
            return Err(NotUsed::Older { row });
        }
    }
    Ok(())
}

/// May a row, as writes name it, be one that decisions are made from? What is not known not to be, is.
fn may_say_who_may(row: &str) -> bool {
    match row.split_once(' ') {
        Some(("credential" | "signIn", _)) => false,
        Some(("resource", id)) => {
            let resource_type = Scope::parse(id).ok().and_then(|id| id.resource_type());
            resource_type.is_none_or(|resource_type| is_access_type(resource_type.key()))
        }
        _ => row != "tenant",
    }
}

/// Writes the facts. The file has its name only when it is whole and on the disk.
pub(crate) fn write(path: &Path, tag: &Tag, snapshot: &Snapshot) -> io::Result<()> {
    let unfinished = path.with_extension("snapshot.new");
    write_new(&unfinished, tag, snapshot)
        .and_then(|()| fs::rename(&unfinished, path))
        .and_then(|()| path.parent().map_or(Ok(()), sync_folder))
        .inspect_err(|_| drop(fs::remove_file(&unfinished)))
}

fn write_new(path: &Path, tag: &Tag, snapshot: &Snapshot) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(MODE).open(path)?;
    file.write_all(&tag.encoded())?;
    file.write_all(&snapshot.encode())?;
    file.sync_all()
}
