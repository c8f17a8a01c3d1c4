//! `GET /approvals`: what waits for somebody's approval, oldest first.

use std::collections::HashMap;

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use base::clock::{DAY, Millis};
use base::id::{BroadcastId, OfficeId};
use web::number::grouped;
use web::ui::Notice;
use web::{Page, Shell};

use super::{Answer, Desk, failed, may_see, names};
use crate::limits::APPROVALS_SHOWN;
use crate::release::in_words;
use crate::store::{self, Awaiting};

#[derive(Template)]
#[template(path = "approval_list.html")]
struct ApprovalList {
    shell: Shell,
    /// What this person may decide about.
    rows: Vec<Row>,
    /// What this person wants to send.
    own: Vec<Row>,
}

struct Row {
    id: BroadcastId,
    file_name: String,
    template: String,
    office: String,
    by: String,
    since: Millis,
    age: String,
    people: String,
    reasons: String,
    simulated: bool,
}

pub(super) async fn show(State(desk): State<Desk>, session: SignedIn, shell: Shell) -> Answer {
    let (org, me, now) = (session.staff.org, session.staff.id, desk.db.now());
    let mut waiting = store::awaiting_approval(&desk.db, org, APPROVALS_SHOWN)
        .await
        .map_err(failed)?;
    waiting.retain(|one| may_see(&session.staff, one.office));
    let offices = desk.accounts.offices(org).await.map_err(failed)?;
    let offices: HashMap<OfficeId, String> = offices
        .into_iter()
        .map(|office| (office.id, office.name.to_string()))
        .collect();
    let staff = names(&desk, org, waiting.iter().filter_map(|one| one.by)).await?;
    let templates = waiting.iter().filter_map(|one| one.template);
    let templates = store::template_names(&desk.db, org, templates.map(|(id, _)| id))
        .await
        .map_err(failed)?;
    let row = |one: Awaiting| {
        let template = one
            .template
            .and_then(|(id, version)| Some(format!("{} 第{version}版", templates.get(&id)?)));
        Row {
            id: one.id,
            template: template.unwrap_or_default(),
            office: offices.get(&one.office).cloned().unwrap_or_default(),
            by: staff.or(one.by, "（記録なし）"),
            since: one.since,
            age: age(now - one.since),
            people: format!("{}人", grouped(u64::from(one.people))),
            reasons: in_words(&one.reasons),
            simulated: one.simulated,
            file_name: one.file_name,
        }
    };
    let (own, others): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|one| one.by == Some(me));
    let shell = match shell.done() {
        Some("approved") => shell.with_notice(Notice::success("送信を承認しました")),
        Some("returned") => shell.with_notice(
            Notice::success("差し戻しました")
                .text("1通も送っていません。送ろうとした人は、リストを直してもう一度送れます。"),
        ),
        _ => shell,
    };
    let page = ApprovalList {
        rows: others.into_iter().map(row).collect(),
        own: own.into_iter().map(row).collect(),
        shell: shell.titled("承認待ちの送信"),
    };
    Ok(Page(page).into_response())
}

/// How long it has waited: `12分`, `3時間05分`, `2日`.
fn age(waited: Millis) -> String {
    if waited >= DAY {
        return format!("{}日", waited / DAY);
    }
    let minutes = u64::try_from(waited / 60_000).unwrap_or(0);
    if minutes == 0 {
        "1分未満".to_owned()
    } else {
        web::time::duration(minutes * 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_told_in_what_one_counts_in() {
        assert_eq!(age(59_000), "1分未満");
        assert_eq!(age(12 * 60_000), "12分");
        assert_eq!(age(185 * 60_000), "3時間05分");
        assert_eq!(age(2 * DAY + 1), "2日");
    }
}
