//! `GET /outcomes/lists/{id}`: a locked list: who, with which text, and the button that says to how many. Afterwards:
//! who was told, in which broadcast.

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base::clock::Millis;
use base::id::OutcomeListId;
use db::OrgVault;
use messaging::pages::roll::{self, Fate, JudgedRoll, Prospect};
use messaging::pages::{Answer, Desk, failed};
use std::sync::Arc;
use web::ui::{Chip, Notice};
use web::{Id, Page, PageError, Shell};

use super::outcome_desk::state_of;
use super::outcome_load::{Opened, list};
use super::outcome_people::PersonLine;
use crate::release::{Gathering, NotGathered};
use crate::store::{self, OutcomeList};

#[derive(Template)]
#[template(path = "outcome_sheet.html")]
struct OutcomeSheet {
    shell: Shell,
    list: OutcomeList,
    name: String,
    desk: String,
    chip: Chip,
    locked_by: String,
    problem: Option<Notice>,
    shown: Option<Shown>,
    rows: Vec<PersonLine>,
}

/// What would happen.
struct Shown {
    prospect: Prospect,
    /// Who is telephoned, because no message can be sent: reference number and why.
    called: Vec<(String, String)>,
    seal: String,
}

/// A locked list as it can be sent now, or why not.
pub(super) struct Plan {
    pub(super) list: OutcomeList,
    pub(super) opened: Opened,
    pub(super) ready: Result<(Gathering, JudgedRoll), String>,
}

/// Everything behind the page of a list that is still to be sent.
pub(super) async fn plan(desk: &Desk, session: &SignedIn, id: OutcomeListId) -> Result<Plan, PageError> {
    let (list, opened) = list(desk, session, id).await?;
    let org = session.staff.org;
    let gathering = Gathering::of(&desk.db, org, id).await.map_err(failed)?;
    let ready = match gathering {
        Err(why) => Err(not_gathered(why).to_owned()),
        Ok(gathering) => {
            let vault: Arc<OrgVault> = desk.db.vault(org).await.map_err(failed)?;
            let judged = roll::judge(desk, gathering.roll(&vault)).await?;
            judged.map(|judged| (gathering, judged))
        }
    };
    Ok(Plan { list, opened, ready })
}

const fn not_gathered(why: NotGathered) -> &'static str {
    match why {
        NotGathered::NotLocked => "このリストは、もう送ったか、確定を取り消しています。",
        NotGathered::NoText => {
            "この結果の文面がまだ作られていません。窓口の版を承認した人に、承認をやり直すよう頼んでください。"
        }
        NotGathered::Empty => {
            "リストにいた人の判定が、みな変わりました。送る相手がいないので、確定を取り消してください。"
        }
    }
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<OutcomeListId>,
) -> Answer {
    let plan = plan(&desk, &session, id).await?;
    let shell = match shell.done() {
        Some("locked") => shell.with_notice(
            Notice::success("リストを確定しました")
                .text("まだ送っていません。文面と人数を確かめてから送ってください。"),
        ),
        Some("called") => shell.with_notice(
            Notice::success("全員を電話リストに入れました")
                .text("SMSを送れる人がいなかったため、結果は電話で伝えます。"),
        ),
        _ => shell,
    };
    page(&desk, &session, shell, plan).await
}

pub(super) async fn page(
    desk: &Desk,
    session: &SignedIn,
    shell: Shell,
    plan: Plan,
) -> Result<Response, PageError> {
    let org = session.staff.org;
    let (list, opened) = (plan.list, plan.opened);
    let is_open = list.opened_at.is_none() && list.released_at.is_none();
    let (mut problem, mut shown) = (None, None);
    match (&plan.ready, is_open) {
        (Ok((gathering, judged)), true) => shown = Some(of(desk, gathering, judged).await?),
        (Err(why), true) => problem = Some(Notice::warning("いまは送れません").text(why)),
        (_, false) => {}
    }
    let people = store::on_list(&desk.db, org, &list).await.map_err(failed)?;
    let locked_by = match list.locked_by {
        None => "窓口の規則".to_owned(),
        Some(by) => {
            let found = desk.accounts.staff_by_ids(org, &[by]).await.map_err(failed)?;
            found
                .get(&by)
                .map_or_else(|| "（記録なし）".to_owned(), |staff| staff.name.to_string())
        }
    };
    let name = opened.list_name(&list.kind);
    let page = OutcomeSheet {
        chip: state_of(desk, session, &list).await?,
        locked_by,
        problem,
        shown,
        rows: people.iter().map(PersonLine::of).collect(),
        shell: shell.titled(format!("{name}の送信（リスト{}）", list.id)),
        name,
        desk: opened.row.name,
        list,
    };
    Ok(Page(page).into_response())
}

async fn of(desk: &Desk, gathering: &Gathering, judged: &JudgedRoll) -> Result<Shown, PageError> {
    let whom = |line: u32| {
        let one = usize::try_from(line)
            .ok()
            .and_then(|line| gathering.people.get(line - 1));
        one.map_or_else(String::new, |one| format!("受付番号 {}の人", one.reference))
    };
    let fates = gathering.people.iter().zip(&judged.fates);
    let called = fates.filter_map(|(one, fate)| match fate {
        Fate::WrongNumber(why) | Fate::Blocked(why) | Fate::Contacted(why) => {
            Some((one.reference.to_string(), why.clone()))
        }
        Fate::Send | Fate::With(_) | Fate::Before(..) => None,
    });
    Ok(Shown {
        called: called.collect(),
        prospect: judged.prospect(desk, whom).await?,
        seal: judged.seal(desk).await?,
    })
}

impl OutcomeSheet {
    /// When it was told.
    fn told_at(&self) -> Option<Millis> {
        self.list.released_at
    }

    /// Whether it is still to be sent.
    fn is_open(&self) -> bool {
        self.list.opened_at.is_none() && self.list.released_at.is_none()
    }
}
