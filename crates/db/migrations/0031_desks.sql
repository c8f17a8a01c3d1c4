-- The application desk: what a desk asks and decides is a dated document; an application goes from its first page to
-- its result, and the result to the message that tells it. Columns that end in _index hold keyed hashes.

-- desk_key: its word in addresses and in imported documents, the same for ever. office_id: who runs it.
CREATE TABLE desks (
    org_id {bigint} NOT NULL,
    desk_id {bigint} NOT NULL,
    desk_key TEXT NOT NULL,
    name TEXT NOT NULL,
    office_id {bigint} NOT NULL,
    created_by {bigint},
    created_at {bigint} NOT NULL,
    closed_at {bigint},
    PRIMARY KEY (org_id, desk_id)
) {strict_clustered};
CREATE UNIQUE INDEX desks_by_key ON desks (org_id, desk_key);

-- As programme_versions and programme_revisions: accounts/src/versions.rs.
CREATE TABLE desk_versions (
    org_id {bigint} NOT NULL,
    desk_id {bigint} NOT NULL,
    version {bigint} NOT NULL,
    office_id {bigint},
    revision {bigint} NOT NULL,
    approved_by {bigint},
    approved_at {bigint},
    withdrawn_by {bigint},
    withdrawn_at {bigint},
    withdrawn_reason TEXT,
    PRIMARY KEY (org_id, desk_id, version)
) {strict_clustered};
CREATE TABLE desk_revisions (
    org_id {bigint} NOT NULL,
    desk_id {bigint} NOT NULL,
    version {bigint} NOT NULL,
    revision {bigint} NOT NULL,
    title TEXT NOT NULL,
    holds_from TEXT NOT NULL,
    document TEXT NOT NULL,
    saved_by {bigint},
    saved_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, desk_id, version, revision)
) {strict_clustered};

-- Which template tells which outcome: it follows from the document and is chosen by nobody. text_hash: of the texts
-- that the template version was made from.
CREATE TABLE desk_texts (
    org_id {bigint} NOT NULL,
    desk_id {bigint} NOT NULL,
    outcome TEXT NOT NULL,
    corrects {bigint} NOT NULL,
    template_id {bigint} NOT NULL,
    template_version {bigint} NOT NULL,
    text_hash TEXT NOT NULL,
    PRIMARY KEY (org_id, desk_id, outcome, corrects)
) {strict_clustered};

-- One row a person who applies. version: of the document that it was made with.
-- changes: counts up with everything that is decided about it: whoever looked at an older number looked at another
-- application. review_no, reviewer, reviewer_until: who has it to themselves. parked: taken out of the queue (hold, phone).
-- decision_no: the decision that stands (application_decisions), 0 for none; outcome, decided_by, decided_at,
-- provisional_until, second_look say of it what queues ask. owes: what the person is still to be told, and corrects
-- whether that puts an earlier message right. told: what the person was told last. list_id: the list that it is locked in.
CREATE TABLE applications (
    org_id {bigint} NOT NULL,
    application_id {bigint} NOT NULL,
    desk_id {bigint} NOT NULL,
    version {bigint} NOT NULL,
    office_id {bigint} NOT NULL,
    reference {bigint} NOT NULL,
    token_index TEXT NOT NULL,
    language TEXT NOT NULL,
    content_sealed TEXT NOT NULL,
    birth_index TEXT,
    state TEXT NOT NULL,
    state_at {bigint} NOT NULL,
    changes {bigint} NOT NULL,
    priority {bigint} NOT NULL,
    started_at {bigint} NOT NULL,
    counted_at {bigint},
    received_at {bigint},
    sent_back TEXT,
    parked TEXT,
    parked_at {bigint},
    call_id {bigint},
    review_no {bigint} NOT NULL,
    reviewer {bigint},
    reviewer_until {bigint},
    decision_no {bigint} NOT NULL,
    outcome TEXT,
    decided_by {bigint},
    decided_at {bigint},
    provisional_until {bigint},
    second_look TEXT,
    owes TEXT,
    owes_since {bigint},
    corrects {bigint} NOT NULL,
    told TEXT,
    list_id {bigint},
    PRIMARY KEY (org_id, application_id)
) {strict_clustered};
CREATE UNIQUE INDEX applications_by_reference ON applications (org_id, reference);
CREATE UNIQUE INDEX applications_by_token ON applications (token_index);
-- Each queue has an index of its own that holds nothing else, in the order in which it is worked off.
CREATE INDEX applications_queue ON applications (org_id, desk_id, priority DESC, received_at, application_id)
    WHERE state = 'ready' AND parked IS NULL;
CREATE INDEX applications_parked ON applications (org_id, desk_id, parked_at, application_id) WHERE parked IS NOT NULL;
CREATE INDEX applications_received ON applications (org_id, desk_id, priority DESC, received_at, application_id)
    WHERE state = 'received';
CREATE INDEX applications_held ON applications (org_id, reviewer) WHERE reviewer IS NOT NULL;
CREATE INDEX applications_provisional ON applications (org_id, provisional_until, application_id)
    WHERE state = 'provisional';
CREATE INDEX applications_owed ON applications (org_id, desk_id, owes, corrects, owes_since, application_id)
    WHERE owes IS NOT NULL;
CREATE INDEX applications_listed ON applications (org_id, list_id, application_id) WHERE list_id IS NOT NULL;
CREATE INDEX applications_looks ON applications (org_id, desk_id, decided_at, application_id)
    WHERE second_look IN ('wanted', 'differs');
CREATE INDEX applications_waiting ON applications (org_id, state, state_at, application_id)
    WHERE state IN ('draft', 'sent_back');
-- What counts against the capacity of a day.
CREATE INDEX applications_counted ON applications (org_id, desk_id, counted_at) WHERE counted_at IS NOT NULL;
CREATE INDEX applications_decided ON applications (org_id, desk_id, decided_at) WHERE decided_at IS NOT NULL;

-- By what two applications may be of one person. kind: 1 number, 2 kana + birth, 3 name + birth, 4 a photo's bytes.
CREATE TABLE application_keys (
    org_id {bigint} NOT NULL,
    key_index {bigint} NOT NULL,
    application_id {bigint} NOT NULL,
    kind {bigint} NOT NULL,
    PRIMARY KEY (org_id, key_index, application_id)
) {strict_clustered};
CREATE INDEX application_keys_by_application ON application_keys (application_id);

-- What happened to an application, oldest first; rows are added and never changed.
CREATE TABLE application_events (
    org_id {bigint} NOT NULL,
    application_id {bigint} NOT NULL,
    event_no {bigint} NOT NULL,
    at {bigint} NOT NULL,
    staff_id {bigint},
    kind TEXT NOT NULL,
    detail TEXT,
    note_sealed TEXT,
    PRIMARY KEY (org_id, application_id, event_no)
) {strict_clustered};

-- Each time that somebody had an application to themselves, and what they typed, also if it was taken from them.
CREATE TABLE application_reviews (
    org_id {bigint} NOT NULL,
    application_id {bigint} NOT NULL,
    review_no {bigint} NOT NULL,
    staff_id {bigint} NOT NULL,
    begun_at {bigint} NOT NULL,
    ended_at {bigint},
    ended TEXT,
    comment_sealed TEXT,
    PRIMARY KEY (org_id, application_id, review_no)
) {strict_clustered};

-- Every decision, none taken away: one that was undone or corrected stays with who and when. before_state: where the
-- application stood, and replaces: which decision stood then. told_at and what follows: how the person was told.
CREATE TABLE application_decisions (
    org_id {bigint} NOT NULL,
    application_id {bigint} NOT NULL,
    decision_no {bigint} NOT NULL,
    outcome TEXT NOT NULL,
    before_state TEXT NOT NULL,
    replaces {bigint} NOT NULL,
    corrects {bigint} NOT NULL,
    decided_by {bigint} NOT NULL,
    decided_at {bigint} NOT NULL,
    second_look TEXT,
    final_at {bigint},
    undone_at {bigint},
    told_at {bigint},
    list_id {bigint},
    broadcast_id {bigint},
    message_id {bigint},
    call_id {bigint},
    PRIMARY KEY (org_id, application_id, decision_no)
) {strict_clustered};
CREATE INDEX application_decisions_by_staff ON application_decisions (org_id, decided_by, decided_at);

-- What somebody else thought of a decision.
CREATE TABLE application_looks (
    org_id {bigint} NOT NULL,
    application_id {bigint} NOT NULL,
    decision_no {bigint} NOT NULL,
    staff_id {bigint} NOT NULL,
    at {bigint} NOT NULL,
    opinion TEXT NOT NULL,
    agrees {bigint} NOT NULL,
    comment_sealed TEXT,
    PRIMARY KEY (org_id, application_id, decision_no, staff_id)
) {strict_clustered};

-- 判定別リスト that were locked: so many people who are to be told the same.
CREATE TABLE outcome_lists (
    org_id {bigint} NOT NULL,
    list_id {bigint} NOT NULL,
    desk_id {bigint} NOT NULL,
    outcome TEXT NOT NULL,
    corrects {bigint} NOT NULL,
    people {bigint} NOT NULL,
    locked_by {bigint},
    locked_at {bigint} NOT NULL,
    opened_at {bigint},
    released_at {bigint},
    broadcast_id {bigint},
    told {bigint},
    PRIMARY KEY (org_id, list_id)
) {strict_clustered};
CREATE INDEX outcome_lists_by_desk ON outcome_lists (org_id, desk_id, locked_at);

-- What whoever cares for confirmed people (triage) has to take over: a row is added with what became final, and done
-- in the write that opens or takes back the case.
CREATE TABLE application_handovers (
    org_id {bigint} NOT NULL,
    application_id {bigint} NOT NULL,
    decision_no {bigint} NOT NULL,
    kind TEXT NOT NULL,
    at {bigint} NOT NULL,
    claimed_until {bigint} NOT NULL,
    done_at {bigint},
    case_id {bigint},
    PRIMARY KEY (org_id, application_id, decision_no)
) {strict_clustered};
CREATE INDEX application_handovers_open ON application_handovers (org_id, at, application_id) WHERE done_at IS NULL;
