-- One text for SQLite and PostgreSQL: TEXT and BIGINT only. Keys are ids in lower case; they are compared byte by byte
-- (a PostgreSQL database is made with the C collation), so that everything below a scope is one range.

-- The one row that every write changes first: it numbers the versions and makes writers wait for each other.
CREATE TABLE world (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    version BIGINT NOT NULL,
    -- Tells whether the master key is the one that the secrets were sealed with.
    key_check TEXT NOT NULL,
    -- The tenant as JSON; absent before the first start is complete.
    tenant TEXT
);

CREATE TABLE resource (
    key TEXT PRIMARY KEY,
    type_key TEXT NOT NULL,
    name_key TEXT NOT NULL,
    etag TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX resource_by_type_and_name ON resource (type_key, name_key);

-- Custom subdomain names of accounts, in lower case: unique on the server.
CREATE TABLE subdomain (
    name TEXT PRIMARY KEY,
    resource_key TEXT NOT NULL UNIQUE REFERENCES resource (key) ON DELETE CASCADE
);

-- What is unique of role assignments; the assignments themselves are resources.
CREATE TABLE role_assignment (
    resource_key TEXT PRIMARY KEY REFERENCES resource (key) ON DELETE CASCADE,
    name_key TEXT NOT NULL UNIQUE,
    scope_key TEXT NOT NULL,
    principal TEXT NOT NULL,
    role TEXT NOT NULL,
    UNIQUE (scope_key, principal, role)
);
CREATE INDEX role_assignment_by_role ON role_assignment (role);

CREATE TABLE directory_object (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    upn_key TEXT UNIQUE,
    app_id TEXT,
    manager_key TEXT,
    body TEXT NOT NULL,
    UNIQUE (app_id, kind)
);
CREATE INDEX directory_object_by_manager ON directory_object (manager_key);

CREATE TABLE membership (
    group_id TEXT NOT NULL REFERENCES directory_object (id) ON DELETE CASCADE,
    member_id TEXT NOT NULL REFERENCES directory_object (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, member_id)
);
CREATE INDEX membership_by_member ON membership (member_id);

CREATE TABLE directory_role (
    principal TEXT NOT NULL REFERENCES directory_object (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    PRIMARY KEY (principal, role)
);

CREATE TABLE credential (
    owner_kind TEXT NOT NULL,
    -- An object id, an account's key, or empty for the server.
    owner TEXT NOT NULL,
    -- The same with letters as they were given.
    owner_text TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- The slot of a resource key, absent for all others.
    slot TEXT,
    hint TEXT,
    display_name TEXT,
    created_at TEXT NOT NULL,
    expires_at TEXT,
    -- A keyed digest in hex, absent for passwords and signing keys.
    digest TEXT UNIQUE,
    password_hash TEXT,
    sealed TEXT,
    PRIMARY KEY (owner_kind, owner, id),
    UNIQUE (owner_kind, owner, slot)
);

-- One record per write, in the write's own transaction; each hash covers the one before.
CREATE TABLE audit (
    seq BIGINT PRIMARY KEY,
    time TEXT NOT NULL,
    decision_id TEXT NOT NULL,
    principal TEXT NOT NULL,
    principal_type TEXT NOT NULL,
    principal_label TEXT NOT NULL,
    action TEXT NOT NULL,
    scope TEXT NOT NULL,
    granted_by TEXT NOT NULL,
    -- JSON: each row with the digests of what it was and what it is.
    touched TEXT NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL
);

-- What followers of this database read to learn which rows a version touched.
CREATE TABLE change (
    version BIGINT PRIMARY KEY,
    time TEXT NOT NULL,
    touched TEXT NOT NULL
);
