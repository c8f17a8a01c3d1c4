-- From where an organisation's staff may come, and with whose identity provider they may sign in.

-- Ranges of addresses as base/src/address_range.rs writes them; none means from anywhere.
CREATE TABLE org_address_ranges (
    org_id {bigint} NOT NULL,
    address_range TEXT NOT NULL,
    PRIMARY KEY (org_id, address_range)
) {strict_clustered};

-- The OpenID Connect provider of an organisation (accounts/src/identity.rs).
CREATE TABLE identity_providers (
    org_id {bigint} PRIMARY KEY,
    label TEXT NOT NULL,
    issuer TEXT NOT NULL,
    client_id TEXT NOT NULL,
    client_secret_sealed TEXT NOT NULL,
    -- The claim that holds the login name.
    login_claim TEXT NOT NULL,
    -- Further hosts on which the provider answers, with spaces between.
    hosts TEXT NOT NULL,
    -- The word of the provider's (acr) for a sign-in with more than one factor, if it has one.
    factors_acr TEXT,
    changed_at {bigint} NOT NULL
) {strict};
