-- What inference and agents keep of an account or project: responses, conversations, agents, runs. Not part of the world.
CREATE TABLE data_object (
    -- The account or project. Its objects go with it, and none can come after it.
    scope TEXT NOT NULL REFERENCES resource (key) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    -- The id of the object that it is part of, empty where there is none. Ids are compared with their case.
    parent TEXT NOT NULL,
    id TEXT NOT NULL,
    -- The number of the write that made it, which lists are ordered by, and of the one that made it what it is.
    seq BIGINT NOT NULL,
    version BIGINT NOT NULL,
    -- Microseconds since 1970.
    created_us BIGINT NOT NULL,
    expires_us BIGINT,
    -- Sealed for this row.
    body TEXT NOT NULL,
    PRIMARY KEY (scope, kind, parent, id)
);
CREATE INDEX data_object_in_order ON data_object (scope, kind, parent, seq);
CREATE INDEX data_object_by_end ON data_object (expires_us) WHERE expires_us IS NOT NULL;

-- The one row that every write of objects changes first: it numbers them and makes writers wait for each other.
CREATE TABLE data_object_number (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    last BIGINT NOT NULL
);
INSERT INTO data_object_number (one, last) VALUES (1, 0);
