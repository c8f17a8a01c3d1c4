-- People, where they work, how they come in.

-- What an office is: head_office, health_centre, contractor, doctors (accounts/src/office.rs). A contractor's people
-- come in until contract_ends_at, the first moment after the contract's last day in Japan. A closed office keeps its
-- history and has nobody.
ALTER TABLE offices ADD COLUMN kind TEXT NOT NULL DEFAULT 'health_centre';
UPDATE offices SET kind = 'head_office' WHERE office_id = 1;
ALTER TABLE offices ADD COLUMN contract_ends_at {bigint};
ALTER TABLE offices ADD COLUMN closed_at {bigint};

-- invited_at: since then an account waits for its person, who has not chosen a password yet.
ALTER TABLE staff ADD COLUMN invited_at {bigint};
ALTER TABLE staff ADD COLUMN last_signed_in_at {bigint};
CREATE INDEX staff_by_office ON staff (org_id, office_id, login);

-- One-time links by which somebody chooses a password: to join, or a new one. At most one a person; it goes when
-- it is used. The letters of the link are nowhere, only their hash.
CREATE TABLE invitations (
    org_id {bigint} NOT NULL,
    staff_id {bigint} NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    made_by {bigint},
    made_at {bigint} NOT NULL,
    ends_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, staff_id)
) {strict};

-- The same for an organisation that has nobody yet: whoever holds the link sets it up.
CREATE TABLE org_setups (
    org_id {bigint} PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    made_at {bigint} NOT NULL,
    ends_at {bigint} NOT NULL
) {strict};
