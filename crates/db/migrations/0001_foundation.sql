-- The first schema. One text for SQLite and PostgreSQL; the words in braces are the few places where
-- they differ (db/src/dialect.rs). Times are UTC milliseconds. A column that ends in _sealed holds personal
-- data, encrypted in the application (db/src/vault.rs); _index is a keyed hash of it, for searching.

CREATE TABLE sequences (
    name TEXT PRIMARY KEY,
    next {bigint} NOT NULL
) {strict};

-- Processes that may hand messages over. Ownership dies with its process: docs/adr/0003.
CREATE TABLE nodes (
    node_id {bigint} PRIMARY KEY,
    started_at {bigint} NOT NULL,
    lease_until {bigint} NOT NULL
) {strict};

CREATE TABLE orgs (
    org_id {bigint} PRIMARY KEY,
    name TEXT NOT NULL,
    key_id TEXT NOT NULL,
    wrapped_key TEXT NOT NULL,
    created_at {bigint} NOT NULL
) {strict};

CREATE TABLE offices (
    org_id {bigint} NOT NULL,
    office_id {bigint} NOT NULL,
    name TEXT NOT NULL,
    created_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, office_id)
) {strict};

CREATE TABLE staff (
    org_id {bigint} NOT NULL,
    staff_id {bigint} NOT NULL,
    office_id {bigint} NOT NULL,
    login TEXT NOT NULL UNIQUE,
    name_sealed TEXT NOT NULL,
    role TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at {bigint} NOT NULL,
    disabled_at {bigint},
    PRIMARY KEY (org_id, staff_id)
) {strict};

CREATE TABLE login_sessions (
    token_hash TEXT PRIMARY KEY,
    org_id {bigint} NOT NULL,
    staff_id {bigint} NOT NULL,
    csrf_secret TEXT NOT NULL,
    created_at {bigint} NOT NULL,
    seen_at {bigint} NOT NULL
) {strict};

-- One row per throttled subject: a login name or a source address, hashed.
CREATE TABLE login_throttle (
    subject TEXT PRIMARY KEY,
    failures {bigint} NOT NULL,
    window_started_at {bigint} NOT NULL,
    closed_until {bigint} NOT NULL
) {strict};

CREATE TABLE line_lists (
    org_id {bigint} NOT NULL,
    list_id {bigint} NOT NULL,
    office_id {bigint} NOT NULL,
    file_name_sealed TEXT NOT NULL,
    understood_sealed TEXT NOT NULL,
    headings_sealed TEXT NOT NULL,
    row_count {bigint} NOT NULL,
    to_column TEXT,
    template_id {bigint},
    template_version {bigint},
    uploaded_by {bigint} NOT NULL,
    uploaded_at {bigint} NOT NULL,
    withdrawn_by {bigint},
    withdrawn_at {bigint},
    PRIMARY KEY (org_id, list_id)
) {strict};
CREATE INDEX line_lists_by_day ON line_lists (org_id, uploaded_at);

-- A row as the file has it, or as it was mended; a mended row keeps what it was.
CREATE TABLE list_rows (
    org_id {bigint} NOT NULL,
    list_id {bigint} NOT NULL,
    line {bigint} NOT NULL,
    cells_sealed TEXT NOT NULL,
    excluded_reason_sealed TEXT,
    PRIMARY KEY (org_id, list_id, line)
) {strict_clustered};

CREATE TABLE list_row_changes (
    org_id {bigint} NOT NULL,
    list_id {bigint} NOT NULL,
    line {bigint} NOT NULL,
    change_no {bigint} NOT NULL,
    change_sealed TEXT NOT NULL,
    changed_by {bigint} NOT NULL,
    changed_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, list_id, line, change_no)
) {strict_clustered};

CREATE TABLE message_templates (
    org_id {bigint} NOT NULL,
    template_id {bigint} NOT NULL,
    name TEXT NOT NULL,
    created_at {bigint} NOT NULL,
    archived_at {bigint},
    PRIMARY KEY (org_id, template_id)
) {strict};

CREATE TABLE message_template_versions (
    org_id {bigint} NOT NULL,
    template_id {bigint} NOT NULL,
    version {bigint} NOT NULL,
    text TEXT NOT NULL,
    created_by {bigint} NOT NULL,
    created_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, template_id, version)
) {strict};

CREATE TABLE carrier_accounts (
    account_id {bigint} PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) {strict};

-- Messages of one broadcast have consecutive ids, so that counting them is one range of the primary key.
-- Whether it is held, paused, sending or finished is derived, never stored.
CREATE TABLE broadcasts (
    org_id {bigint} NOT NULL,
    broadcast_id {bigint} NOT NULL,
    office_id {bigint} NOT NULL,
    list_id {bigint},
    template_id {bigint},
    template_version {bigint},
    file_name_sealed TEXT NOT NULL,
    origin TEXT NOT NULL,
    simulated {bigint} NOT NULL,
    lane {bigint} NOT NULL,
    sender TEXT NOT NULL,
    segmentation TEXT NOT NULL,
    first_message_id {bigint} NOT NULL,
    last_message_id {bigint} NOT NULL,
    created_by {bigint},
    created_at {bigint} NOT NULL,
    hold_until {bigint} NOT NULL,
    paused_at {bigint},
    discarded_at {bigint},
    handed_over_at {bigint},
    resend_scope TEXT,
    resend_reason_sealed TEXT,
    PRIMARY KEY (org_id, broadcast_id)
) {strict};
CREATE INDEX broadcasts_by_day ON broadcasts (org_id, created_at);
CREATE INDEX broadcasts_by_list ON broadcasts (org_id, list_id, broadcast_id) WHERE list_id IS NOT NULL;
-- What the carrier worker looks at on each claim: broadcasts that may still have something to hand over.
CREATE INDEX broadcasts_open ON broadcasts (lane, broadcast_id) WHERE handed_over_at IS NULL;

-- Who pressed stop, resume, discard, settled an unconfirmed message; never changed.
CREATE TABLE broadcast_events (
    org_id {bigint} NOT NULL,
    broadcast_id {bigint} NOT NULL,
    event_no {bigint} NOT NULL,
    at {bigint} NOT NULL,
    staff_id {bigint},
    action TEXT NOT NULL,
    detail_sealed TEXT,
    PRIMARY KEY (org_id, broadcast_id, event_no)
) {strict_clustered};

-- A row becomes one message; a fingerprint (what it would do) becomes one message per generation.
CREATE TABLE messages (
    org_id {bigint} NOT NULL,
    message_id {bigint} NOT NULL,
    broadcast_id {bigint} NOT NULL,
    line {bigint} NOT NULL,
    phone_sealed TEXT NOT NULL,
    phone_index TEXT NOT NULL,
    text_sealed TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    generation {bigint} NOT NULL,
    part_count {bigint} NOT NULL,
    created_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, message_id),
    UNIQUE (org_id, broadcast_id, line),
    UNIQUE (fingerprint, org_id, generation)
) {strict_clustered};

-- What the carrier is asked to carry. The state of a message is the greatest state of its parts
-- (messaging/src/message.rs gives the numbers: 70 queued, 80 submitting, 90 unconfirmed).
CREATE TABLE parts (
    org_id {bigint} NOT NULL,
    message_id {bigint} NOT NULL,
    part_no {bigint} NOT NULL,
    broadcast_id {bigint} NOT NULL,
    state {bigint} NOT NULL,
    due_at {bigint} NOT NULL,
    tries {bigint} NOT NULL,
    changed_at {bigint} NOT NULL,
    node_id {bigint},
    account_id {bigint},
    submitted_at {bigint},
    carrier_message_id TEXT,
    carrier_code TEXT,
    PRIMARY KEY (org_id, message_id, part_no)
) {strict_clustered};
CREATE INDEX parts_queued ON parts (broadcast_id, message_id, part_no) WHERE state = 70;
CREATE INDEX parts_submitting ON parts (node_id) WHERE state = 80;
CREATE INDEX parts_unconfirmed ON parts (account_id) WHERE state = 90;
CREATE INDEX parts_by_carrier_id ON parts (account_id, carrier_message_id) WHERE carrier_message_id IS NOT NULL;

-- Attempts that did not go straight: refused for a while, or never answered.
CREATE TABLE attempts (
    org_id {bigint} NOT NULL,
    message_id {bigint} NOT NULL,
    part_no {bigint} NOT NULL,
    try_no {bigint} NOT NULL,
    account_id {bigint} NOT NULL,
    submitted_at {bigint} NOT NULL,
    ended_at {bigint} NOT NULL,
    outcome TEXT NOT NULL,
    carrier_code TEXT,
    PRIMARY KEY (org_id, message_id, part_no, try_no)
) {strict_clustered};

-- Every receipt that was matched to a part, in order of arrival.
CREATE TABLE receipts (
    org_id {bigint} NOT NULL,
    message_id {bigint} NOT NULL,
    part_no {bigint} NOT NULL,
    receipt_id {bigint} NOT NULL,
    received_at {bigint} NOT NULL,
    carrier_state TEXT NOT NULL,
    carrier_code TEXT,
    carrier_done_at TEXT,
    PRIMARY KEY (org_id, message_id, part_no, receipt_id)
) {strict_clustered};

-- Receipts that no part answers to yet: earlier than the answer that names them, or of an unknown message.
CREATE TABLE stray_receipts (
    receipt_id {bigint} PRIMARY KEY,
    account_id {bigint} NOT NULL,
    carrier_message_id TEXT NOT NULL,
    phone_index TEXT,
    submitted_at {bigint},
    received_at {bigint} NOT NULL,
    carrier_state TEXT NOT NULL,
    carrier_code TEXT,
    carrier_done_at TEXT
) {strict};
CREATE INDEX stray_receipts_by_id ON stray_receipts (account_id, carrier_message_id);
