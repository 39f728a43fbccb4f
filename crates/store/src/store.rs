//! The store as everybody else sees it.

mod data;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use rbac::{Mode, Owner, Permit, RowKind, Writes};
use sqlx::AnyConnection;
use tokio::sync::{Mutex, OwnedMutexGuard};
use uuid::Uuid;

use crate::activity::{self, Activity, ActivityQuery};
use crate::audit::{self, Actor, AuditState};
use crate::clock::Clock;
use crate::credential::{CredentialKind, CredentialOwner, CredentialRef, KeyRef, Protected, StoredCredential};
use crate::data::queue::Queue;
use crate::engine;
use crate::error::StoreError;
use crate::folder::journal_folder;
use crate::journal::Journal;
use crate::keeper::{Keeper, LOOK_EVERY};
use crate::load;
use crate::lock::FolderLock;
use crate::open::{self, Opened};
use crate::password;
use crate::readers::Readers;
use crate::row::{Row, credential_need};
use crate::seal::{Seals, same};
use crate::secret::Secret;
use crate::sign_in::SignIn;
use crate::world::World;
use crate::write::{self, Prepared, Written};

/// The state of a server: one data folder, one writer at a time, one world for all readers. Cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    world: ArcSwap<World>,
    writer: Arc<Mutex<Writer>>,
    /// Writes of objects that wait for the writer's turn.
    data: Queue,
    readers: Readers,
    seals: Seals,
    clock: Arc<dyn Clock>,
    journal: Journal,
    keeper: Keeper,
    dir: PathBuf,
}

/// Whoever has this writes. The connection goes when it has failed, and is made anew by the next write.
struct Writer {
    connection: Option<AnyConnection>,
    database: PathBuf,
    /// `None` once the store is closed. After the connection, so that the folder is free only when it is.
    lock: Option<FolderLock>,
}

impl Store {
    /// Opens a data folder, which is made if it is missing: mode 0700, with `master.key` (0600), `cupola.db` and `journal/`.
    /// A folder that is refused is left as it was.
    pub async fn open(dir: &Path, clock: Arc<dyn Clock>) -> Result<Store, StoreError> {
        let Opened { connection, seals, world, kept_access, lock, folder, database } = open::open(dir).await?;
        let journal = match Journal::open(&journal_folder(&folder)) {
            Ok(journal) => journal,
            Err(error) => {
                engine::close(connection).await;
                return Err(StoreError::Folder(error.to_string()));
            }
        };
        let inner = Arc::new(Inner {
            world: ArcSwap::from_pointee(world),
            keeper: Keeper::new(&folder, kept_access),
            readers: Readers::new(database.clone()),
            writer: Arc::new(Mutex::new(Writer { connection: Some(connection), database, lock: Some(lock) })),
            data: Queue::default(),
            seals,
            clock,
            journal,
            dir: folder,
        });
        tokio::spawn(keep_access(Arc::downgrade(&inner)));
        Ok(Store(inner))
    }

    /// The newest version of the world. A request loads it once.
    pub fn world(&self) -> Arc<World> {
        self.0.world.load_full()
    }

    /// The time, as this store was told to see it.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// The data folder.
    pub fn dir(&self) -> &Path {
        &self.0.dir
    }

    /// The record of requests.
    pub fn journal(&self) -> &Journal {
        &self.0.journal
    }

    /// Writes all rows or none, in order, with their audit record, and publishes the new world before it returns. The permit
    /// must be fresh and cover every row. A caller that stops waiting does not stop the write.
    pub async fn write(&self, permit: &Permit<Writes>, rows: Vec<Row>) -> Result<Written, StoreError> {
        let rows = write::prepare(rows, &self.0.seals).await?;
        let turn = self.turn().await?;
        self.finish(turn, permit, rows).await
    }

    /// As `write`, with the rows decided while nobody else writes: `rows` sees the world they will be applied to, so a rule
    /// that depends on other rows (a limit, the last of its kind, a name in use) cannot be raced past. What it refuses
    /// changes nothing. It must be quick; a row with a secret, which takes long to protect, is refused.
    pub async fn write_in_turn<E: From<StoreError>>(
        &self,
        permit: &Permit<Writes>,
        rows: impl FnOnce(&World) -> Result<Vec<Row>, E>,
    ) -> Result<Written, E> {
        let turn = self.turn().await?;
        let rows = write::without_secrets(rows(&self.world())?)?;
        Ok(self.finish(turn, permit, rows).await?)
    }

    /// As `write`, if the rows still fit the world they will be applied to: `fits` is asked while nobody else writes, after
    /// their secrets were protected. What it refuses changes nothing. It must be quick.
    pub async fn write_if<E: From<StoreError>>(
        &self,
        permit: &Permit<Writes>,
        rows: Vec<Row>,
        fits: impl FnOnce(&World) -> Result<(), E>,
    ) -> Result<Written, E> {
        let rows = write::prepare(rows, &self.0.seals).await?;
        let turn = self.turn().await?;
        fits(&self.world())?;
        Ok(self.finish(turn, permit, rows).await?)
    }

    /// Waits until nobody else writes. While it is held, the world stays as it is.
    async fn turn(&self) -> Result<OwnedMutexGuard<Writer>, StoreError> {
        let mut writer = self.0.writer.clone().lock_owned().await;
        self.0.reconnect(&mut writer).await?;
        Ok(writer)
    }

    /// Checks the rows against the permit and commits them, whether or not the caller goes on waiting.
    async fn finish(
        &self,
        turn: OwnedMutexGuard<Writer>,
        permit: &Permit<Writes>,
        rows: Vec<Prepared>,
    ) -> Result<Written, StoreError> {
        let now = self.0.clock.now();
        check_permit(permit, &rows, &self.0.world.load(), now)?;
        self.commit(turn, rows, Actor::of(permit), now).await
    }

    /// Keeps that an action was done which changes no row, such as the listing of keys: its audit record and its place in
    /// the activity log. The permit must be fresh.
    pub async fn record<M: Mode>(&self, permit: &Permit<M>) -> Result<Written, StoreError> {
        let turn = self.turn().await?;
        let now = self.0.clock.now();
        if !permit.is_fresh(now) {
            return Err(StoreError::PermitTooOld);
        }
        self.commit(turn, Vec::new(), Actor::of(permit), now).await
    }

    async fn commit(
        &self,
        turn: OwnedMutexGuard<Writer>,
        rows: Vec<Prepared>,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Written, StoreError> {
        let inner = self.0.clone();
        tokio::spawn(async move { inner.commit(turn, rows, actor, now).await })
            .await
            .map_err(|error| StoreError::Unavailable(format!("the write was cut off: {error}")))?
    }

    /// The activity log, newest first. Reads beside the writer; writes do not wait for it.
    pub async fn activities(&self, query: &ActivityQuery) -> Result<Vec<Activity>, StoreError> {
        let mut reader = self.0.readers.take().await?;
        let found = activity::read(&mut reader.connection, query, self.0.clock.now()).await;
        let has_failed = found.as_ref().is_err_and(StoreError::is_of_the_engine);
        self.0.readers.give_back(reader, has_failed).await;
        found
    }

    /// The account and slot of a presented resource key.
    pub fn find_resource_key(&self, key: &str) -> Option<KeyRef> {
        self.0.world.load().credentials.key(&self.0.seals.key_index(key)).cloned()
    }

    /// Is this one of the application's secrets, and not expired? `application` is an object id.
    pub fn check_client_secret(&self, application: Uuid, secret: &str, now: Timestamp) -> bool {
        let owner = CredentialOwner::Object(application);
        let presented = self.0.seals.client_secret(&owner, secret);
        let world = self.0.world.load();
        // Every secret is compared, so that the time does not tell which one matched.
        world.credentials.stored_of(&owner).fold(false, |found, stored| {
            let matches = matches!(&stored.protected, Protected::Verifier(kept) if same(kept, &presented));
            found | (matches && is_valid(stored, now))
        })
    }

    /// Is this the user's password, and not expired? Takes as long when there is no such user. `user` is an object id.
    pub async fn check_password(&self, user: Uuid, password: Secret, now: Timestamp) -> bool {
        let world = self.world();
        let hash =
            world.credentials.stored_of(&CredentialOwner::Object(user)).find_map(|stored| match &stored.protected {
                Protected::PasswordHash(hash) if is_valid(stored, now) => Some(hash.clone()),
                _ => None,
            });
        password::verify(hash, password).await
    }

    /// Is this the sign-in's newest refresh token? When it was issued and to whom is the caller's to check.
    pub fn check_refresh_token(&self, sign_in: &SignIn, token: &str) -> bool {
        same(&sign_in.digest, &self.0.seals.refresh_token(token))
    }

    /// What makes the successor of this refresh token a secret: 256 bits, the same each time.
    pub fn next_refresh_token(&self, token: &str) -> [u8; 32] {
        self.0.seals.next_refresh_token(token)
    }

    /// Opens a sealed secret: a resource key, a signing key or a connection's. The permit must be fresh and cover the credential.
    pub fn reveal<M: Mode>(&self, permit: &Permit<M>, credential: &CredentialRef) -> Result<Secret, StoreError> {
        let world = self.0.world.load();
        let stored = world.credentials.stored(&credential.owner, credential.id);
        let kind = stored.map_or(&CredentialKind::Password, |stored| &stored.info.kind);
        check_covers(permit, &credential_need(&credential.owner, kind, &world), self.0.clock.now())?;
        let missing = || StoreError::NotFound { what: format!("the credential `{}`", credential.id) };
        match &stored.ok_or_else(missing)?.protected {
            Protected::Sealed(sealed) | Protected::SealedAndIndexed { sealed, .. } => {
                self.0.seals.open(&credential.owner, credential.id, sealed)
            }
            Protected::Verifier(_) | Protected::PasswordHash(_) => Err(StoreError::Invalid {
                reason: format!("the credential `{}` is kept as a digest only", credential.id),
            }),
        }
    }

    /// Walks the audit trail of all writes; an error names the first record that does not verify.
    pub async fn verify_audit(&self) -> Result<AuditState, StoreError> {
        let mut writer = self.0.writer.lock().await;
        self.0.reconnect(&mut writer).await?;
        audit::verify(writer.connection()?).await
    }

    /// Ends all writing, durably, and frees the data folder. What comes later is refused.
    pub async fn close(&self) {
        self.0.keeper.close(self.world(), &self.0.readers).await;
        self.0.readers.close().await;
        let mut writer = self.0.writer.lock().await;
        if let Some(connection) = writer.connection.take() {
            engine::close(connection).await;
        }
        self.0.journal.close().await;
        writer.lock = None;
    }
}

impl Inner {
    /// Commits and publishes while it has the writer's turn.
    async fn commit(
        &self,
        mut writer: OwnedMutexGuard<Writer>,
        rows: Vec<Prepared>,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Written, StoreError> {
        let base = self.world.load_full();
        let committed = write::commit(writer.connection()?, &base, rows, &actor, now).await;
        let (next, written) = writer.after(committed)?;
        self.world.store(Arc::new(next));
        Ok(written)
    }

    /// After a failure: connects anew, and catches up with a commit whose success was not reported.
    async fn reconnect(&self, writer: &mut Writer) -> Result<(), StoreError> {
        if writer.connection.is_some() || writer.lock.is_none() {
            return Ok(());
        }
        let mut connection = engine::open(&writer.database).await?;
        let found = load::version(&mut connection).await?;
        if found != self.world.load().version {
            self.world.store(Arc::new(load::load(&mut connection, None).await?));
        }
        writer.connection = Some(connection);
        Ok(())
    }
}

impl Writer {
    fn connection(&mut self) -> Result<&mut AnyConnection, StoreError> {
        self.connection.as_mut().ok_or_else(|| StoreError::Unavailable("the store is closed".to_owned()))
    }

    /// What a commit came to. When the database failed, whether it happened is not known; the next write looks.
    fn after<T>(&mut self, committed: Result<T, StoreError>) -> Result<T, StoreError> {
        if committed.as_ref().is_err_and(StoreError::is_of_the_engine) {
            self.connection = None;
        }
        committed
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Store({})", self.0.dir.display())
    }
}

/// Keeps the file of access facts, as long as there is the store.
async fn keep_access(inner: Weak<Inner>) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let Some(inner) = inner.upgrade() else { return };
        if !inner.keeper.look(inner.world.load_full(), &inner.readers).await {
            return;
        }
    }
}

fn is_valid(stored: &StoredCredential, now: Timestamp) -> bool {
    stored.info.expires_at.is_none_or(|end| now < end)
}

fn check_permit(permit: &Permit<Writes>, rows: &[Prepared], world: &World, now: Timestamp) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Err(StoreError::Invalid { reason: "a write without rows".to_owned() });
    }
    rows.iter().flat_map(|row| row.needs(world)).try_for_each(|need| check_covers(permit, &need, now))
}

fn check_covers<M: Mode>(permit: &Permit<M>, need: &(Owner, RowKind), now: Timestamp) -> Result<(), StoreError> {
    if !permit.is_fresh(now) {
        return Err(StoreError::PermitTooOld);
    }
    let (owner, kind) = need;
    if permit.covers(owner, *kind) { Ok(()) } else { Err(not_covered(owner, *kind)) }
}

fn not_covered(owner: &Owner, kind: RowKind) -> StoreError {
    let owner = match owner {
        Owner::Scope(scope) => scope.to_string(),
        Owner::Directory => "the directory".to_owned(),
        Owner::Server => "the server".to_owned(),
    };
    StoreError::PermitDoesNotCover { owner, kind }
}
