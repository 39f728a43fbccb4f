-- What was done through the control plane and by whom, for the activity log: a row for each write, delete and action, which
-- stands for its start and its end. Who did it is in the audit record of the same number.
CREATE TABLE activity (
    seq BIGINT PRIMARY KEY REFERENCES audit (seq),
    -- Microseconds since 1970.
    started_us BIGINT NOT NULL,
    ended_us BIGINT NOT NULL,
    -- In lower case, empty where there is none: all that queries look for.
    subscription TEXT NOT NULL,
    resource_group TEXT NOT NULL,
    provider TEXT NOT NULL,
    scope_key TEXT NOT NULL,
    -- The resource as it was and as it is, where its type can hold no secret.
    before_body TEXT,
    after_body TEXT
);
CREATE INDEX activity_by_time ON activity (ended_us);
CREATE INDEX activity_by_subscription_and_time ON activity (subscription, ended_us, seq);
