-- What people write back; what a stop means; calls that end by themselves; messages that take another's place; what
-- callers say in a programme.

-- One row a message from a phone, its text part by part in reply_parts. number_index is that of contacts and
-- wrong_numbers (0 for a sender that is no mobile number); message_id: the newest message to that number, which it
-- most likely answers. reference: what the parts of a long one share. keyword, report_id, incident_id: what was done by
-- itself. state: new, read, handled.
CREATE TABLE replies (
    org_id {bigint} NOT NULL,
    reply_id {bigint} NOT NULL,
    account_id {bigint} NOT NULL,
    office_id {bigint} NOT NULL,
    number_sealed TEXT NOT NULL,
    number_index {bigint} NOT NULL,
    message_id {bigint},
    reference {bigint} NOT NULL,
    part_count {bigint} NOT NULL,
    received_at {bigint} NOT NULL,
    completed_at {bigint},
    keyword TEXT,
    report_id {bigint},
    incident_id {bigint},
    state TEXT NOT NULL,
    read_by {bigint},
    read_at {bigint},
    handled_by {bigint},
    handled_at {bigint},
    note_sealed TEXT,
    PRIMARY KEY (org_id, reply_id)
) {strict_clustered};
CREATE INDEX replies_by_office ON replies (org_id, office_id, reply_id);
CREATE INDEX replies_unread ON replies (org_id, office_id) WHERE state = 'new';
CREATE INDEX replies_by_number ON replies (number_index, reply_id);
CREATE INDEX replies_by_message ON replies (message_id, reply_id) WHERE message_id IS NOT NULL;
CREATE INDEX replies_by_time ON replies (org_id, received_at);

-- times: how often this part came. A carrier that got no answer delivers again, and a person may write the same twice.
CREATE TABLE reply_parts (
    org_id {bigint} NOT NULL,
    reply_id {bigint} NOT NULL,
    part_no {bigint} NOT NULL,
    text_sealed TEXT NOT NULL,
    fingerprint {bigint} NOT NULL,
    received_at {bigint} NOT NULL,
    times {bigint} NOT NULL,
    PRIMARY KEY (org_id, reply_id, part_no)
) {strict_clustered};
CREATE INDEX reply_parts_by_fingerprint ON reply_parts (fingerprint, received_at);

-- What is written back by itself after a word that acts; NULL: nothing. The newest version holds.
CREATE TABLE reply_rules (
    org_id {bigint} NOT NULL,
    version {bigint} NOT NULL,
    stop_text TEXT,
    wrong_text TEXT,
    saved_by {bigint},
    saved_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, version)
) {strict_clustered};

-- A number may be closed by a word that its owner wrote: nobody of the staff reports it (reported_by is NULL).
CREATE TABLE wrong_numbers_by_anybody (
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
    reported_by {bigint},
    reported_at {bigint} NOT NULL,
    lifted_by {bigint},
    lifted_at {bigint},
    lift_reason_sealed TEXT,
    PRIMARY KEY (org_id, report_id)
) {strict};
INSERT INTO wrong_numbers_by_anybody (org_id, report_id, kind, phone_index, phone_sealed, id_index, person_index,
    corrected_index, corrected_sealed, reason_sealed, office_id, message_id, reported_by, reported_at, lifted_by,
    lifted_at, lift_reason_sealed)
SELECT org_id, report_id, kind, phone_index, phone_sealed, id_index, person_index,
    corrected_index, corrected_sealed, reason_sealed, office_id, message_id, reported_by, reported_at, lifted_by,
    lifted_at, lift_reason_sealed
FROM wrong_numbers;
DROP TABLE wrong_numbers;
ALTER TABLE wrong_numbers_by_anybody RENAME TO wrong_numbers;
CREATE INDEX wrong_numbers_by_phone ON wrong_numbers (phone_index);

-- A call ends by itself when its person was reached meanwhile: nobody of the staff closes it (staff_id is NULL).
CREATE TABLE call_events_by_anybody (
    org_id {bigint} NOT NULL,
    call_id {bigint} NOT NULL,
    event_no {bigint} NOT NULL,
    at {bigint} NOT NULL,
    staff_id {bigint},
    outcome TEXT,
    note_sealed TEXT,
    attempt TEXT,
    from_office_id {bigint},
    PRIMARY KEY (org_id, call_id, event_no)
) {strict_clustered};
INSERT INTO call_events_by_anybody (org_id, call_id, event_no, at, staff_id, outcome, note_sealed, attempt,
    from_office_id)
SELECT org_id, call_id, event_no, at, staff_id, outcome, note_sealed, attempt, from_office_id FROM call_events;
DROP TABLE call_events;
ALTER TABLE call_events_by_anybody RENAME TO call_events;

-- programme_id, language: by which words the call is made. reached_at: the person was reached in another way while
-- somebody had the call.
ALTER TABLE calls ADD COLUMN programme_id {bigint};
ALTER TABLE calls ADD COLUMN language TEXT;
ALTER TABLE calls ADD COLUMN reached_at {bigint};
CREATE INDEX calls_reached ON calls (org_id, call_id) WHERE reached_at IS NOT NULL AND closed_at IS NULL;

-- Cases of an organisation that had no programme when they came in.
CREATE INDEX cases_without_programme ON cases (programme_id, case_id) WHERE programme_id = 0 AND state = 'open';

-- What callers say to the people of a programme, in a language. Every save is a version; the newest whose day has come
-- holds. It says nothing of anybody.
CREATE TABLE call_scripts (
    org_id {bigint} NOT NULL,
    programme_id {bigint} NOT NULL,
    language TEXT NOT NULL,
    version {bigint} NOT NULL,
    holds_from {bigint} NOT NULL,
    text TEXT NOT NULL,
    saved_by {bigint},
    saved_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, programme_id, language, version)
) {strict_clustered};

-- Which message takes the place of one that was called back because its number was wrong.
CREATE TABLE message_replacements (
    org_id {bigint} NOT NULL,
    message_id {bigint} NOT NULL,
    replaced_by {bigint} NOT NULL,
    at {bigint} NOT NULL,
    PRIMARY KEY (org_id, message_id)
) {strict_clustered};
