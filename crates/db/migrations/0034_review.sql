-- Pages on which applications are judged.

-- ahead_for, ahead_until: set aside for whoever judges the one before it, so that its pictures are on the page already.
ALTER TABLE applications ADD COLUMN ahead_for {bigint};
ALTER TABLE applications ADD COLUMN ahead_until {bigint};
CREATE INDEX applications_ahead ON applications (org_id, ahead_for) WHERE ahead_for IS NOT NULL;

-- keys_off: somebody does not want single keys to act (WCAG 2.1.4).
CREATE TABLE reviewer_settings (
    org_id {bigint} NOT NULL,
    staff_id {bigint} NOT NULL,
    keys_off {bigint} NOT NULL,
    PRIMARY KEY (org_id, staff_id)
) {strict_clustered};
