-- Who applies: browsers that may go on with an application, and wrong birth dates.
-- way: begun (this browser began it), birth (the birth date was given in it). secret_index: keyed hash of a cookie.
CREATE TABLE application_visits (
    org_id {bigint} NOT NULL,
    application_id {bigint} NOT NULL,
    secret_index TEXT NOT NULL,
    way TEXT NOT NULL,
    let_in_at {bigint} NOT NULL,
    seen_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, application_id, secret_index)
) {strict_clustered};
CREATE INDEX application_visits_by_use ON application_visits (org_id, seen_at);
-- way: link (behind the personal link), status (with the reference number). Nothing here names anybody.
CREATE TABLE application_tries (
    org_id {bigint} NOT NULL,
    application_id {bigint} NOT NULL,
    way TEXT NOT NULL,
    tries {bigint} NOT NULL,
    last_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, application_id, way)
) {strict_clustered};
