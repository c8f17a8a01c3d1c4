-- How long what is kept. A rule is never changed: the newest of a class holds.
CREATE TABLE retention_rules (
    org_id {bigint} NOT NULL,
    class TEXT NOT NULL,
    version {bigint} NOT NULL,
    days {bigint} NOT NULL,
    set_by {bigint},
    set_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, class, version)
) {strict_clustered};

-- What must not be erased for now, and why: a list, a broadcast with its list, or everything of the organisation.
CREATE TABLE retention_holds (
    org_id {bigint} NOT NULL,
    hold_id {bigint} NOT NULL,
    scope TEXT NOT NULL,
    subject_id {bigint},
    reason_sealed TEXT NOT NULL,
    set_by {bigint} NOT NULL,
    set_at {bigint} NOT NULL,
    lifted_by {bigint},
    lifted_at {bigint},
    PRIMARY KEY (org_id, hold_id)
) {strict};

-- Each time that what was due was erased: how much of which class, as JSON.
CREATE TABLE retention_runs (
    org_id {bigint} NOT NULL,
    run_id {bigint} NOT NULL,
    by_itself {bigint} NOT NULL,
    started_at {bigint} NOT NULL,
    ended_at {bigint},
    erased TEXT,
    PRIMARY KEY (org_id, run_id)
) {strict};

-- When the personal values of a list or of the messages of a broadcast were erased; their numbers stay.
ALTER TABLE line_lists ADD COLUMN erased_at {bigint};
ALTER TABLE broadcasts ADD COLUMN erased_at {bigint};
