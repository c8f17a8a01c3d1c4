-- How much may be sent, what may reach a carrier at all, under which numbers, and what it costs.

-- Every organisation that is here already goes on as it was: live, for every purpose. Those made by the set-up page
-- or by `organisation add` begin in training, and need the operator's review (messaging/src/standing.rs).
ALTER TABLE orgs ADD COLUMN mode TEXT NOT NULL DEFAULT 'live';
ALTER TABLE orgs ADD COLUMN review TEXT NOT NULL DEFAULT 'not_needed';
-- Since when nothing of the organisation is handed over.
ALTER TABLE orgs ADD COLUMN stopped_at {bigint};
ALTER TABLE orgs ADD COLUMN stopped_by {bigint};
ALTER TABLE orgs ADD COLUMN stop_reason_sealed TEXT;

-- The operator's review (利用審査) of a purpose; closed ones stay.
CREATE TABLE send_reviews (
    org_id {bigint} NOT NULL,
    review_id {bigint} NOT NULL,
    purpose TEXT NOT NULL,
    opened_at {bigint} NOT NULL,
    opened_note_sealed TEXT NOT NULL,
    closed_at {bigint},
    closed_note_sealed TEXT,
    PRIMARY KEY (org_id, review_id)
) {strict_clustered};

-- training, test or live. Whether it goes to a simulated carrier stays in broadcasts.simulated.
ALTER TABLE broadcasts ADD COLUMN stage TEXT NOT NULL DEFAULT 'live';

-- The mobile number of a member of the staff, for test sends.
CREATE TABLE staff_numbers (
    org_id {bigint} NOT NULL,
    staff_id {bigint} NOT NULL,
    phone_sealed TEXT NOT NULL,
    phone_index TEXT NOT NULL,
    entered_at {bigint} NOT NULL,
    confirmed_by {bigint},
    confirmed_at {bigint},
    PRIMARY KEY (org_id, staff_id)
) {strict_clustered};
CREATE INDEX staff_numbers_by_phone ON staff_numbers (org_id, phone_index);

-- Limits, never changed: the newest one that has begun is in force. No amount: no limit from then on. office_id is
-- NULL for the whole organisation. Days are midnights in Japan.
CREATE TABLE send_limits (
    org_id {bigint} NOT NULL,
    limit_no {bigint} NOT NULL,
    office_id {bigint},
    kind TEXT NOT NULL,
    amount {bigint},
    from_day {bigint} NOT NULL,
    set_by {bigint},
    set_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, limit_no)
) {strict_clustered};

-- The parts that a broadcast was promised when it was made, and how many came back because they never left. cost is
-- in hundredths of a yen.
CREATE TABLE part_reservations (
    org_id {bigint} NOT NULL,
    broadcast_id {bigint} NOT NULL,
    office_id {bigint} NOT NULL,
    training {bigint} NOT NULL,
    day {bigint} NOT NULL,
    parts {bigint} NOT NULL,
    cost {bigint} NOT NULL,
    given_back {bigint} NOT NULL DEFAULT 0,
    PRIMARY KEY (org_id, broadcast_id)
) {strict_clustered};
-- Everything that is summed, so that a month's sums read nothing else.
CREATE INDEX part_reservations_by_day
    ON part_reservations (org_id, day, office_id, training, parts, cost, given_back);

-- What a carrier account asks for a part, in hundredths of a yen, and whether only for what arrived. account_id is
-- NULL for every account without a line of its own. Never changed: the newest one that has begun is in force.
CREATE TABLE carrier_tariffs (
    org_id {bigint} NOT NULL,
    tariff_no {bigint} NOT NULL,
    account_id {bigint},
    price {bigint} NOT NULL,
    rule TEXT NOT NULL,
    from_day {bigint} NOT NULL,
    set_by {bigint},
    set_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, tariff_no)
) {strict_clustered};

-- The numbers that phones show as sender.
CREATE TABLE sender_numbers (
    org_id {bigint} NOT NULL,
    sender_no {bigint} NOT NULL,
    office_id {bigint},
    carrier TEXT NOT NULL,
    kind TEXT NOT NULL,
    number TEXT NOT NULL,
    purpose TEXT,
    from_day {bigint} NOT NULL,
    until_day {bigint},
    added_by {bigint} NOT NULL,
    added_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, sender_no)
) {strict_clustered};
