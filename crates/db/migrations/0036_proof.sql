-- What shows that a person holds a number, and that a statement is ours. Columns that end in _index hold keyed hashes.

-- One row an application: the code that was sent last, for this number. tries: wrong ones since tries_since, whichever
-- code they were for. code_index: nothing once it was read back.
CREATE TABLE phone_codes (
    org_id {bigint} NOT NULL,
    application_id {bigint} NOT NULL,
    phone_index TEXT,
    code_index TEXT,
    sent_at {bigint} NOT NULL,
    tries {bigint} NOT NULL,
    tries_since {bigint} NOT NULL,
    PRIMARY KEY (org_id, application_id)
) {strict_clustered};

-- How often something was done in the time that begins then: by a number, an address, a desk, an organisation, all.
CREATE TABLE code_budgets (
    budget TEXT NOT NULL,
    begins_at {bigint} NOT NULL,
    used {bigint} NOT NULL,
    PRIMARY KEY (budget, begins_at)
) {strict_clustered};
CREATE INDEX code_budgets_old ON code_budgets (begins_at);

-- Proofs of work that were used, until they are too old anyway.
CREATE TABLE spent_proofs (
    proof TEXT NOT NULL PRIMARY KEY,
    until {bigint} NOT NULL
) {strict_clustered};
CREATE INDEX spent_proofs_old ON spent_proofs (until);

-- 証明書 that were issued. decision_no: of the decision that it rests on. says_sealed: its words, as they were printed.
-- birth_index: of the birth date on it. Whether it still holds follows from its application.
CREATE TABLE certificates (
    org_id {bigint} NOT NULL,
    certificate_id {bigint} NOT NULL,
    application_id {bigint} NOT NULL,
    decision_no {bigint} NOT NULL,
    code_index TEXT NOT NULL,
    birth_index TEXT NOT NULL,
    says_sealed TEXT NOT NULL,
    issued_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, certificate_id)
) {strict_clustered};
CREATE UNIQUE INDEX certificates_by_code ON certificates (code_index);
CREATE UNIQUE INDEX certificates_by_decision ON certificates (org_id, application_id, decision_no);

-- Address lists that were handed over to whoever sends parcels; each application stands on one at most.
CREATE TABLE delivery_lists (
    org_id {bigint} NOT NULL,
    delivery_id {bigint} NOT NULL,
    desk_id {bigint} NOT NULL,
    made_by {bigint} NOT NULL,
    made_at {bigint} NOT NULL,
    people {bigint} NOT NULL,
    purpose_sealed TEXT NOT NULL,
    PRIMARY KEY (org_id, delivery_id)
) {strict_clustered};
CREATE INDEX delivery_lists_by_desk ON delivery_lists (org_id, desk_id, delivery_id);
ALTER TABLE applications ADD COLUMN delivery_id {bigint};
CREATE INDEX applications_to_deliver ON applications (org_id, desk_id, decided_at, application_id)
    WHERE told = 'confirmed' AND outcome = 'confirmed' AND state = 'released' AND delivery_id IS NULL;
CREATE INDEX applications_delivered ON applications (org_id, delivery_id, application_id)
    WHERE delivery_id IS NOT NULL;
