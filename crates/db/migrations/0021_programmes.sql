-- Programmes: who reaches whom, how long people stay at home, when they count as reached. Dated documents of the
-- organisation, never of a person.

CREATE TABLE programmes (
    org_id {bigint} NOT NULL,
    programme_id {bigint} NOT NULL,
    name TEXT NOT NULL,
    -- The example that it came from.
    example TEXT,
    created_by {bigint},
    created_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, programme_id)
) {strict_clustered};

-- A version holds for the organisation (no office) or for one office. While it is a draft, revision moves on; once it
-- is approved or withdrawn, nothing of it changes any more.
CREATE TABLE programme_versions (
    org_id {bigint} NOT NULL,
    programme_id {bigint} NOT NULL,
    version {bigint} NOT NULL,
    office_id {bigint},
    revision {bigint} NOT NULL,
    approved_by {bigint},
    approved_at {bigint},
    withdrawn_by {bigint},
    withdrawn_at {bigint},
    withdrawn_reason TEXT,
    PRIMARY KEY (org_id, programme_id, version)
) {strict_clustered};

-- Every save of a version, whole; rows are added and never changed. holds_from is a day in Japan.
CREATE TABLE programme_revisions (
    org_id {bigint} NOT NULL,
    programme_id {bigint} NOT NULL,
    version {bigint} NOT NULL,
    revision {bigint} NOT NULL,
    title TEXT NOT NULL,
    holds_from TEXT NOT NULL,
    document TEXT NOT NULL,
    saved_by {bigint},
    saved_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, programme_id, version, revision)
) {strict_clustered};
