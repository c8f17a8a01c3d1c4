-- moves_to: the case of an entry was handed over to this office while somebody had the call; it goes there when that ends.
ALTER TABLE calls ADD COLUMN moves_to {bigint};
CREATE INDEX calls_moving ON calls (org_id, call_id) WHERE moves_to IS NOT NULL AND closed_at IS NULL;

-- Forms that an organisation writes itself: drafts and what was approved of them, as for programmes and desks. Each
-- approval becomes a row of form_versions, which names it (draft); one that was taken back is not asked with any more.
CREATE TABLE form_draft_versions (
    org_id {bigint} NOT NULL,
    form_draft_id {bigint} NOT NULL,
    version {bigint} NOT NULL,
    office_id {bigint},
    revision {bigint} NOT NULL,
    approved_by {bigint},
    approved_at {bigint},
    withdrawn_by {bigint},
    withdrawn_at {bigint},
    withdrawn_reason TEXT,
    PRIMARY KEY (org_id, form_draft_id, version)
) {strict_clustered};
CREATE TABLE form_draft_revisions (
    org_id {bigint} NOT NULL,
    form_draft_id {bigint} NOT NULL,
    version {bigint} NOT NULL,
    revision {bigint} NOT NULL,
    title TEXT NOT NULL,
    holds_from TEXT NOT NULL,
    document TEXT NOT NULL,
    saved_by {bigint},
    saved_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, form_draft_id, version, revision)
) {strict_clustered};
ALTER TABLE form_versions ADD COLUMN draft {bigint};
ALTER TABLE form_versions ADD COLUMN withdrawn_at {bigint};
