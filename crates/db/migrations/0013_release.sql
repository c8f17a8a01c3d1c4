-- The safe send: who has to approve, when messages may leave, the first few before the rest.

-- What an organisation asks before it sends. Every save is a version; the newest whose date has come holds. None: a
-- database made before, where nothing is asked.
CREATE TABLE send_rules (
    org_id {bigint} NOT NULL,
    version {bigint} NOT NULL,
    holds_from {bigint} NOT NULL,
    rule TEXT NOT NULL,
    saved_by {bigint},
    saved_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, version)
) {strict_clustered};

-- Versions of templates that somebody other than their author has approved: by themselves, or with a broadcast.
CREATE TABLE approved_versions (
    org_id {bigint} NOT NULL,
    template_id {bigint} NOT NULL,
    version {bigint} NOT NULL,
    approved_by {bigint},
    approved_at {bigint} NOT NULL,
    broadcast_id {bigint},
    PRIMARY KEY (org_id, template_id, version)
) {strict_clustered};

-- What the claim of the carrier worker reads. approval: waiting, approved, returned. A broadcast that waits for its
-- approval has a hold_until that never comes. Minutes are those of the day in Japan; first_wave: out, failed, over.
ALTER TABLE broadcasts ADD COLUMN approval TEXT;
ALTER TABLE broadcasts ADD COLUMN scheduled_for {bigint};
ALTER TABLE broadcasts ADD COLUMN opens_minute {bigint};
ALTER TABLE broadcasts ADD COLUMN closes_minute {bigint};
ALTER TABLE broadcasts ADD COLUMN not_after {bigint};
ALTER TABLE broadcasts ADD COLUMN first_wave TEXT;
CREATE INDEX broadcasts_awaiting_approval ON broadcasts (org_id, broadcast_id)
    WHERE approval = 'waiting' AND discarded_at IS NULL;
CREATE INDEX broadcasts_by_schedule ON broadcasts (org_id, scheduled_for) WHERE scheduled_for IS NOT NULL;

-- The rest of what was asked, chosen and decided; one row for a broadcast of which there is anything to say.
CREATE TABLE broadcast_releases (
    org_id {bigint} NOT NULL,
    broadcast_id {bigint} NOT NULL,
    rule_version {bigint},
    reasons TEXT NOT NULL,
    hold {bigint} NOT NULL,
    patience {bigint} NOT NULL,
    seen_lines TEXT NOT NULL,
    told_sealed TEXT NOT NULL,
    decided_by {bigint},
    decided_at {bigint},
    PRIMARY KEY (org_id, broadcast_id)
) {strict_clustered};
