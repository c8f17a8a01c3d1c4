//! `GET /broadcasts/{id}`: the hold window, the broadcast as it moves, its result.

use accounts::audit::{self, Entry};
use accounts::audit_actions::CORRECTED_LOOK;
use accounts::{Permission, SignedIn};
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use base::clock::{Millis, SECOND};
use base::id::{BroadcastId, IncidentId, ListId, MessageId, TemplateId};
use web::ui::{Chip, Hold, Notice, Progress, Tiles};
use web::{Errors, Field, Page, PageError, Shell};

use super::broadcast_load::{Moment, load, word};
use super::broadcast_waits::{ended, failed_notice, is_moving, terms, waits, waits_for_room};
use super::broadcast_words::{Group, bar, people, standing, starts_in_words, tiles};
use super::{
    Answer, Desk, Id, broadcast_any_time, broadcast_events, broadcast_left_out, failed, in_query, mask, names,
};
use crate::broadcast::{BroadcastState, Counts};
use crate::carrier_code::cause;
use crate::limits::MESSAGES_PER_PAGE;
use crate::message::MessageState;
use crate::release::in_words;
use crate::stage::BroadcastStage;
use crate::store::{self, LinkCounts, MessageFilter};

/// Without JavaScript the page loads itself anew this often, in seconds.
const RELOAD_SECONDS: u32 = 5;
/// The same where a person or the clock is waited for.
const WAITING_RELOAD_SECONDS: u32 = 30;

#[derive(Template)]
#[template(path = "broadcast_held.html")]
struct Held {
    shell: Shell,
    facts: Facts,
    people: String,
    /// Those who were called back because their number turned out to be wrong: nothing else cancels some of them.
    called_back: u32,
    hold: Hold,
}

#[derive(Template)]
#[template(path = "broadcast_moving.html")]
struct Moving {
    shell: Shell,
    facts: Facts,
    chip: Chip,
    /// What the page says, for the stream to say when it changes.
    seen: &'static str,
    paused: Option<Paused>,
    /// What it waits for, if it is neither stopped nor just sending.
    waits: Option<Notice>,
    /// The reason why it is sent outside of its hours, to be typed.
    any_time: Option<Field>,
    can_stop: bool,
    tiles: Tiles,
    bar: Progress,
    rate: String,
    left: String,
    events: Vec<broadcast_events::Line>,
}

/// What stopping left, exactly.
struct Paused {
    notice: Notice,
    submitting: u32,
    waiting: String,
    /// The incident that has to decide whether it goes on.
    incident: Option<IncidentId>,
}

#[derive(Template)]
#[template(path = "broadcast_waiting.html")]
struct Waiting {
    shell: Shell,
    facts: Facts,
    people: String,
    chip: Chip,
    notice: Notice,
    /// Whether this person may look at it for the approval.
    may_approve: bool,
    called_back: u32,
    events: Vec<broadcast_events::Line>,
}

#[derive(Template)]
#[template(path = "broadcast_unchecked.html")]
struct Unchecked {
    shell: Shell,
    facts: Facts,
    people: String,
    /// Whether the person is of the office that has to look at it.
    may_send: bool,
    rows: Vec<Corrected>,
    events: Vec<broadcast_events::Line>,
}

/// A message for a corrected number.
struct Corrected {
    id: MessageId,
    line: u32,
    to: String,
    /// For whoever lets it go.
    text: Option<String>,
}

#[derive(Template)]
#[template(path = "broadcast_result.html")]
struct Settled {
    shell: Shell,
    facts: Facts,
    chip: Chip,
    tiles: Tiles,
    bar: Progress,
    missed: String,
    causes: Vec<CauseCard>,
    failed: u32,
    unknown: u32,
    /// Those whom nobody wrote to because it became too late.
    too_late: u32,
    /// Why it was given back, or why it ended early.
    ended: Option<Notice>,
    /// The list to send again from, with a reason.
    list: Option<ListId>,
    left_out: Option<broadcast_left_out::LeftOut>,
    events: Vec<broadcast_events::Line>,
}

/// Messages that did not arrive for one reason.
struct CauseCard {
    count: u64,
    what: &'static str,
    next: &'static str,
    code: Option<String>,
    href: String,
}

/// What stays the same while a broadcast moves.
pub(super) struct Facts {
    pub(super) id: BroadcastId,
    pub(super) file_name: String,
    pub(super) template: Option<(TemplateId, String)>,
    pub(super) office: String,
    pub(super) by: String,
    pub(super) at: Millis,
    pub(super) sender: String,
    pub(super) stage: BroadcastStage,
    pub(super) simulated: bool,
    pub(super) resend_reason: Option<String>,
    /// In which hours, and until when, it may leave.
    pub(super) terms: Vec<(&'static str, String)>,
    /// How many opened their link, if the text had one.
    pub(super) links: Option<LinkCounts>,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<BroadcastId>,
) -> Answer {
    let broadcast = load(&desk, &session, id).await?;
    let moment = Moment::of(&desk, session.staff.org, broadcast).await?;
    let facts = facts(&desk, &session, &moment).await?;
    let counts = moment.progress.counts;
    let notice = match shell.done() {
        Some("left-out") => broadcast_events::left_out_notice(&desk, &session, id).await?,
        _ => done(&shell, &counts),
    };
    let shell = match notice {
        Some(notice) => shell.with_notice(notice),
        None => shell,
    };
    match moment.state() {
        BroadcastState::Held { until } => {
            let hold = until - moment.broadcast.created_at;
            let page = Held {
                shell: shell
                    .titled("まもなく配信が始まります")
                    .reloading_every(RELOAD_SECONDS),
                facts,
                people: people(Group::Waiting.count(&counts)),
                called_back: Group::Cancelled.count(&counts),
                hold: Hold::new(moment.now, until, u64::try_from(hold / SECOND).unwrap_or(0)),
            };
            Ok(Page(page).into_response())
        }
        BroadcastState::AwaitingApproval | BroadcastState::Scheduled { .. } => {
            waiting(&desk, &session, shell, facts, &moment).await
        }
        BroadcastState::AwaitingCheck => unchecked(&desk, &session, shell, facts, &moment).await,
        _ if moment.is_settled() => result(&desk, &session, shell, facts, &moment).await,
        _ => moving(&desk, &session, shell, facts, &moment).await,
    }
}

/// Nothing leaves before somebody else has looked at it, or before a moment that was chosen.
async fn waiting(desk: &Desk, session: &SignedIn, shell: Shell, facts: Facts, moment: &Moment) -> Answer {
    let (counts, state) = (&moment.progress.counts, moment.state());
    let (tone, label) = standing(state, counts);
    let people = people(Group::Waiting.count(counts));
    let own = moment.broadcast.created_by == Some(session.staff.id);
    let (title, notice) = if let BroadcastState::Scheduled { until } = state {
        let notice = Notice::info(starts_in_words(until, moment.now))
            .text("それまでは1通も送りません。取り下げることもできます。");
        ("配信を予約しています", notice)
    } else {
        let asked = store::asked(&desk.db, session.staff.org, facts.id)
            .await
            .map_err(failed)?;
        let reasons = asked.map_or_else(Vec::new, |asked| asked.reasons);
        let text = format!(
            "理由: {}。承認されるまで1通も送りません。承認者の「承認」のページに出ています。",
            in_words(&reasons)
        );
        (
            "承認を待っています",
            Notice::warning("ほかの人の承認を待っています").text(text),
        )
    };
    let page = Waiting {
        people,
        chip: Chip::new(tone, label),
        notice,
        may_approve: state == BroadcastState::AwaitingApproval
            && !own
            && session.staff.may_at(Permission::Approve, moment.broadcast.office),
        called_back: Group::Cancelled.count(counts),
        events: broadcast_events::lines(desk, session, moment).await?,
        shell: shell.titled(title).reloading_every(WAITING_RELOAD_SECONDS),
        facts,
    };
    Ok(Page(page).into_response())
}

/// The few messages for a corrected number, to be looked at before they leave.
async fn unchecked(desk: &Desk, session: &SignedIn, shell: Shell, facts: Facts, moment: &Moment) -> Answer {
    let filter = MessageFilter {
        states: Group::Waiting.states(),
        code: None,
        limit: i64::try_from(MESSAGES_PER_PAGE).unwrap_or(i64::MAX),
        offset: 0,
    };
    let messages = store::messages(&desk.db, session.staff.org, &moment.broadcast, filter, moment.now)
        .await
        .map_err(failed)?;
    // Whoever lets them go has to see them; that this person did is recorded like any other look.
    let whole = session.staff.may(Permission::Send);
    if whole {
        let look = Entry::of(CORRECTED_LOOK).by(&session.staff);
        let look = look.about("broadcasts", moment.broadcast.id.get());
        audit::record_alone(&desk.db, session.staff.org, look)
            .await
            .map_err(failed)?;
    }
    let rows = messages.into_iter().map(|message| Corrected {
        id: message.id,
        line: message.line,
        to: mask::phone(message.to, whole),
        text: whole.then_some(message.text),
    });
    let page = Unchecked {
        people: people(Group::Waiting.count(&moment.progress.counts)),
        may_send: session.staff.office == moment.broadcast.office,
        rows: rows.collect(),
        events: broadcast_events::lines(desk, session, moment).await?,
        shell: shell.titled("番号の訂正により確認待ち"),
        facts,
    };
    Ok(Page(page).into_response())
}

/// The answer to what was pressed a moment ago.
fn done(shell: &Shell, counts: &Counts) -> Option<Notice> {
    let cancelled = Group::Cancelled.count(counts);
    match shell.done()? {
        "approved" => Some(Notice::success("送信を承認しました")),
        "returned" => Some(
            Notice::success("差し戻しました")
                .text("1通も送っていません。送ろうとした人は、リストを直してもう一度送れます。"),
        ),
        "opened" => Some(Notice::success("時間の外でも送ることにしました").text("理由を記録しました。")),
        "discarded" if cancelled == counts.total() => Some(
            Notice::success(format!("{}への配信を取り消しました", people(cancelled)))
                .text("1通も送っていません。"),
        ),
        "discarded" => Some(
            Notice::success(format!("残り{}への配信を破棄しました", people(cancelled)))
                .text("すでに送った人の結果は、下で確かめてください。"),
        ),
        "checked" => Some(Notice::success("新しい番号を確かめ、送信しました")),
        "resumed" => Some(Notice::success("配信を再開しました")),
        "settled" => Some(Notice::success("確かめた結果を記録しました")),
        "already" => Some(
            Notice::info("このリストはすでに送られています")
                .text("同じ人に同じ文面を二度送らないように、新しい配信は作っていません。"),
        ),
        "nothing" => Some(
            Notice::info("変更はありませんでした")
                .text("ほかの人が先に操作したか、すでに終わっています。いまの状態を確かめてください。"),
        ),
        _ => None,
    }
}

pub(super) async fn facts(desk: &Desk, session: &SignedIn, moment: &Moment) -> Result<Facts, PageError> {
    let (org, broadcast) = (session.staff.org, &moment.broadcast);
    let template = match broadcast.template {
        Some((id, version)) => {
            let template = store::template(&desk.db, org, id).await.map_err(failed)?;
            template.map(|template| (id, format!("{} 第{version}版", template.name)))
        }
        None => None,
    };
    let offices = desk.accounts.offices(org).await.map_err(failed)?;
    let office = offices.into_iter().find(|office| office.id == broadcast.office);
    let staff = names(desk, org, broadcast.created_by.into_iter()).await?;
    let (first, last) = broadcast.messages;
    let links = store::link_counts(&desk.db, org, first, last)
        .await
        .map_err(failed)?;
    Ok(Facts {
        links: (links.links > 0).then_some(links),
        id: broadcast.id,
        file_name: broadcast.file_name.clone(),
        template,
        office: office.map(|office| office.name.to_string()).unwrap_or_default(),
        by: staff.or(broadcast.created_by, "コマンドライン"),
        at: broadcast.created_at,
        sender: broadcast.sender.clone(),
        stage: broadcast.stage,
        simulated: broadcast.simulated,
        // A test is always sent anew; that needs no reason.
        resend_reason: broadcast
            .resend
            .as_ref()
            .filter(|_| broadcast.stage != BroadcastStage::Test)
            .map(|(_, reason)| reason.clone()),
        terms: terms(moment),
    })
}

async fn moving(desk: &Desk, session: &SignedIn, shell: Shell, facts: Facts, moment: &Moment) -> Answer {
    let (counts, state) = (&moment.progress.counts, moment.state());
    let (tone, label) = standing(state, counts);
    let waiting = Group::Waiting.count(counts) - counts.of(MessageState::Submitting);
    let handed_over = counts.total() - Group::Waiting.count(counts) - Group::Cancelled.count(counts);
    let incident = store::held_by(&desk.db, session.staff.org, facts.id)
        .await
        .map_err(failed)?;
    let has_failed = state == BroadcastState::FirstWaveFailed;
    let paused = (has_failed || state == BroadcastState::Paused).then(|| Paused {
        incident,
        notice: if has_failed {
            failed_notice(waiting)
        } else {
            paused_notice(handed_over, waiting)
        },
        submitting: counts.of(MessageState::Submitting),
        waiting: people(waiting),
    });
    let title = match state {
        BroadcastState::Paused | BroadcastState::FirstWaveFailed => "配信を止めています",
        _ if moment.broadcast.discarded_at.is_some() => "携帯電話会社の知らせを待っています",
        BroadcastState::Sending | BroadcastState::FirstWave => "配信しています",
        BroadcastState::OutsideHours { .. } => "送れる時間を待っています",
        _ => "携帯電話会社の知らせを待っています",
    };
    let page = Moving {
        chip: Chip::new(tone, label),
        seen: word(state),
        paused,
        waits: match waits(moment, waiting) {
            Some(waits) => Some(waits),
            None => waits_for_room(desk, session, moment).await?,
        },
        any_time: matches!(state, BroadcastState::OutsideHours { .. })
            .then(|| broadcast_any_time::field(&Errors::default())),
        can_stop: is_moving(state) && moment.broadcast.discarded_at.is_none(),
        tiles: tiles(&moment.broadcast, counts, None),
        bar: bar("sms", counts),
        rate: moment.rate_in_words(),
        left: moment.time_left_in_words(),
        events: broadcast_events::lines(desk, session, moment).await?,
        shell: shell.titled(title).reloading_every(RELOAD_SECONDS),
        facts,
    };
    Ok(Page(page).into_response())
}

fn paused_notice(handed_over: u32, waiting: u32) -> Notice {
    let before = match handed_over {
        0 => "まだ誰にも送っていません。".to_owned(),
        some => format!("{}には、止める前に携帯電話会社へ渡しました。", people(some)),
    };
    Notice::warning(format!(
        "配信を止めました。まだ送っていない人: {}",
        people(waiting)
    ))
    .text(format!(
        "{before}再開するか、残りを破棄するまで、このまま待ちます。"
    ))
}

async fn result(desk: &Desk, session: &SignedIn, shell: Shell, facts: Facts, moment: &Moment) -> Answer {
    let (org, counts) = (session.staff.org, &moment.progress.counts);
    let states = [Group::Failed.states(), Group::Unknown.states()].concat();
    let causes = store::causes(&desk.db, org, &moment.broadcast, &states)
        .await
        .map_err(failed)?;
    let (tone, label) = standing(moment.state(), counts);
    let is_withdrawn = counts.of(MessageState::Cancelled) == counts.total();
    let title = match moment.state() {
        BroadcastState::Returned => "送信は差し戻されました",
        BroadcastState::TooLate => "配信の結果",
        _ if is_withdrawn => "配信は取り消されました",
        _ => "配信の結果",
    };
    let page = Settled {
        chip: Chip::new(tone, label),
        tiles: tiles(&moment.broadcast, counts, None),
        bar: bar("sms", counts),
        missed: people(Group::Failed.count(counts) + Group::Unknown.count(counts)),
        causes: causes.into_iter().map(|one| card(facts.id, one)).collect(),
        failed: Group::Failed.count(counts),
        unknown: Group::Unknown.count(counts),
        too_late: if moment.state() == BroadcastState::TooLate {
            Group::Cancelled.count(counts)
        } else {
            0
        },
        ended: ended(desk, session, moment).await?,
        list: moment.broadcast.list,
        left_out: broadcast_left_out::of(desk, session, &moment.broadcast).await?,
        events: broadcast_events::lines(desk, session, moment).await?,
        shell: shell.titled(title),
        facts,
    };
    Ok(Page(page).into_response())
}

fn card(id: BroadcastId, same: store::SameCause) -> CauseCard {
    let cause = cause(same.state, same.code.as_deref());
    let code = in_query(same.code.as_deref().unwrap_or_default());
    CauseCard {
        count: same.count.into(),
        what: cause.what,
        next: cause.next,
        href: format!(
            "/broadcasts/{id}/messages?state={}&code={code}",
            same.state.as_str()
        ),
        code: same.code,
    }
}
