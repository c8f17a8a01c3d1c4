-- What happened, and that nobody changed it afterwards.

-- The seals of the audit trail: one an entry, each hash over the one before it and the whole entry
-- (accounts/src/chain.rs), in the order in which the sealer came upon them.
CREATE TABLE audit_seals (
    org_id {bigint} NOT NULL,
    seq {bigint} NOT NULL,
    entry_id {bigint} NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (org_id, seq),
    UNIQUE (org_id, entry_id)
) {strict_clustered};

{append_only audit_entries}
{append_only audit_seals}

-- Which seals were signed into a file outside of the database, so that pages can say when that was last done. The
-- file itself is what counts.
CREATE TABLE audit_checkpoints (
    org_id {bigint} NOT NULL,
    at {bigint} NOT NULL,
    seq {bigint} NOT NULL,
    PRIMARY KEY (org_id, at, seq)
) {strict_clustered};

-- What somebody has to look at now. An alarm is never deleted; who has seen to it is written beside it.
CREATE TABLE alarms (
    org_id {bigint} NOT NULL,
    alarm_id {bigint} NOT NULL,
    kind TEXT NOT NULL,
    at {bigint} NOT NULL,
    subject_kind TEXT,
    subject_id {bigint},
    detail_sealed TEXT,
    acknowledged_by {bigint},
    acknowledged_at {bigint},
    PRIMARY KEY (org_id, alarm_id)
) {strict};
CREATE INDEX alarms_open ON alarms (org_id, alarm_id) WHERE acknowledged_at IS NULL;

-- Each time a person had a masked number or text shown whole, for as long as they are counted.
CREATE TABLE reveals (
    org_id {bigint} NOT NULL,
    staff_id {bigint} NOT NULL,
    at {bigint} NOT NULL,
    reveal_id {bigint} NOT NULL,
    PRIMARY KEY (org_id, staff_id, at, reveal_id)
) {strict_clustered};

-- Files that need a second person before they leave: asked for, agreed to by somebody else, fetched once.
CREATE TABLE export_requests (
    org_id {bigint} NOT NULL,
    request_id {bigint} NOT NULL,
    office_id {bigint} NOT NULL,
    broadcast_id {bigint} NOT NULL,
    form TEXT NOT NULL,
    purpose_sealed TEXT NOT NULL,
    row_count {bigint} NOT NULL,
    asked_by {bigint} NOT NULL,
    asked_at {bigint} NOT NULL,
    agreed_by {bigint},
    agreed_at {bigint},
    refused_at {bigint},
    fetched_at {bigint},
    PRIMARY KEY (org_id, request_id)
) {strict};
CREATE INDEX export_requests_by_time ON export_requests (org_id, asked_at);

-- From how many rows on a file needs a second person; the newest version holds, nothing means never.
CREATE TABLE export_rules (
    org_id {bigint} NOT NULL,
    version {bigint} NOT NULL,
    second_person_above {bigint},
    set_by {bigint} NOT NULL,
    set_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, version)
) {strict};
