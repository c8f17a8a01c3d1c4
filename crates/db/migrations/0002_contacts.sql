-- Who was written to, for what, by which office, when; which numbers are wrong; whom to telephone.
-- Columns that end in _index and hold numbers are keyed hashes cut to 64 bits (db/src/vault.rs).

-- One row a message that may have left. `week` (whole weeks since 1970) stands before the hashes in every index,
-- so that a day's inserts touch the few pages of their week, however many years lie before. A hash is of one
-- organisation only; with that column in front SQLite would rather walk the organisation.
CREATE TABLE contacts (
    org_id {bigint} NOT NULL,
    message_id {bigint} NOT NULL,
    list_id {bigint},
    office_id {bigint} NOT NULL,
    purpose TEXT NOT NULL,
    at {bigint} NOT NULL,
    week {bigint} NOT NULL,
    phone_index {bigint},
    id_index {bigint},
    person_index {bigint},
    name_index {bigint},
    birth_index {bigint},
    PRIMARY KEY (org_id, message_id)
) {strict_clustered};
CREATE INDEX contacts_by_phone ON contacts (week, phone_index) WHERE phone_index IS NOT NULL;
CREATE INDEX contacts_by_id ON contacts (week, id_index) WHERE id_index IS NOT NULL;
CREATE INDEX contacts_by_person ON contacts (week, person_index) WHERE person_index IS NOT NULL;

-- Which rows, numbers and people an uploaded list has: a list under another name, or with three rows more, is
-- known again. Hashes of one kind never meet those of another, so that all stand in one tree.
CREATE TABLE list_row_keys (
    org_id {bigint} NOT NULL,
    week {bigint} NOT NULL,
    key_index {bigint} NOT NULL,
    list_id {bigint} NOT NULL,
    PRIMARY KEY (org_id, week, key_index, list_id)
) {strict_clustered};

-- How many different rows of a list are in list_row_keys.
CREATE TABLE list_row_counts (
    org_id {bigint} NOT NULL,
    list_id {bigint} NOT NULL,
    rows_known {bigint} NOT NULL,
    PRIMARY KEY (org_id, list_id)
) {strict_clustered};

-- Numbers that are known to be wrong, for everybody or for one person. Nothing is deleted: a report is lifted.
CREATE TABLE wrong_numbers (
    org_id {bigint} NOT NULL,
    report_id {bigint} NOT NULL,
    kind TEXT NOT NULL,
    phone_index {bigint} NOT NULL,
    phone_sealed TEXT NOT NULL,
    id_index {bigint},
    person_index {bigint},
    corrected_index {bigint},
    corrected_sealed TEXT,
    reason_sealed TEXT NOT NULL,
    office_id {bigint} NOT NULL,
    message_id {bigint},
    reported_by {bigint} NOT NULL,
    reported_at {bigint} NOT NULL,
    lifted_by {bigint},
    lifted_at {bigint},
    lift_reason_sealed TEXT,
    PRIMARY KEY (org_id, report_id)
) {strict};
CREATE INDEX wrong_numbers_by_phone ON wrong_numbers (phone_index);

-- People whom an office telephones because no SMS reaches them.
CREATE TABLE calls (
    org_id {bigint} NOT NULL,
    call_id {bigint} NOT NULL,
    office_id {bigint} NOT NULL,
    person_sealed TEXT NOT NULL,
    number_sealed TEXT,
    number_index {bigint},
    reason TEXT NOT NULL,
    note_sealed TEXT,
    list_id {bigint},
    line {bigint},
    message_id {bigint},
    added_by {bigint},
    added_at {bigint} NOT NULL,
    outcome TEXT,
    closed_by {bigint},
    closed_at {bigint},
    PRIMARY KEY (org_id, call_id)
) {strict};
CREATE UNIQUE INDEX calls_by_row ON calls (org_id, list_id, line) WHERE list_id IS NOT NULL;
CREATE UNIQUE INDEX calls_by_message ON calls (org_id, message_id) WHERE message_id IS NOT NULL;
CREATE INDEX calls_open ON calls (org_id, call_id) WHERE closed_at IS NULL;
CREATE INDEX calls_closed ON calls (org_id, closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX calls_open_by_number ON calls (number_index)
    WHERE closed_at IS NULL AND number_index IS NOT NULL;

-- Each attempt and each closing of a call, never changed.
CREATE TABLE call_events (
    org_id {bigint} NOT NULL,
    call_id {bigint} NOT NULL,
    event_no {bigint} NOT NULL,
    at {bigint} NOT NULL,
    staff_id {bigint} NOT NULL,
    outcome TEXT,
    note_sealed TEXT,
    PRIMARY KEY (org_id, call_id, event_no)
) {strict_clustered};
