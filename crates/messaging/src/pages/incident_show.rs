//! `GET /incidents/{id}`: whom it concerns, what shares the cause, what happened when, the dates of the law, the drafts
//! of the reports, and what is to be decided.

use accounts::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use base::id::IncidentId;
use serde::Deserialize;
use web::ui::{Chip, Notice};
use web::{Page, PageError, Shell};

use super::incident_cause::{self, CauseList, ReportRow};
use super::incident_facts::{self, BroadcastRow, Line, Totals};
use super::incident_list::{office_name, tone};
use super::{Answer, Desk, Id, failed, may_see, names};
use crate::incident::{Deadlines, Draft, Incident, IncidentEvent, Items};
use crate::store;

#[derive(Template)]
#[template(path = "incident_show.html")]
struct IncidentShow {
    shell: Shell,
    incident: Incident,
    chip: Chip,
    office: String,
    by: String,
    dates: Deadlines,
    totals: Totals,
    broadcasts: Vec<BroadcastRow>,
    reports: Vec<ReportRow>,
    causes: Vec<CauseList>,
    data: Vec<String>,
    timeline: Vec<Line>,
    drafts: [(&'static str, String); 2],
    events: Vec<IncidentEvent>,
}

/// An incident that is there for this person.
pub(super) async fn load_incident(
    desk: &Desk,
    session: &SignedIn,
    id: IncidentId,
) -> Result<Incident, PageError> {
    let incident = store::incident(&desk.db, session.staff.org, id)
        .await
        .map_err(failed)?;
    incident
        .filter(|incident| may_see(&session.staff, incident.office))
        .ok_or(PageError::NotFound)
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    stopped: u32,
}

fn done(shell: &Shell, asked: &Asked) -> Option<Notice> {
    let notice = match shell.done()? {
        "reported" if asked.stopped > 0 => {
            Notice::success(format!("報告を受け付け、{}件の配信を止めました", asked.stopped))
                .text("まだ送っていない人には、決めるまで送りません。")
        }
        "reported" => Notice::success("報告を受け付けました")
            .text("止める配信はありませんでした。すでに止まっているか、送り終えています。"),
        "opened" => Notice::success("インシデントを開きました")
            .text("対象の配信のうち、まだ送っていない人がいるものは止めました。"),
        "noted" => Notice::success("メモを残しました"),
        "contained" => Notice::success("拡大を止めたことを記録しました"),
        "closed" => Notice::success("対応を終えました"),
        "reopened" => Notice::success("対応を再開しました"),
        "released" => Notice::success("再開してよいと決めました")
            .text("送信の担当者が、配信の画面で再開します。まだ送っていません。"),
        "discarded" => Notice::success("残りの送信を取り消しました"),
        "nothing" => Notice::info("変更はありませんでした")
            .text("ほかの人が先に操作しました。いまの状態を確かめてください。"),
        _ => return None,
    };
    Some(notice)
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<IncidentId>,
    Query(asked): Query<Asked>,
) -> Answer {
    let incident = load_incident(&desk, &session, id).await?;
    let org = session.staff.org;
    let shell = match done(&shell, &asked) {
        Some(notice) => shell.with_notice(notice),
        None => shell,
    };
    let lines = store::incident_lines(&desk.db, org, id).await.map_err(failed)?;
    let offices = desk.accounts.offices(org).await.map_err(failed)?;
    let opener = names(&desk, org, incident.opened_by.into_iter()).await?;
    let broadcasts = incident_facts::broadcasts(&desk, &session, id).await?;
    let totals = Totals::of(&broadcasts);
    let reports = incident_cause::reports(&desk, &session, &lines, &broadcasts).await?;
    let causes = incident_cause::causes(&desk, &session, &broadcasts).await?;
    let data = incident_facts::data(&desk, &session, &broadcasts).await?;
    let timeline = incident_facts::timeline(&desk, &session, &lines, &broadcasts).await?;
    let items = Items {
        known_at: incident.opened_at,
        way: incident.way.label().to_owned(),
        first_left_at: totals.first_left_at,
        stopped_at: totals.stopped_at,
        left: totals.left,
        kept_back: totals.waiting,
        data: data.clone(),
        reports: reports.len(),
        cause: causes.iter().flat_map(CauseList::sentences).collect(),
    };
    let page = IncidentShow {
        chip: Chip::new(tone(incident.state), incident.state.label()),
        office: office_name(&offices, incident.office),
        by: opener.or(incident.opened_by, "届いた人"),
        dates: Deadlines::of(incident.opened_at),
        drafts: [Draft::First, Draft::Full].map(|draft| (draft.label(), draft.text(&items))),
        events: IncidentEvent::CHOSEN
            .into_iter()
            .filter(|event| incident.state.on(*event).is_some())
            .collect(),
        shell: shell.titled(format!("インシデント {id}")),
        incident,
        totals,
        broadcasts,
        reports,
        causes,
        data,
        timeline,
    };
    Ok(Page(page).into_response())
}
