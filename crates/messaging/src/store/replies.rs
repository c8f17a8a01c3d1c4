//! Statements of what people write back. The unary plus keeps SQLite from walking the organisation instead of the number.

use std::sync::Arc;

use accounts::audit::{self, Entry};
use base::clock::{DAY, HOUR, Millis};
use base::id::{AccountId, IncidentId, MessageId, OfficeId, OrgId, ReplyId, StaffId, WrongNumberId};
use db::vault::ERASED;
use db::{Db, DbError, Field, OrgVault, Row, Tx, params};
use lists::contacts::{Key, PersonKeys, messages_to};
use lists::numbers::{NewWrong, WrongKind};
use lists::store::erase::Held;

use super::broadcasts::json;
use super::corrections::settings;
use super::incidents;
use crate::audit_actions::{REPLY_STOP, REPLY_WRONG};
use crate::correction::report_wrong_in;
use crate::incident::{NewReport, report_in};
use crate::reply::{Confirmation, Incoming, Keyword, Reply, ReplyEvent, ReplyRule, ReplyState, joined};

const NUMBER: Field = Field("replies.number");
const NOTE: Field = Field("replies.note");
const TEXT: Field = Field("reply_parts.text");

/// How far back a message is looked for that a reply answers.
const ANSWERED_WITHIN: Millis = 90 * DAY;
/// What comes word for word again within this time, as an answer to the same message, is the same: a carrier that was
/// not answered delivers again, and nobody who writes 「停止」 twice wants two of it.
const SAME_WITHIN: Millis = HOUR;
/// Within this time the parts of a long message belong together.
const PARTS_WITHIN: Millis = DAY;
/// Stands for a part that has not come.
const MISSING: &str = "（この部分は届いていません）";

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
    REPLY = "
        SELECT reply_id, office_id, number_sealed, message_id, part_count, received_at, completed_at, keyword,
            report_id, incident_id, state, read_by, read_at, handled_by, handled_at, note_sealed
        FROM replies WHERE org_id = $1 AND reply_id = $2 AND office_id = COALESCE($3, office_id)";
    REPLIES = "
        SELECT reply_id, office_id, number_sealed, message_id, part_count, received_at, completed_at, keyword,
            report_id, incident_id, state, read_by, read_at, handled_by, handled_at, note_sealed
        FROM replies
        WHERE org_id = $1 AND office_id = COALESCE($2, office_id) AND state = COALESCE(CAST($3 AS TEXT), state)
        ORDER BY reply_id DESC LIMIT $4 OFFSET $5";
    COUNT = "
        SELECT COUNT(*) FROM replies
        WHERE org_id = $1 AND office_id = COALESCE($2, office_id) AND state = COALESCE(CAST($3 AS TEXT), state)";
    UNREAD = "
        SELECT COUNT(*) FROM replies
        WHERE org_id = $1 AND office_id = COALESCE($2, office_id) AND state = 'new'";
    TO_MESSAGES = "
        SELECT r.reply_id, r.message_id, r.received_at, r.keyword, r.state, r.office_id
        FROM {each $2} CROSS JOIN replies r
        WHERE r.org_id = $1 AND r.message_id = CAST(each.value AS {bigint}) ORDER BY r.reply_id";
    STATE = "SELECT state FROM replies WHERE org_id = $1 AND reply_id = $2 {locked replies}";
    SET_READ = "
        UPDATE replies SET state = $3, read_by = COALESCE(read_by, CAST($4 AS {bigint})),
            read_at = COALESCE(read_at, CAST($5 AS {bigint})), handled_by = NULL, handled_at = NULL
        WHERE org_id = $1 AND reply_id = $2";
    SET_HANDLED = "
        UPDATE replies SET state = $3, handled_by = $4, handled_at = $5,
            note_sealed = COALESCE(CAST($6 AS TEXT), note_sealed)
        WHERE org_id = $1 AND reply_id = $2";
    RULE = "
        SELECT stop_text, wrong_text, version FROM reply_rules WHERE org_id = $1 ORDER BY version DESC LIMIT 1";
    SAVE_RULE = "
        INSERT INTO reply_rules (org_id, version, stop_text, wrong_text, saved_by, saved_at)
        SELECT $1, COALESCE(MAX(version), 0) + 1, CAST($2 AS TEXT), CAST($3 AS TEXT), $4, $5
        FROM reply_rules WHERE org_id = $1";

    DUE = "
        SELECT reply_id FROM replies
        WHERE org_id = $1 AND received_at < $2 AND number_sealed <> $3
            AND NOT EXISTS (SELECT 1 FROM {each $4}
                WHERE message_id BETWEEN CAST(each.value ->> 0 AS {bigint}) AND CAST(each.value ->> 1 AS {bigint}))
        ORDER BY reply_id";
    ERASE = "
        UPDATE replies SET number_sealed = $3, number_index = 0, note_sealed = NULL
        WHERE org_id = $1 AND reply_id IN (SELECT CAST(each.value AS {bigint}) FROM {each $2})";
    ERASE_PARTS = "
        UPDATE reply_parts SET text_sealed = $3, fingerprint = 0
        WHERE org_id = $1 AND reply_id IN (SELECT CAST(each.value AS {bigint}) FROM {each $2})";
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
        let from = one.number.map_or_else(|| one.from.clone(), |number| number.e164());
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
    let place = one.place.map_or((0, 1, 1), |place| (place.reference, place.total, place.part));
    let place = format!("{} {} {}", place.0, place.1, place.2);
    let octets: Vec<u8> = one.units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    let from = one.number.map_or_else(|| one.from.clone(), |number| number.e164());
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
fn row_of(id: ReplyId, part_no: u8) -> i64 {
    (id.get() << 8) | i64::from(part_no)
}

/// `None` after it was erased.
fn part_of(row: &Row, vault: &OrgVault) -> Result<Option<Vec<u16>>, DbError> {
    let sealed: String = row.get(2)?;
    if sealed == ERASED {
        return Ok(None);
    }
    let part_no = u8::try_from(row.get::<i64>(1)?).map_err(|_| DbError::Sealed(TEXT.0))?;
    let octets = vault.open_bytes(TEXT, row_of(row.get(0)?, part_no), &sealed)?;
    let (pairs, _) = octets.as_chunks::<2>();
    Ok(Some(pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect()))
}

fn units_of(row: &Row, vault: &OrgVault) -> Result<Vec<u16>, DbError> {
    Ok(part_of(row, vault)?.unwrap_or_default())
}

fn reply_of(row: &Row, vault: &OrgVault) -> Result<(Reply, i64), DbError> {
    let id: ReplyId = row.get(0)?;
    let sealed: String = row.get(2)?;
    let open = |field, sealed: String| vault.open(field, id.get(), &sealed);
    let keyword: Option<String> = row.get(7)?;
    let state: String = row.get(10)?;
    let reply = Reply {
        id,
        office: row.get(1)?,
        from: if sealed == ERASED {
            None
        } else {
            Some(open(NUMBER, sealed)?)
        },
        text: String::new(),
        answers: row.get(3)?,
        at: row.get(5)?,
        is_whole: row.get::<Option<Millis>>(6)?.is_some(),
        times: 1,
        keyword: keyword.as_deref().and_then(Keyword::from_word),
        report: row.get::<Option<WrongNumberId>>(8)?,
        incident: row.get::<Option<IncidentId>>(9)?,
        state: ReplyState::from_word(&state)
            .ok_or_else(|| DbError::Statement(format!("no state of a reply is called {state}")))?,
        read: row.get::<Option<StaffId>>(11)?.zip(row.get(12)?),
        handled: row.get::<Option<StaffId>>(13)?.zip(row.get(14)?),
        note: row
            .get::<Option<String>>(15)?
            .map(|sealed| open(NOTE, sealed))
            .transpose()?,
    };
    Ok((reply, row.get(4)?))
}

/// Puts the texts together, each from its parts.
async fn with_texts(
    db: &Db,
    org: OrgId,
    vault: &OrgVault,
    rows: &[Row],
) -> Result<Vec<Reply>, DbError> {
    let mut replies = Vec::with_capacity(rows.len());
    for row in rows {
        replies.push(reply_of(row, vault)?);
    }
    let ids: Vec<ReplyId> = replies.iter().map(|(reply, _)| reply.id).collect();
    let parts = db.query(PARTS, params![org, json(&ids)]).await?;
    for (reply, total) in &mut replies {
        let mut units: Vec<u16> = Vec::new();
        let mut is_erased = false;
        for part_no in 1..=*total {
            let found = parts.iter().find(|row| {
                row.get::<ReplyId>(0).is_ok_and(|id| id == reply.id)
                    && row.get::<i64>(1).is_ok_and(|part| part == part_no)
            });
            let Some(row) = found else {
                units.extend(MISSING.encode_utf16());
                continue;
            };
            reply.times = reply.times.max(row.get(3)?);
            match part_of(row, vault)? {
                Some(part) => units.extend(part),
                None => is_erased = true,
            }
        }
        reply.text = if is_erased {
            "消去済み".to_owned()
        } else {
            joined(&units)
        };
    }
    Ok(replies.into_iter().map(|(reply, _)| reply).collect())
}

/// One reply of this office; `None` for an office stands for all.
pub async fn reply(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    id: ReplyId,
) -> Result<Option<Reply>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db.query(REPLY, params![org, id, office]).await?;
    Ok(with_texts(db, org, &vault, &rows).await?.pop())
}

/// Replies of this office, the newest first; of one state, or of all.
pub async fn replies(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    state: Option<ReplyState>,
    (limit, offset): (i64, i64),
) -> Result<Vec<Reply>, DbError> {
    let vault = db.vault(org).await?;
    let asked = params![org, office, state.map(ReplyState::as_str), limit, offset];
    let rows = db.query(REPLIES, asked).await?;
    with_texts(db, org, &vault, &rows).await
}

/// How many there are.
pub async fn reply_count(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    state: Option<ReplyState>,
) -> Result<u32, DbError> {
    let asked = params![org, office, state.map(ReplyState::as_str)];
    let row = db.query_opt(COUNT, asked).await?;
    row.map_or(Ok(0), |row| row.get(0))
}

/// How many nobody has read.
pub async fn unread_replies(db: &Db, org: OrgId, office: Option<OfficeId>) -> Result<u32, DbError> {
    let row = db.query_opt(UNREAD, params![org, office]).await?;
    row.map_or(Ok(0), |row| row.get(0))
}

/// A reply to a message, as a line of somebody's record tells it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReplyTo {
    /// Its number.
    pub id: ReplyId,
    /// The message that it answers.
    pub message: MessageId,
    /// When it came.
    pub at: Millis,
    /// What was done by itself.
    pub keyword: Option<Keyword>,
    /// How far the work on it is.
    pub state: ReplyState,
    /// Whose it is to read.
    pub office: OfficeId,
}

/// What came back to these messages, in order of arrival. For whoever may see the messages.
pub async fn replies_to(db: &Db, org: OrgId, messages: &[MessageId]) -> Result<Vec<ReplyTo>, DbError> {
    let rows = db.query(TO_MESSAGES, params![org, json(&messages)]).await?;
    rows.iter()
        .map(|row| {
            let keyword: Option<String> = row.get(3)?;
            Ok(ReplyTo {
                id: row.get(0)?,
                message: row.get(1)?,
                at: row.get(2)?,
                keyword: keyword.as_deref().and_then(Keyword::from_word),
                state: ReplyState::from_word(&row.get::<String>(4)?).unwrap_or(ReplyState::New),
                office: row.get(5)?,
            })
        })
        .collect()
}

/// Keeps what somebody did about a reply. `false` if its state does not allow it: somebody was faster.
pub async fn mark_reply(
    db: &Db,
    org: OrgId,
    id: ReplyId,
    event: ReplyEvent,
    (by, note): (StaffId, Option<String>),
) -> Result<bool, DbError> {
    let now = db.now();
    let note = match note {
        Some(note) => Some(db.vault(org).await?.seal(NOTE, id.get(), &note)),
        None => None,
    };
    db.write(move |tx| {
        let note = note.clone();
        Box::pin(async move {
            let Some(row) = tx.query_opt(STATE, params![org, id]).await? else {
                return Ok(false);
            };
            let state = ReplyState::from_word(&row.get::<String>(0)?);
            let Some(next) = state.and_then(|state| state.on(event)) else {
                return Ok(false);
            };
            if next == ReplyState::Handled {
                let handled = params![org, id, next.as_str(), by, now, note];
                tx.execute(SET_HANDLED, handled).await?;
            } else {
                let read = params![org, id, next.as_str(), by, now];
                tx.execute(SET_READ, read).await?;
            }
            Ok(true)
        })
    })
    .await
}

fn rule_of(row: &Row) -> Result<ReplyRule, DbError> {
    Ok(ReplyRule {
        stop: row.get(0)?,
        wrong: row.get(1)?,
    })
}

/// What is written back by itself; nothing, until the organisation says otherwise.
pub async fn reply_rule(db: &Db, org: OrgId) -> Result<ReplyRule, DbError> {
    let row = db.query_opt(RULE, params![org]).await?;
    Ok(row.as_ref().map(rule_of).transpose()?.unwrap_or_default())
}

/// From now on this is written back.
pub async fn save_reply_rule(db: &Db, org: OrgId, rule: ReplyRule, by: StaffId) -> Result<(), DbError> {
    let now = db.now();
    db.write(move |tx| {
        let rule = rule.clone();
        Box::pin(async move {
            tx.take_numbers("reply_rules", 0).await?;
            let params = params![org, rule.stop, rule.wrong, by, now];
            tx.execute(SAVE_RULE, params).await.map(drop)
        })
    })
    .await
}

/// Replies that came before, but for those to held messages.
pub(crate) async fn due_replies(
    db: &Db,
    org: OrgId,
    before: Millis,
    held: &Held,
) -> Result<Vec<i64>, DbError> {
    let rows = db
        .query(DUE, params![org, before, ERASED, json(&held.messages)])
        .await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Takes numbers, texts and notes away; that somebody wrote, and what was done, stays.
pub(crate) async fn erase_replies(db: &Db, org: OrgId, replies: &[i64]) -> Result<(), DbError> {
    for chunk in replies.chunks(2_000) {
        let ids = json(&chunk);
        db.write(move |tx| {
            let ids = ids.clone();
            Box::pin(async move {
                tx.execute(ERASE, params![org, ids.as_str(), ERASED]).await?;
                tx.execute(ERASE_PARTS, params![org, ids.as_str(), ERASED])
                    .await
                    .map(drop)
            })
        })
        .await?;
    }
    Ok(())
}
