-- Rows that wait for something and soon do not any more leave dead ones behind, in the indexes of those who wait most of
-- all. By its usual rule PostgreSQL clears a table of a million rows when a fifth of them has changed; until then the
-- first look at who waits walks through all that waited before.
{swept_often cases}
{swept_often parts}
{swept_often calls}

-- Who is not reached yet, by office. Where a programme asks for more than an SMS that arrived, those whose SMS arrived
-- are among them.
DROP INDEX cases_unreached;
CREATE INDEX cases_unreached ON cases (org_id, office_id, received_at, programme_id, contact)
    WHERE state = 'open' AND contact IN ('waiting', 'written', 'unreached', 'calling', 'delivered', 'opened');
