//! The contact history by message: whom it went to, and what for.

use std::collections::HashMap;

use base::id::{MessageId, OrgId};
use db::{DbError, Tx, params};

use super::contacts::purpose_of;
use super::json;
use crate::contacts::{PersonKeys, WrittenTo};

db::statements! {
    OF_MESSAGES = "
        SELECT c.message_id, c.office_id, c.list_id, c.purpose, c.at, c.phone_index, c.id_index, c.person_index,
            c.name_index, c.birth_index
        FROM {each $2} CROSS JOIN contacts c
        WHERE c.org_id = $1 AND c.message_id = CAST(each.value AS {bigint})";
}

/// What the history knows of these messages. Exercises are not in it.
pub async fn of_messages(
    tx: &mut Tx,
    org: OrgId,
    messages: &[MessageId],
) -> Result<HashMap<MessageId, WrittenTo>, DbError> {
    let rows = tx.query(OF_MESSAGES, params![org, json(&messages)]).await?;
    rows.iter()
        .map(|row| {
            let message: MessageId = row.get(0)?;
            let written = WrittenTo {
                message,
                office: row.get(1)?,
                list: row.get(2)?,
                purpose: purpose_of(&row.get::<String>(3)?)?,
                at: row.get(4)?,
                keys: PersonKeys {
                    phone: row.get(5)?,
                    id: row.get(6)?,
                    person: row.get(7)?,
                    name: row.get(8)?,
                    birth: row.get(9)?,
                },
            };
            Ok((message, written))
        })
        .collect()
}
