-- From a case notification (発生届) to a person of a programme. Columns that end in _index hold keyed hashes cut to
-- 64 bits (db/src/vault.rs). Days are written as 2022-02-14, Japan's.

-- One row a person and illness. What is not sealed names nobody: it is what lists are ordered and counted by.
-- A case is never deleted: one that was the same as another is merged into it and can be taken apart again.
CREATE TABLE cases (
    org_id {bigint} NOT NULL,
    case_id {bigint} NOT NULL,
    programme_id {bigint} NOT NULL,
    office_id {bigint} NOT NULL,
    received_at {bigint} NOT NULL,
    source TEXT NOT NULL,
    list_id {bigint},
    line {bigint},
    reference {bigint} NOT NULL,
    notification_sealed TEXT,
    version {bigint} NOT NULL,
    household_id {bigint} NOT NULL,
    onset_day TEXT,
    diagnosed_day TEXT,
    route TEXT NOT NULL,
    priority {bigint} NOT NULL,
    decision_sealed TEXT,
    decided_version {bigint},
    overruled_by {bigint},
    isolation_ends_day TEXT,
    state TEXT NOT NULL,
    contact TEXT NOT NULL,
    contact_at {bigint},
    watch_at {bigint},
    merged_into {bigint},
    closed_at {bigint},
    closed_why TEXT,
    PRIMARY KEY (org_id, case_id)
) {strict_clustered};
CREATE UNIQUE INDEX cases_by_reference ON cases (org_id, reference);
-- Where an index begins with a number of the whole installation: with the organisation in front SQLite would rather
-- walk all of its rows.
CREATE INDEX cases_by_household ON cases (household_id, case_id);
-- A row of a list becomes one case, however often it is confirmed.
CREATE UNIQUE INDEX cases_by_row ON cases (org_id, list_id, line) WHERE list_id IS NOT NULL;
-- What is filtered by stands in the index, so that a rare filter over a million rows opens no row in vain.
CREATE INDEX cases_by_time ON cases (org_id, received_at, case_id, contact, route, state);
CREATE INDEX cases_by_office ON cases (org_id, office_id, received_at, case_id, contact, route, state);
-- Who waits for the first word, the highest risk and the longest wait first.
CREATE INDEX cases_waiting ON cases (org_id, route, priority DESC, received_at, case_id)
    WHERE state = 'open' AND contact = 'waiting';
CREATE INDEX cases_waiting_by_office ON cases (org_id, office_id, route, priority DESC, received_at, case_id)
    WHERE state = 'open' AND contact = 'waiting';
CREATE INDEX cases_watched ON cases (org_id, watch_at, case_id) WHERE watch_at IS NOT NULL;
CREATE INDEX cases_by_onset ON cases (org_id, programme_id, onset_day) WHERE onset_day IS NOT NULL;

-- By what a case is found, recognised and linked: hashes of different kinds never meet, so all stand in one tree.
-- kind (triage/src/keys.rs): 1 number, 2 register ID, 3 kana, 4 first two morae of the kana, 5 name, 6 address;
-- 11 number + birth, 12 kana + birth, 13 name + birth, 14 register ID: by these twins are known, within a programme.
CREATE TABLE case_keys (
    org_id {bigint} NOT NULL,
    key_index {bigint} NOT NULL,
    case_id {bigint} NOT NULL,
    kind {bigint} NOT NULL,
    PRIMARY KEY (org_id, key_index, case_id)
) {strict_clustered};
CREATE INDEX case_keys_by_case ON case_keys (case_id);

-- What happened to a case, oldest first; rows are added and never changed. A correction keeps what stood there before.
CREATE TABLE case_events (
    org_id {bigint} NOT NULL,
    case_id {bigint} NOT NULL,
    event_no {bigint} NOT NULL,
    at {bigint} NOT NULL,
    staff_id {bigint},
    office_id {bigint},
    kind TEXT NOT NULL,
    detail_sealed TEXT,
    PRIMARY KEY (org_id, case_id, event_no)
) {strict_clustered};

-- Which messages went to a case; one to a household belongs to each of its people.
CREATE TABLE case_messages (
    org_id {bigint} NOT NULL,
    case_id {bigint} NOT NULL,
    message_id {bigint} NOT NULL,
    purpose TEXT NOT NULL,
    at {bigint} NOT NULL,
    PRIMARY KEY (org_id, case_id, message_id)
) {strict_clustered};
CREATE INDEX case_messages_by_message ON case_messages (org_id, message_id, case_id);

-- Two cases that may be one person. The earlier one has the smaller number. why: kinds of case_keys, as bits from 11.
CREATE TABLE case_twins (
    org_id {bigint} NOT NULL,
    earlier_id {bigint} NOT NULL,
    later_id {bigint} NOT NULL,
    why {bigint} NOT NULL,
    found_at {bigint} NOT NULL,
    state TEXT NOT NULL,
    kept_id {bigint},
    decided_by {bigint},
    decided_at {bigint},
    PRIMARY KEY (org_id, earlier_id, later_id)
) {strict_clustered};
CREATE INDEX case_twins_by_later ON case_twins (later_id, earlier_id);
CREATE INDEX case_twins_pending ON case_twins (org_id, found_at, earlier_id, later_id) WHERE state = 'pending';
