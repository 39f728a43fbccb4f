-- A row for each sign-in of a person: the family of its refresh tokens, of which one is good.
CREATE TABLE sign_in (
    user_id TEXT NOT NULL REFERENCES directory_object (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    client TEXT NOT NULL,
    resource TEXT NOT NULL,
    -- The number of the good refresh token, and its keyed digest in hex.
    generation BIGINT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    PRIMARY KEY (user_id, id)
);
