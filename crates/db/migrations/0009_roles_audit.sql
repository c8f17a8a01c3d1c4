-- Who may do what where, and who did what.

-- The roles of a person at an office, as words with spaces between (base/src/org.rs); one row a person and
-- office. staff.office_id stays the office where one works when one signs in.
CREATE TABLE staff_roles (
    org_id {bigint} NOT NULL,
    staff_id {bigint} NOT NULL,
    office_id {bigint} NOT NULL,
    roles TEXT NOT NULL,
    PRIMARY KEY (org_id, staff_id, office_id)
) {strict_clustered};
-- Until now everybody could do everything that there was.
INSERT INTO staff_roles (org_id, staff_id, office_id, roles)
    SELECT org_id, staff_id, office_id,
        CASE role WHEN 'administrator' THEN 'administrator sender approver template_editor'
            ELSE 'sender template_editor' END
    FROM staff;
ALTER TABLE staff DROP COLUMN role;

-- Where one works at present, if it is not the office of staff.office_id.
ALTER TABLE login_sessions ADD COLUMN office_id {bigint};

-- The audit trail: one row an action, written in the commit of the action and never changed. entry_id grows with
-- time (accounts/src/audit.rs). Subjects are numbers of ours; what a person typed is sealed.
CREATE TABLE audit_entries (
    org_id {bigint} NOT NULL,
    entry_id {bigint} NOT NULL,
    at {bigint} NOT NULL,
    staff_id {bigint},
    office_id {bigint},
    source_sealed TEXT,
    action TEXT NOT NULL,
    outcome TEXT NOT NULL,
    subject_kind TEXT,
    subject_id {bigint},
    detail_sealed TEXT,
    PRIMARY KEY (org_id, entry_id)
) {strict_clustered};
CREATE INDEX audit_entries_by_staff ON audit_entries (org_id, staff_id, entry_id) WHERE staff_id IS NOT NULL;
CREATE INDEX audit_entries_by_subject ON audit_entries (org_id, subject_kind, subject_id, entry_id)
    WHERE subject_id IS NOT NULL;
