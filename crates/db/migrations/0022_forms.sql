-- Forms that residents answer behind a personal link.

-- A form, whatever its version.
CREATE TABLE forms (
    org_id {bigint} NOT NULL,
    form_id {bigint} NOT NULL,
    form_key TEXT NOT NULL,
    created_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, form_id)
) {strict};
CREATE UNIQUE INDEX forms_by_key ON forms (org_id, form_key);

-- Its documents, none ever changed. The newest whose day has come is what is asked with; who was asked with an
-- earlier one goes on with that.
CREATE TABLE form_versions (
    org_id {bigint} NOT NULL,
    form_id {bigint} NOT NULL,
    version {bigint} NOT NULL,
    document TEXT NOT NULL,
    valid_from {bigint} NOT NULL,
    -- shipped: with the program; own: by the organisation, which then decides about later ones too.
    origin TEXT NOT NULL,
    created_by {bigint},
    created_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, form_id, version)
) {strict_clustered};

-- Somebody was asked. Whom it is about is a number of whoever asks.
CREATE TABLE form_requests (
    org_id {bigint} NOT NULL,
    request_id {bigint} NOT NULL,
    form_id {bigint} NOT NULL,
    version {bigint} NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id {bigint} NOT NULL,
    message_id {bigint},
    token_index TEXT NOT NULL,
    birth_index TEXT NOT NULL,
    -- Whom to telephone, if not the organisation's own line.
    contact TEXT,
    language TEXT NOT NULL,
    asked_by {bigint},
    asked_at {bigint} NOT NULL,
    valid_from {bigint} NOT NULL,
    valid_until {bigint} NOT NULL,
    tries {bigint} NOT NULL,
    locked_at {bigint},
    opened_at {bigint},
    submitted_at {bigint},
    withdrawn_at {bigint},
    PRIMARY KEY (org_id, request_id)
) {strict};
CREATE UNIQUE INDEX form_requests_by_token ON form_requests (token_index);
CREATE INDEX form_requests_by_subject ON form_requests (org_id, subject_kind, subject_id);
CREATE INDEX form_requests_by_message ON form_requests (org_id, message_id) WHERE message_id IS NOT NULL;
CREATE INDEX form_requests_waiting ON form_requests (org_id, asked_at)
    WHERE submitted_at IS NULL AND withdrawn_at IS NULL;

-- What was answered so far; after sending, what was delivered.
CREATE TABLE form_answers (
    org_id {bigint} NOT NULL,
    request_id {bigint} NOT NULL,
    answers_sealed TEXT NOT NULL,
    changed_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, request_id)
) {strict};

-- Answers that somebody must know of at once, also before anything is sent; cleared when the answer was changed.
CREATE TABLE form_flags (
    org_id {bigint} NOT NULL,
    request_id {bigint} NOT NULL,
    code TEXT NOT NULL,
    level TEXT NOT NULL,
    raised_at {bigint} NOT NULL,
    cleared_at {bigint},
    PRIMARY KEY (org_id, request_id, code)
) {strict_clustered};
CREATE INDEX form_flags_by_time ON form_flags (org_id, raised_at);

-- A browser in which the birth date was given, for a while and for one request.
CREATE TABLE form_visits (
    secret_hash TEXT NOT NULL,
    org_id {bigint} NOT NULL,
    request_id {bigint} NOT NULL,
    began_at {bigint} NOT NULL,
    seen_at {bigint} NOT NULL,
    PRIMARY KEY (secret_hash)
) {strict_clustered};
CREATE INDEX form_visits_by_use ON form_visits (seen_at);
