-- First contact: what is known of it counts from a moment on, who was put on the call list, what goes out by itself.

-- From when on messages and calls say something of the first contact: what was known of the person before was wrong.
ALTER TABLE cases ADD COLUMN contact_from {bigint};
-- Open cases that nobody looks at again. Of those that are not reached the list is short: new ones, and those that were
-- opened again. With the organisation in front SQLite would rather walk all of its cases.
CREATE INDEX cases_adrift ON cases (contact, case_id) WHERE state = 'open' AND watch_at IS NULL;

-- Which entries of the call list are a case's, the newest with the greatest number.
CREATE TABLE case_calls (
    org_id {bigint} NOT NULL,
    case_id {bigint} NOT NULL,
    call_id {bigint} NOT NULL,
    at {bigint} NOT NULL,
    PRIMARY KEY (org_id, case_id, call_id)
) {strict_clustered};

-- Who ordered that an office's people are written to by themselves, with which text, within which limits and minutes
-- of the day in Japan. An order is never changed: it is ended, and another one given.
CREATE TABLE standing_orders (
    org_id {bigint} NOT NULL,
    order_id {bigint} NOT NULL,
    office_id {bigint} NOT NULL,
    programme_id {bigint} NOT NULL,
    route TEXT NOT NULL,
    template_id {bigint} NOT NULL,
    template_version {bigint} NOT NULL,
    per_release {bigint} NOT NULL,
    per_day {bigint} NOT NULL,
    opens_minute {bigint} NOT NULL,
    closes_minute {bigint} NOT NULL,
    ordered_by {bigint} NOT NULL,
    ordered_at {bigint} NOT NULL,
    ended_by {bigint},
    ended_at {bigint},
    PRIMARY KEY (org_id, order_id)
) {strict_clustered};
CREATE UNIQUE INDEX standing_orders_in_force ON standing_orders (org_id, office_id, programme_id, route)
    WHERE ended_at IS NULL;

-- Each broadcast that an order has let go.
CREATE TABLE standing_releases (
    org_id {bigint} NOT NULL,
    order_id {bigint} NOT NULL,
    broadcast_id {bigint} NOT NULL,
    people {bigint} NOT NULL,
    at {bigint} NOT NULL,
    PRIMARY KEY (org_id, order_id, broadcast_id)
) {strict_clustered};
