-- How many phone codes an organisation lets be asked for: numbers by the words of desk/src/code_limit.rs. The newest version
-- holds; without one, what the program says.
CREATE TABLE code_limits (
    org_id {bigint} NOT NULL,
    version {bigint} NOT NULL,
    limits TEXT NOT NULL,
    set_by {bigint} NOT NULL,
    set_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, version)
) {strict_clustered};
