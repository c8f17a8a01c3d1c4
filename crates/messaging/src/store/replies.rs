//! Statements that keep what people write back and do what their words say. The unary plus keeps SQLite from walking the organisation instead of the number.

use std::sync::Arc;

use accounts::audit::{self, Entry};
use base::clock::{DAY, HOUR, Millis};
use base::id::{AccountId, MessageId, OfficeId, OrgId, ReplyId, WrongNumberId};
use base::phone::PhoneNumber;
use db::{DbError, Field, OrgVault, Tx, params};
use lists::contacts::{Key, PersonKeys, messages_to};
use lists::numbers::{NewWrong, WrongKind};

use super::broadcasts::json;
use super::corrections::settings;
use super::incidents;
use super::reply_inbox::{rule_of, units_of};
use crate::audit_actions::{REPLY_STOP, REPLY_WRONG};
use crate::correction::report_wrong_in;
use crate::incident::{NewReport, report_in};
use crate::reply::{Confirmation, Incoming, Keyword, joined};

pub(super) const NUMBER: Field = Field("replies.number");
pub(super) const TEXT: Field = Field("reply_parts.text");

/// How far back a message is looked for that a reply answers.
const ANSWERED_WITHIN: Millis = 90 * DAY;
/// What comes word for word again within this time, as an answer to the same message, is the same: a carrier that was
/// not answered delivers again, and nobody who writes 「停止」 twice wants two of it.
const SAME_WITHIN: Millis = HOUR;
/// Within this time the parts of a long message belong together.
const PARTS_WITHIN: Millis = DAY;

db::statements! {
    REHEARSED_TO = "
        SELECT m.message_id, b.office_id, m.created_at
        FROM broadcasts b CROSS JOIN messages m
        WHERE b.org_id = $1 AND b.created_at >= $2 AND b.simulated = $4
            AND m.org_id = b.org_id AND m.message_id BETWEEN b.first_message_id AND b.last_message_id
            AND m.phone_index = $3
        ORDER BY m.message_id DESC LIMIT 1";
    SAME = "
        SELECT p.reply_id, p.part_no FROM reply_parts p
        JOIN replies r ON r.org_id = p.org_id AND r.reply_id = p.reply_id
        WHERE +p.org_id = $1 AND p.fingerprint = $2 AND p.received_at >= $3
            AND COALESCE(r.message_id, 0) = COALESCE(CAST($4 AS {bigint}), 0)
        ORDER BY p.reply_id DESC LIMIT 1";
    CAME_AGAIN = "
        UPDATE reply_parts SET times = times + 1 WHERE org_id = $1 AND reply_id = $2 AND part_no = $3";
    INCOMPLETE = "
        SELECT r.reply_id FROM replies r
        WHERE +r.org_id = $1 AND r.number_index = $2 AND r.reference = $3 AND r.part_count = $4
            AND r.completed_at IS NULL AND r.received_at >= $5
            AND NOT EXISTS (SELECT 1 FROM reply_parts p
                WHERE p.org_id = r.org_id AND p.reply_id = r.reply_id AND p.part_no = $6)
        ORDER BY r.reply_id LIMIT 1";
    ADD = "
        INSERT INTO replies (org_id, reply_id, account_id, office_id, number_sealed, number_index, message_id,
            reference, part_count, received_at, state)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'new')";
    ADD_PART = "
        INSERT INTO reply_parts (org_id, reply_id, part_no, text_sealed, fingerprint, received_at, times)
        VALUES ($1, $2, $3, $4, $5, $6, 1)";
    PARTS = "
        SELECT p.reply_id, p.part_no, p.text_sealed, p.times FROM {each $2} CROSS JOIN reply_parts p
        WHERE p.org_id = $1 AND p.reply_id = CAST(each.value AS {bigint}) ORDER BY p.reply_id, p.part_no";
    COMPLETE = "
        UPDATE replies SET completed_at = $3, keyword = CAST($4 AS TEXT), report_id = CAST($5 AS {bigint}),
            incident_id = CAST($6 AS {bigint})
        WHERE org_id = $1 AND reply_id = $2";
    RULE = "
        SELECT stop_text, wrong_text, version FROM reply_rules WHERE org_id = $1 ORDER BY version DESC LIMIT 1";
}

/// An organisation whose a reply may be.
pub(crate) struct Home {
    pub(crate) org: OrgId,
    pub(crate) vault: Arc<OrgVault>,
}

/// What a reply answers.
#[derive(Clone, Copy)]
struct Answers {
    message: MessageId,
    office: OfficeId,
    at: Millis,
    keys: PersonKeys,
}

/// Messages from phones inside the write that keeps them.
pub(crate) struct Taking<'t> {
    pub(crate) tx: &'t mut Tx,
    pub(crate) homes: &'t [Home],
    pub(crate) account: AccountId,
    pub(crate) simulated: bool,
    pub(crate) now: Millis,
}

impl<'t> Taking<'t> {
    /// Keeps one part; says what is to be written back.
    pub(crate) async fn take(&mut self, one: &Incoming) -> Result<Option<Confirmation>, DbError> {
        // Replies of one database take turns from here on: the same one twice at once is one.
        self.tx.take_numbers("replies", 0).await?;
        let Some((home, answers)) = self.home(one).await? else {
            return Ok(None);
        };
        let (org, vault) = (home.org, &home.vault);
        let fingerprint = fingerprint(vault, one);
        let message = answers.map(|answers| answers.message);
        let same = params![org, fingerprint, self.now - SAME_WITHIN, message];
        if let Some(row) = self.tx.query_opt(SAME, same).await? {
            let again = params![org, row.get::<ReplyId>(0)?, row.get::<i64>(1)?];
            self.tx.execute(CAME_AGAIN, again).await?;
            return Ok(None);
        }
        let id = self.reply_of(home, one, answers).await?;
        let part_no = one.place.map_or(1, |place| place.part);
        let octets: Vec<u8> = one.units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        let part = params![
            org,
            id,
            i64::from(part_no),
            vault.seal_bytes(TEXT, row_of(id, part_no), &octets),
            fingerprint,
            self.now,
        ];
        self.tx.execute(ADD_PART, part).await?;
        let total = one.place.map_or(1, |place| place.total);
        let parts = self.tx.query(PARTS, params![org, json(&[id])]).await?;
        if parts.len() < usize::from(total) {
            return Ok(None);
        }
        let mut units = Vec::new();
        for row in &parts {
            units.extend(units_of(row, vault)?);
        }
        self.complete(home, one, id, answers, &joined(&units)).await
    }

    /// Whose it is: of the organisation that wrote last to this number, else of the first.
    async fn home(&mut self, one: &Incoming) -> Result<Option<(&'t Home, Option<Answers>)>, DbError> {
        let homes = self.homes;
        let mut found: Option<(&'t Home, Answers)> = None;
        for home in homes {
            let Some(answers) = self.newest(home, one).await? else {
                continue;
            };
            if found.as_ref().is_none_or(|(_, best)| answers.at > best.at) {
                found = Some((home, answers));
            }
        }
        Ok(match found {
            Some((home, answers)) => Some((home, Some(answers))),
            None => homes.first().map(|home| (home, None)),
        })
    }

    /// The newest message to this number: a simulated phone answers what is simulated.
    async fn newest(&mut self, home: &Home, one: &Incoming) -> Result<Option<Answers>, DbError> {
        let Some(number) = one.number else { return Ok(None) };
        let since = self.now - ANSWERED_WITHIN;
        if self.simulated {
            let index = home.vault.index("phone", &[number.e164().as_bytes()]);
            let asked = params![home.org, since, index, true];
            let row = self.tx.query_opt(REHEARSED_TO, asked).await?;
            return row
                .map(|row| {
                    Ok(Answers {
                        message: row.get(0)?,
                        office: row.get(1)?,
                        at: row.get(2)?,
                        keys: PersonKeys::default(),
                    })
                })
                .transpose();
        }
        let key = Key::of_phone(&home.vault, number);
        let written = messages_to(self.tx, home.org, key, since, self.now).await?;
        let newest = written.into_iter().max_by_key(|one| (one.at, one.message));
        Ok(newest.map(|one| Answers {
            message: one.message,
            office: one.office,
            at: one.at,
            keys: one.keys,
        }))
    }

    /// The reply that this part belongs to: one that waits for it, or a new one.
    async fn reply_of(
        &mut self,
        home: &Home,
        one: &Incoming,
        answers: Option<Answers>,
    ) -> Result<ReplyId, DbError> {
        let (org, vault) = (home.org, &home.vault);
        let number = number_index(vault, one);
        let (reference, total) = one.place.map_or((0, 1), |place| (place.reference, place.total));
        if let Some(place) = one.place {
            let asked = params![
                org,
                number.clone(),
                i64::from(reference),
                i64::from(total),
                self.now - PARTS_WITHIN,
                i64::from(place.part),
            ];
            if let Some(row) = self.tx.query_opt(INCOMPLETE, asked).await? {
                return row.get(0);
            }
        }
        let id = ReplyId::new(self.tx.take_numbers("replies", 1).await?);
        let from = one.number.map_or_else(|| one.from.clone(), PhoneNumber::e164);
        let params = params![
            org,
            id,
            self.account,
            answers.map_or(OfficeId::HEADQUARTERS, |answers| answers.office),
            vault.seal(NUMBER, id.get(), &from),
            number,
            answers.map(|answers| answers.message),
            i64::from(reference),
            i64::from(total),
            self.now,
        ];
        self.tx.execute(ADD, params).await?;
        Ok(id)
    }

    /// All of it is there: what its words say is done.
    async fn complete(
        &mut self,
        home: &Home,
        one: &Incoming,
        id: ReplyId,
        answers: Option<Answers>,
        text: &str,
    ) -> Result<Option<Confirmation>, DbError> {
        let keyword = Keyword::of(text).filter(|_| one.number.is_some());
        let (mut report, mut incident) = (None, None);
        if let (Some(keyword), Some(number)) = (keyword, one.number) {
            let office = answers.map_or(OfficeId::HEADQUARTERS, |answers| answers.office);
            let kind = match keyword {
                Keyword::Stop => WrongKind::Refused,
                Keyword::WrongPerson => WrongKind::NotMe,
            };
            let reason = format!("本人の番号からの返信「{}」", keyword.label());
            let wrong = NewWrong {
                phone: number,
                kind,
                person: answers.map(|answers| answers.keys).unwrap_or_default(),
                corrected: None,
                reason: reason.clone(),
                message: answers.map(|answers| answers.message),
                office,
                by: None,
            };
            report = Some(self.close(home, id, keyword, wrong).await?);
            if let Some(answers) = answers.filter(|_| keyword == Keyword::WrongPerson) {
                let new = NewReport {
                    message: answers.message,
                    by: None,
                    source: None,
                    note: reason,
                };
                let reported = report_in(self.tx, home.org, &home.vault, &new, self.now).await?;
                incident = reported.map(|reported| reported.incident);
            }
        }
        let done = params![
            home.org,
            id,
            self.now,
            keyword.map(Keyword::as_str),
            report,
            incident,
        ];
        self.tx.execute(COMPLETE, done).await?;
        match (keyword, answers) {
            (Some(keyword), Some(answers)) => self.confirmation(home, one, keyword, answers).await,
            _ => Ok(None),
        }
    }

    async fn close(
        &mut self,
        home: &Home,
        id: ReplyId,
        keyword: Keyword,
        wrong: NewWrong,
    ) -> Result<WrongNumberId, DbError> {
        let action = match keyword {
            Keyword::Stop => REPLY_STOP,
            Keyword::WrongPerson => REPLY_WRONG,
        };
        let done = report_wrong_in(self.tx, home.org, &home.vault, wrong, self.now).await?;
        let entry = Entry::of(action)
            .about("replies", id.get())
            .with(done.effect.sentence());
        audit::record(self.tx, home.org, &home.vault, &entry, self.now).await?;
        Ok(done.report)
    }

    /// What is written back, if the organisation wants that: to whoever was written to before.
    async fn confirmation(
        &mut self,
        home: &Home,
        one: &Incoming,
        keyword: Keyword,
        answers: Answers,
    ) -> Result<Option<Confirmation>, DbError> {
        let rule = self.tx.query_opt(RULE, params![home.org]).await?;
        let rule = rule.as_ref().map(rule_of).transpose()?.unwrap_or_default();
        let (Some(text), Some(to)) = (rule.text(keyword), one.number) else {
            return Ok(None);
        };
        let Some(place) = incidents::place(self.tx, home.org, answers.message).await? else {
            return Ok(None);
        };
        let like = settings(self.tx, home.org, &home.vault, place.broadcast).await?;
        Ok(Some(Confirmation {
            org: home.org,
            to,
            text: text.clone(),
            answers: (place.broadcast, like),
        }))
    }
}

fn fingerprint(vault: &OrgVault, one: &Incoming) -> i64 {
    let place = one
        .place
        .map_or((0, 1, 1), |place| (place.reference, place.total, place.part));
    let place = format!("{} {} {}", place.0, place.1, place.2);
    let octets: Vec<u8> = one.units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    let from = one.number.map_or_else(|| one.from.clone(), PhoneNumber::e164);
    let parts = [from.as_bytes(), one.to.as_bytes(), place.as_bytes(), &octets];
    vault.index_number("reply", &parts)
}

/// As the contact history and the register know it; a sender that is no mobile number has one of its own.
fn number_index(vault: &OrgVault, one: &Incoming) -> db::Value {
    match one.number {
        Some(number) => Key::of_phone(vault, number).into(),
        None => vault.index_number("reply sender", &[one.from.as_bytes()]).into(),
    }
}

/// What the text of a part is bound to.
pub(super) fn row_of(id: ReplyId, part_no: u8) -> i64 {
    (id.get() << 8) | i64::from(part_no)
}
