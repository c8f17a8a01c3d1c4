//! The numbers that phones show as sender.

use std::sync::Arc;

use base::clock::Millis;
use base::id::{OrgId, StaffId};
use db::{Db, DbError, Row, params};
use lists::contacts::Purpose;

use crate::sender::{SenderKind, SenderNumber, Senders, carrier_from_word, carrier_word};

db::statements! {
    SENDERS = "
        SELECT sender_no, office_id, carrier, kind, number, purpose, from_day, until_day FROM sender_numbers
        WHERE org_id = $1 ORDER BY sender_no";
    ADD_SENDER = "
        INSERT INTO sender_numbers (org_id, sender_no, office_id, carrier, kind, number, purpose, from_day,
            until_day, added_by, added_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    END_SENDER = "
        UPDATE sender_numbers SET until_day = $3
        WHERE org_id = $1 AND sender_no = $2 AND (until_day IS NULL OR until_day > $3)";
}

/// Every number of the organisation.
pub async fn senders(db: &Db, org: OrgId) -> Result<Senders, DbError> {
    let unknown = |what: &str, word: &str| DbError::Statement(format!("no {what} is called {word}"));
    let sender = |row: &Row| {
        let (carrier, kind): (String, String) = (row.get(2)?, row.get(3)?);
        let purpose: Option<String> = row.get(5)?;
        let purpose = purpose.map(|word| Purpose::from_word(&word).ok_or_else(|| unknown("purpose", &word)));
        Ok(SenderNumber {
            id: row.get(0)?,
            office: row.get(1)?,
            carrier: carrier_from_word(&carrier).ok_or_else(|| unknown("carrier", &carrier))?,
            kind: SenderKind::from_word(&kind).ok_or_else(|| unknown("kind of number", &kind))?,
            number: row.get(4)?,
            purpose: purpose.transpose()?,
            from_day: row.get(6)?,
            until_day: row.get(7)?,
        })
    };
    let rows = db.query(SENDERS, params![org]).await?;
    rows.iter().map(sender).collect::<Result<_, _>>().map(Senders)
}

/// Keeps a number; its own number in the list is given to it.
pub async fn add_sender(db: &Db, org: OrgId, new: SenderNumber, by: StaffId) -> Result<(), DbError> {
    let (new, now) = (Arc::new(new), db.now());
    db.write(move |tx| {
        let new = Arc::clone(&new);
        Box::pin(async move {
            let id = tx.take_numbers("sender_numbers", 1).await?;
            let params = params![
                org,
                id,
                new.office,
                carrier_word(new.carrier),
                new.kind.as_str(),
                new.number.as_str(),
                new.purpose.map(Purpose::as_str),
                new.from_day,
                new.until_day,
                by,
                now,
            ];
            tx.execute(ADD_SENDER, params).await.map(drop)
        })
    })
    .await
}

/// From that day on the number is not used any more. `false` if it ends before.
pub async fn end_sender(db: &Db, org: OrgId, id: i64, until: Millis) -> Result<bool, DbError> {
    db.write(move |tx| {
        Box::pin(async move { Ok(tx.execute(END_SENDER, params![org, id, until]).await? == 1) })
    })
    .await
}
