//! Receipts that no part answers to yet.

use base::clock::Millis;
use base::id::AccountId;
use db::{Db, DbError, Tx, params};

use super::broadcasts::json;
use super::outbox::named;
use crate::outbox::Receipt;

db::statements! {
    ADD_STRAYS = "
        INSERT INTO stray_receipts (receipt_id, account_id, carrier_message_id, phone_index, submitted_at,
            received_at, carrier_state, carrier_code, carrier_done_at)
        SELECT CAST(each.value ->> 0 AS {bigint}), $1, each.value ->> 1, each.value ->> 2,
            CAST(each.value ->> 3 AS {bigint}), $2, each.value ->> 4, each.value ->> 5, each.value ->> 6
        FROM {each $3}";
    STRAYS_BY_ID = "
        SELECT receipt_id, s.carrier_message_id, carrier_state, carrier_code, carrier_done_at
        FROM {each $1} CROSS JOIN stray_receipts s
        WHERE s.account_id = CAST(each.value ->> 0 AS {bigint}) AND s.carrier_message_id = each.value ->> 1
        ORDER BY receipt_id";
    DROP_STRAYS = "
        DELETE FROM stray_receipts WHERE receipt_id IN (SELECT CAST(each.value AS {bigint}) FROM {each $1})";
    DROP_OLD_STRAYS = "DELETE FROM stray_receipts WHERE received_at < $1";
    STRAYS_OF_KNOWN_PARTS = "
        SELECT DISTINCT s.carrier_message_id FROM stray_receipts s CROSS JOIN parts p
        WHERE s.account_id = $1 AND p.account_id = $1 AND p.carrier_message_id = s.carrier_message_id
        LIMIT 1000";
    STRAYS_WITH_NUMBER = "
        SELECT carrier_message_id, phone_index, submitted_at FROM stray_receipts
        WHERE account_id = $1 AND phone_index IS NOT NULL AND submitted_at IS NOT NULL
        ORDER BY receipt_id LIMIT 1000";
}

/// Keeps receipts that no part answers to yet. Their numbers are kept only as keyed hashes.
pub(crate) async fn add_strays(
    tx: &mut Tx,
    account: AccountId,
    strays: &[(&Receipt, Option<String>)],
    first: i64,
    now: Millis,
) -> Result<(), DbError> {
    let row = |(offset, (receipt, phone_index)): (usize, &(&Receipt, Option<String>))| {
        (
            first + i64::try_from(offset).unwrap_or(i64::MAX),
            receipt.carrier_message_id.clone(),
            phone_index.clone(),
            receipt.submitted_at,
            receipt.outcome.as_str(),
            receipt.code.clone(),
            receipt.done_at.clone(),
        )
    };
    let rows: Vec<_> = strays.iter().enumerate().map(row).collect();
    tx.execute(ADD_STRAYS, params![account, now, json(&rows)])
        .await
        .map(|_| ())
}

/// Takes out the stray receipts of these carrier ids, in order of arrival.
pub(crate) async fn take_strays(
    tx: &mut Tx,
    account: AccountId,
    ids: &[&str],
) -> Result<Vec<Receipt>, DbError> {
    let rows = tx.query(STRAYS_BY_ID, params![named(account, ids)]).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut numbers: Vec<i64> = Vec::with_capacity(rows.len());
    let mut receipts = Vec::with_capacity(rows.len());
    for row in &rows {
        numbers.push(row.get(0)?);
        let word: String = row.get(2)?;
        receipts.push(Receipt {
            carrier_message_id: row.get(1)?,
            outcome: crate::message::Outcome::from_word(&word)
                .ok_or_else(|| DbError::Statement(format!("no outcome is called {word}")))?,
            code: row.get(3)?,
            done_at: row.get(4)?,
            submitted_at: None,
            to: None,
        });
    }
    tx.execute(DROP_STRAYS, params![json(&numbers)]).await?;
    Ok(receipts)
}

/// Carrier ids of stray receipts whose parts are known by now.
pub(crate) async fn strays_of_known_parts(db: &Db, account: AccountId) -> Result<Vec<String>, DbError> {
    db.query(STRAYS_OF_KNOWN_PARTS, params![account])
        .await?
        .iter()
        .map(|row| row.get(0))
        .collect()
}

/// Stray receipts that name a number and a time: carrier id, hash of the number, time of submission.
pub(crate) async fn strays_with_number(
    db: &Db,
    account: AccountId,
) -> Result<Vec<(String, String, Millis)>, DbError> {
    let rows = db.query(STRAYS_WITH_NUMBER, params![account]).await?;
    rows.iter()
        .map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .collect()
}

/// Forgets those that came before `before`.
pub(super) async fn drop_old(tx: &mut Tx, before: Millis) -> Result<(), DbError> {
    tx.execute(DROP_OLD_STRAYS, params![before]).await?;
    Ok(())
}
