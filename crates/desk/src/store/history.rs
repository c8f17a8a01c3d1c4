//! Everything that a subject was asked, answered or not: for whoever shows the person's whole record.

use base::clock::Millis;
use base::id::{FormRequestId, MessageId, OrgId, StaffId};
use db::{Db, DbError, Row, params};

use super::forms;
use crate::request::Subject;

db::statements! {
    REQUESTS_ABOUT = "
        SELECT r.request_id, f.document, r.message_id, r.asked_by, r.asked_at, r.opened_at, r.submitted_at,
            r.locked_at, r.withdrawn_at,
            (SELECT COUNT(*) FROM form_flags g
                WHERE g.org_id = r.org_id AND g.request_id = r.request_id AND g.cleared_at IS NULL)
        FROM form_requests r
        JOIN form_versions f ON f.org_id = r.org_id AND f.form_id = r.form_id AND f.version = r.version
        WHERE r.org_id = $1 AND r.subject_kind = $2 AND r.subject_id = $3
        ORDER BY r.asked_at DESC, r.request_id DESC LIMIT $4";
}

/// One time that somebody was asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RequestTrace {
    /// Its number.
    pub request: FormRequestId,
    /// What the form is called, in Japanese.
    pub title: String,
    /// The message that carries the link, if it is known.
    pub message: Option<MessageId>,
    /// Who asked, if it was a person.
    pub asked_by: Option<StaffId>,
    /// When.
    pub asked_at: Millis,
    /// When the link was opened with the right birth date.
    pub opened_at: Option<Millis>,
    /// When the answers were sent.
    pub submitted_at: Option<Millis>,
    /// When it was locked by wrong birth dates.
    pub locked_at: Option<Millis>,
    /// When it was taken back.
    pub withdrawn_at: Option<Millis>,
    /// How many red flags stand.
    pub red_flags: u32,
}

/// The requests about a subject, the newest first.
pub async fn requests_about(
    db: &Db,
    org: OrgId,
    subject: &Subject,
    limit: i64,
) -> Result<Vec<RequestTrace>, DbError> {
    let about = params![org, subject.kind.as_str(), subject.id, limit];
    db.query(REQUESTS_ABOUT, about)
        .await?
        .iter()
        .map(trace_of)
        .collect()
}

fn trace_of(row: &Row) -> Result<RequestTrace, DbError> {
    Ok(RequestTrace {
        request: row.get(0)?,
        title: title_of(&row.get::<String>(1)?)?,
        message: row.get(2)?,
        asked_by: row.get(3)?,
        asked_at: row.get(4)?,
        opened_at: row.get(5)?,
        submitted_at: row.get(6)?,
        locked_at: row.get(7)?,
        withdrawn_at: row.get(8)?,
        red_flags: row.get(9)?,
    })
}

fn title_of(document: &str) -> Result<String, DbError> {
    let form = forms::stored(document)?;
    let title = form.document().title.of(web::Language::Japanese);
    Ok(title.unwrap_or_default().to_owned())
}
