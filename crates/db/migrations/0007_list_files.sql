-- The bytes of uploaded files, for a while, so that one can be read again in another way without being chosen
-- again. A file that was read has its list; one that was not understood waits for a person, for an hour.
CREATE TABLE list_files (
    org_id {bigint} NOT NULL,
    file_id {bigint} NOT NULL,
    office_id {bigint} NOT NULL,
    list_id {bigint},
    role TEXT NOT NULL,
    reference_id {bigint},
    template_id {bigint},
    template_version {bigint},
    file_name_sealed TEXT NOT NULL,
    kept_by {bigint} NOT NULL,
    expires_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, file_id)
) {strict};
CREATE INDEX list_files_by_list ON list_files (org_id, list_id);
CREATE INDEX list_files_by_end ON list_files (org_id, expires_at);

-- A file in parts, so that no single value is large.
CREATE TABLE list_file_parts (
    org_id {bigint} NOT NULL,
    file_id {bigint} NOT NULL,
    part_no {bigint} NOT NULL,
    part_sealed TEXT NOT NULL,
    PRIMARY KEY (org_id, file_id, part_no)
) {strict_clustered};
