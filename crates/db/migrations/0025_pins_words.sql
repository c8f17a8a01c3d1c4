-- Which person of the identity provider an account belongs to, since its first sign-in with the provider. A keyed hash
-- of issuer and subject (sub): it is only ever compared.
CREATE TABLE identity_pins (
    org_id {bigint} NOT NULL,
    staff_id {bigint} NOT NULL,
    issuer TEXT NOT NULL,
    subject_index TEXT NOT NULL,
    pinned_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, staff_id)
) {strict};

-- The word by which residents find an organisation: /genuine/midori. Without one its number stands for it.
ALTER TABLE orgs ADD COLUMN public_word TEXT;
CREATE UNIQUE INDEX orgs_by_public_word ON orgs (public_word);
