//! `GET /broadcasts/{id}/approval`, `POST /broadcasts/{id}/approve`, `POST /broadcasts/{id}/return`: a second person
//! looks at what somebody wants to send, at other rows than that person was shown, and lets it go or gives it back.
//!
//! What is shown is what is stored, and what is stored is what is sent, byte for byte. Nobody decides about what they
//! started: the store refuses it inside the write.

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::id::{BroadcastId, MessageId};
use serde::Deserialize;
use web::ui::Notice;
use web::{CsrfForm, Errors, Field, Page, PageError, Shell, after_post, after_post_with};

use super::broadcast_load::{Moment, load};
use super::broadcast_show::{Facts, facts};
use super::broadcast_words::{Group, moment_in_words, people};
use super::list_rows;
use super::template_compare::Changes;
use super::{Answer, Desk, Id, failed};
use crate::broadcast::{Broadcast, BroadcastState};
use crate::limits::{APPROVAL_ROWS, REASON_LETTERS, UNSEEN_ROWS};
use crate::release::{FirstWave, Reason};
use crate::store::{self, Asked, Decided, SampleMessage};

#[derive(Template)]
#[template(path = "broadcast_approval.html")]
struct ApprovalPage {
    shell: Shell,
    facts: Facts,
    people: String,
    reasons: Vec<&'static str>,
    asked: Asked,
    /// What was chosen about its leaving.
    timing: Vec<String>,
    template: Option<TemplateSide>,
    sample: Vec<Shown>,
    /// The rows of the sample, for the form to say which were looked at.
    shown: String,
    /// That the sample was looked at, where it must be.
    looked: Option<Field>,
    reason: Field,
    own: bool,
}

/// The text, held against the version that was approved last.
struct TemplateSide {
    /// Approved before, in this very version.
    known: bool,
    /// The last approved one before it.
    before: Option<i64>,
    changes: Changes,
    texts: Vec<(&'static str, &'static str, String)>,
}

struct Shown {
    line: u32,
    phone: String,
    text: String,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<BroadcastId>,
) -> Answer {
    page(&desk, &session, shell, id, Errors::default(), "").await
}

/// What the button sends.
#[derive(Deserialize)]
pub(super) struct Approving {
    /// The rows that the page showed.
    #[serde(default)]
    shown: String,
    #[serde(default)]
    looked: String,
}

pub(super) async fn approve(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<BroadcastId>,
    CsrfForm(form): CsrfForm<Approving>,
) -> Answer {
    let broadcast = load(&desk, &session, id).await?;
    let asked = asked(&desk, &session, &broadcast).await?;
    let moment = Moment::of(&desk, session.staff.org, broadcast).await?;
    let sample = sample(&desk, &session, &moment.broadcast, &asked).await?;
    if moment.state() == BroadcastState::AwaitingApproval
        && must_look(&moment)
        && (form.looked != "yes" || form.shown != lines(&sample))
    {
        let mut errors = Errors::default();
        errors.add("looked", "文面を見てから、印を付けてください。");
        let page = page(&desk, &session, shell, id, errors, "").await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let staff = &session.staff;
    let decided = store::approve(&desk.db, staff.org, id, staff.id).await;
    answer(decided.map_err(failed)?, id, "approved")
}

/// Why it is given back.
#[derive(Deserialize)]
pub(super) struct Returning {
    #[serde(default)]
    reason: String,
}

pub(super) async fn give_back(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<BroadcastId>,
    CsrfForm(form): CsrfForm<Returning>,
) -> Answer {
    load(&desk, &session, id).await?;
    let (staff, reason) = (&session.staff, form.reason.trim());
    let mut errors = Errors::default();
    match reason.chars().count() {
        0 => errors.add("reason", "差し戻す理由を入力してください。"),
        letters if letters > REASON_LETTERS => {
            errors.add(
                "reason",
                format!("理由は{REASON_LETTERS}文字までにしてください。"),
            );
        }
        _ => {}
    }
    if !errors.is_empty() {
        let page = page(&desk, &session, shell, id, errors, reason).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let decided = store::give_back(&desk.db, staff.org, id, staff.id, reason.to_owned()).await;
    answer(decided.map_err(failed)?, id, "returned")
}

fn answer(decided: Decided, id: BroadcastId, done: &'static str) -> Answer {
    match decided {
        Decided::Done => Ok(after_post_with(&format!("/broadcasts/{id}"), done).into_response()),
        Decided::Own => Err(PageError::rejected(
            "自分が送ろうとしているものは、承認も差し戻しもできません。",
            "ほかの承認者に頼んでください。やめるときは、配信のページで取り下げられます。",
        )),
        Decided::NoRoom(over) => Err(PageError::conflict(
            format!("{over}承認していません。配信は承認を待ったままです。"),
            "日が変わってから承認するか、組織の管理者に上限の変更を頼んでください。",
        )),
        Decided::TooLate => Ok(after_post_with(&format!("/broadcasts/{id}"), "nothing").into_response()),
    }
}

/// What is kept of the question; a broadcast that nobody has to approve has no such page.
async fn asked(desk: &Desk, session: &SignedIn, broadcast: &Broadcast) -> Result<Asked, PageError> {
    if broadcast.release.approval.is_none() {
        return Err(PageError::NotFound);
    }
    let asked = store::asked(&desk.db, session.staff.org, broadcast.id)
        .await
        .map_err(failed)?;
    asked.ok_or(PageError::NotFound)
}

/// Where one cannot look at every text, one has to look at some.
fn must_look(moment: &Moment) -> bool {
    Group::Waiting.count(&moment.progress.counts) as usize > UNSEEN_ROWS
}

/// Texts that the sender was not shown: the same ones each time for one person, others for another.
async fn sample(
    desk: &Desk,
    session: &SignedIn,
    broadcast: &Broadcast,
    asked: &Asked,
) -> Result<Vec<SampleMessage>, PageError> {
    let (first, last) = broadcast.messages;
    let count = usize::try_from(last.get() - first.get() + 1).unwrap_or(usize::MAX);
    let seed = ((broadcast.id.get() << 24) ^ session.staff.id.get()).cast_unsigned();
    // As many again as some that were called back meanwhile.
    let wanted = asked.seen_lines.len() + 2 * APPROVAL_ROWS;
    let chosen = list_rows::sample(count, wanted, seed);
    let ids: Vec<MessageId> = chosen
        .into_iter()
        .filter_map(|at| i64::try_from(at).ok())
        .map(|at| MessageId::new(first.get() + at))
        .collect();
    let found = store::sample(&desk.db, session.staff.org, &ids)
        .await
        .map_err(failed)?;
    let (known, others): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|message| asked.seen_lines.contains(&message.line));
    // Of a short list the sender was shown everything; then so is the approver.
    let from = if others.is_empty() { known } else { others };
    let chosen = list_rows::sample(from.len(), APPROVAL_ROWS, seed);
    Ok(chosen.into_iter().map(|at| from[at].clone()).collect())
}

fn lines(sample: &[SampleMessage]) -> String {
    let lines: Vec<String> = sample.iter().map(|message| message.line.to_string()).collect();
    lines.join(",")
}

async fn page(
    desk: &Desk,
    session: &SignedIn,
    shell: Shell,
    id: BroadcastId,
    errors: Errors,
    reason: &str,
) -> Answer {
    let broadcast = load(desk, session, id).await?;
    let asked = asked(desk, session, &broadcast).await?;
    let moment = Moment::of(desk, session.staff.org, broadcast).await?;
    if moment.state() != BroadcastState::AwaitingApproval {
        return Ok(after_post(&format!("/broadcasts/{id}")).into_response());
    }
    let sample = sample(desk, session, &moment.broadcast, &asked).await?;
    let own = moment.broadcast.created_by == Some(session.staff.id);
    let label = format!("上の{}人分の文面を見ました", sample.len());
    let shell = if own {
        shell.with_notice(
            Notice::info("自分の送信は承認できません")
                .text("ほかの承認者に、このページを見てもらってください。"),
        )
    } else {
        shell
    };
    let page = ApprovalPage {
        facts: facts(desk, session, &moment).await?,
        people: people(Group::Waiting.count(&moment.progress.counts)),
        reasons: asked.reasons.iter().copied().map(Reason::label).collect(),
        timing: timing(&moment),
        template: template(desk, session, &moment.broadcast).await?,
        shown: lines(&sample),
        sample: sample
            .into_iter()
            .map(|message| Shown {
                line: message.line,
                phone: message.to.masked(),
                text: message.text,
            })
            .collect(),
        looked: must_look(&moment).then(|| Field::check("looked", &label).errors(&errors)),
        reason: Field::long_text("reason", "差し戻す理由", 3)
            .required()
            .support("送ろうとした人に伝わり、配信の記録に残ります。")
            .value(reason)
            .errors(&errors),
        own,
        asked,
        shell: shell.titled("送信の承認").with_errors(errors),
    };
    Ok(Page(page).into_response())
}

/// What was chosen about its leaving, in words.
fn timing(moment: &Moment) -> Vec<String> {
    let (release, now) = (&moment.broadcast.release, moment.now);
    let start = release.scheduled_for.filter(|at| *at > now).map_or_else(
        || "承認されしだい、取り消せる時間のあとで送り始めます。".to_owned(),
        |at| format!("{} から送ります。", moment_in_words(at, now)),
    );
    let hours = release
        .hours
        .map(|hours| format!("送るのは{hours}のあいだだけです。"));
    let last = release
        .not_after
        .map(|at| format!("{} より後には送りません。", moment_in_words(at, now)));
    let wave = (release.first_wave == Some(FirstWave::Out))
        .then(|| "最初の数人に届いたことを確かめてから、残りの人に送ります。".to_owned());
    std::iter::once(start)
        .chain(hours)
        .chain(last)
        .chain(wave)
        .collect()
}

async fn template(
    desk: &Desk,
    session: &SignedIn,
    broadcast: &Broadcast,
) -> Result<Option<TemplateSide>, PageError> {
    let Some((id, version)) = broadcast.template else {
        return Ok(None);
    };
    let (db, org) = (&desk.db, session.staff.org);
    let Some(now) = store::template_version(db, org, id, version)
        .await
        .map_err(failed)?
    else {
        return Ok(None);
    };
    let approved = store::approved_versions(db, org, id).await.map_err(failed)?;
    let known = approved.iter().any(|(one, ..)| *one == version);
    let before = approved.iter().map(|(one, ..)| *one).find(|one| *one < version);
    let old = match before {
        Some(before) => store::template_version(db, org, id, before)
            .await
            .map_err(failed)?,
        None => None,
    };
    let changes = old.as_ref().map(|old| Changes::of(&old.content, &now.content));
    let texts = now
        .content
        .texts()
        .map(|(language, text)| (language.tag(), language.label(), text.to_owned()));
    Ok(Some(TemplateSide {
        known,
        before: old.map(|old| old.version),
        changes: changes.unwrap_or_default(),
        texts: texts.collect(),
    }))
}
