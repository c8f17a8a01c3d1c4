-- Second factors, what a login session knows of itself, and resets that two administrators make together.

ALTER TABLE orgs ADD COLUMN require_second_factor {bigint} NOT NULL DEFAULT 0;

-- What devices know a person by: random, so that it says nothing about anybody.
ALTER TABLE staff ADD COLUMN passkey_handle TEXT;

-- Sessions of the release before have none of these. confirmed_at: when the person last proved who it is.
ALTER TABLE login_sessions ADD COLUMN session_no {bigint};
ALTER TABLE login_sessions ADD COLUMN confirmed_at {bigint};
ALTER TABLE login_sessions ADD COLUMN way TEXT;
ALTER TABLE login_sessions ADD COLUMN source_sealed TEXT;
ALTER TABLE login_sessions ADD COLUMN browser TEXT;

-- The password was right, the second step is not done: opens nothing but the page of that step.
CREATE TABLE login_steps (
    token_hash TEXT PRIMARY KEY,
    org_id {bigint} NOT NULL,
    staff_id {bigint} NOT NULL,
    started_at {bigint} NOT NULL
) {strict};

-- A question to a passkey, asked of one browser: the hash of its session's, step's or form's secret.
CREATE TABLE passkey_challenges (
    asker_hash TEXT PRIMARY KEY,
    challenge TEXT NOT NULL,
    asked_at {bigint} NOT NULL
) {strict};

CREATE TABLE totp_devices (
    org_id {bigint} NOT NULL,
    totp_id {bigint} NOT NULL,
    staff_id {bigint} NOT NULL,
    name_sealed TEXT NOT NULL,
    secret_sealed TEXT NOT NULL,
    last_step {bigint} NOT NULL,
    added_at {bigint} NOT NULL,
    used_at {bigint},
    PRIMARY KEY (org_id, totp_id)
) {strict};
CREATE INDEX totp_devices_of ON totp_devices (org_id, staff_id);

CREATE TABLE passkeys (
    org_id {bigint} NOT NULL,
    passkey_id {bigint} NOT NULL,
    staff_id {bigint} NOT NULL,
    name_sealed TEXT NOT NULL,
    credential_index TEXT NOT NULL UNIQUE,
    credential_sealed TEXT NOT NULL,
    public_key_sealed TEXT NOT NULL,
    sign_count {bigint} NOT NULL,
    added_at {bigint} NOT NULL,
    used_at {bigint},
    PRIMARY KEY (org_id, passkey_id)
) {strict};
CREATE INDEX passkeys_of ON passkeys (org_id, staff_id);

CREATE TABLE recovery_codes (
    org_id {bigint} NOT NULL,
    staff_id {bigint} NOT NULL,
    code_no {bigint} NOT NULL,
    code_hash_sealed TEXT NOT NULL,
    made_at {bigint} NOT NULL,
    used_at {bigint},
    PRIMARY KEY (org_id, staff_id, code_no)
) {strict};

-- One administrator asked; another has to confirm.
CREATE TABLE factor_resets (
    org_id {bigint} NOT NULL,
    staff_id {bigint} NOT NULL,
    reason_sealed TEXT NOT NULL,
    asked_by {bigint} NOT NULL,
    asked_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, staff_id)
) {strict};
