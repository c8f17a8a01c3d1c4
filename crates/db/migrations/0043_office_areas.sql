-- Which municipalities an office looks after, as names in a line: a person belongs to the office of the place where they
-- are.
CREATE TABLE office_areas (
    org_id {bigint} NOT NULL,
    office_id {bigint} NOT NULL,
    areas TEXT NOT NULL,
    PRIMARY KEY (org_id, office_id)
) {strict_clustered};
