-- Short links of the resident host: one a message and page, and what became of it. Nothing in these tables is
-- personal; whose link it is, the sealed columns of messages say.

-- Pages that texts may lead to, by the name that stands in templates: {{リンク 名前}}. name_key is the name as
-- headings are compared (base/src/merge.rs).
CREATE TABLE link_targets (
    org_id {bigint} NOT NULL,
    target_id {bigint} NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    created_at {bigint} NOT NULL,
    retired_at {bigint},
    PRIMARY KEY (org_id, target_id)
) {strict_clustered};
CREATE UNIQUE INDEX link_targets_by_name ON link_targets (org_id, name_key) WHERE retired_at IS NULL;

-- Addresses of a page; never changed, so that a link that was sent leads where it led.
CREATE TABLE link_target_versions (
    org_id {bigint} NOT NULL,
    target_id {bigint} NOT NULL,
    version {bigint} NOT NULL,
    url TEXT NOT NULL,
    created_by {bigint} NOT NULL,
    created_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, target_id, version)
) {strict_clustered};

-- token_index is a keyed hash of the letters in the address; a generation of the same text (messages.generation)
-- carries the same letters. Two texts that met in one token would be refused by the second key.
CREATE TABLE links (
    org_id {bigint} NOT NULL,
    message_id {bigint} NOT NULL,
    target_id {bigint} NOT NULL,
    target_version {bigint} NOT NULL,
    token_index TEXT NOT NULL,
    generation {bigint} NOT NULL,
    expires_at {bigint} NOT NULL,
    opened_at {bigint},
    open_count {bigint} NOT NULL,
    PRIMARY KEY (org_id, message_id, target_id),
    UNIQUE (token_index, generation)
) {strict_clustered};
