//! `GET` and `POST /cases/{id}/write`: one person, in two clicks: which text, and yes.

use accounts::{Permission, SignedIn};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::id::CaseId;
use lists::choice::Household;
use messaging::broadcast::Origin;
use messaging::pages::roll::{self, Fate, JudgedRoll, Prospect, TextChoice};
use messaging::pages::{Answer, Desk, failed, scope};
use messaging::store::all_approved;
use messaging::template::Purpose;
use serde::Deserialize;
use web::ui::Notice;
use web::{CsrfForm, Id, Page, PageError, Shell};

use super::reach_gather::led_to;
use super::reach_words::{office_names, texts_of_programme, version_of, version_word};
use crate::case::{Case, CaseState};
use crate::gather::{Gathering, OnlyIf, start};
use crate::store::cases;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    template: String,
}

#[derive(Deserialize)]
pub(super) struct Confirmed {
    #[serde(default)]
    template: String,
    #[serde(default)]
    seal: String,
}

#[derive(Template)]
#[template(path = "reach_write.html")]
struct ReachWrite {
    shell: Shell,
    id: CaseId,
    reference: String,
    /// Name, word in the address, purpose, whether it was approved.
    texts: Vec<(String, String, &'static str, bool)>,
    problem: Option<Notice>,
    shown: Option<(Prospect, String)>,
    template: String,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<CaseId>,
    Query(asked): Query<Asked>,
) -> Answer {
    let case = open_case(&desk, &session, id).await?;
    page(&desk, &session, shell, &case, &asked.template).await
}

async fn open_case(desk: &Desk, session: &SignedIn, id: CaseId) -> Result<Case, PageError> {
    let found = cases::case(&desk.db, session.staff.org, scope(&session.staff), id);
    let case = found.await.map_err(failed)?.ok_or(PageError::NotFound)?;
    if case.state == CaseState::Open {
        return Ok(case);
    }
    Err(PageError::conflict(
        "この患者の記録は終了しているか、ほかの記録に統合されています。何も送っていません。",
        "送る必要があるときは、記録を再開してください。",
    ))
}

/// The person and the text, judged; or why nothing can be sent.
async fn judged(
    desk: &Desk,
    session: &SignedIn,
    case: &Case,
    template: &str,
) -> Result<Result<(Gathering, JudgedRoll), String>, PageError> {
    let org = session.staff.org;
    let Some(version) = version_of(template) else {
        return Err(PageError::NotFound);
    };
    // A new text is looked at by two before anybody gets it; whoever sends lists starts that.
    if !session.staff.may(Permission::Send) {
        let approved = all_approved(&desk.db, org).await.map_err(failed)?;
        if !approved.contains(&version) {
            return Ok(Err(
                "まだ承認されていない文面です。承認された文面を選ぶか、配信担当者に頼んでください。"
                    .to_owned(),
            ));
        }
    }
    let gathering = Gathering::of(&desk.db, org, &[case.id]).await.map_err(failed)?;
    if gathering.cases.is_empty() {
        return Ok(Err(
            "SMSが届く番号がありません。電話で連絡するか、番号を訂正してください。".to_owned(),
        ));
    }
    let (vault, names) = (
        desk.db.vault(org).await.map_err(failed)?,
        office_names(desk, org).await?,
    );
    // It is written by the office that looks after the person, whoever writes.
    let roll = gathering.roll(&vault, case.office, version, Household::Each, &names);
    Ok(match roll::judge(desk, roll).await? {
        Err(why) => Err(why),
        Ok(judged) => match judged.fates.first() {
            Some(Fate::Send) => Ok((gathering, judged)),
            Some(Fate::Contacted(why) | Fate::WrongNumber(why) | Fate::Blocked(why)) => Err(why.clone()),
            Some(Fate::Before(..)) => Err("30日以内に同じ文面を送っています。".to_owned()),
            Some(Fate::With(_)) | None => Err("送る相手がいません。".to_owned()),
        },
    })
}

async fn page(desk: &Desk, session: &SignedIn, shell: Shell, case: &Case, template: &str) -> Answer {
    let mut texts = Vec::new();
    for purpose in Purpose::ALL {
        let mut all = roll::texts_for(desk, session.staff.org, purpose).await?;
        if purpose == Purpose::FirstTouch {
            let whose = (case.programme, case.office);
            texts_of_programme(desk, session.staff.org, whose, &mut all).await?;
        }
        if !session.staff.may(Permission::Send) {
            all.retain(|one| one.is_approved);
        }
        for one in all {
            texts.extend(choice(one, purpose));
        }
    }
    let (mut problem, mut shown) = (None, None);
    if !template.is_empty() {
        match judged(desk, session, case, template).await? {
            Ok((_, judged)) => {
                let whom = |_| format!("受付番号 {}の人", case.reference);
                shown = Some((judged.prospect(desk, whom).await?, judged.seal(desk).await?));
            }
            Err(why) => problem = Some(Notice::warning("この文面は送れません").text(why)),
        }
    }
    let page = ReachWrite {
        id: case.id,
        reference: case.reference.to_string(),
        texts,
        problem,
        shown,
        template: template.to_owned(),
        shell: shell.titled("この人にSMSを送る"),
    };
    Ok(Page(page).into_response())
}

fn choice(one: TextChoice, purpose: Purpose) -> Option<(String, String, &'static str, bool)> {
    let word = version_word(one.version);
    one.not_now
        .is_none()
        .then(|| (one.name, word, purpose.label(), one.is_approved))
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<CaseId>,
    CsrfForm(form): CsrfForm<Confirmed>,
) -> Answer {
    let case = open_case(&desk, &session, id).await?;
    let refused = async |shell: Shell| -> Answer {
        let shown = page(&desk, &session, shell, &case, &form.template).await?;
        Ok((StatusCode::CONFLICT, shown).into_response())
    };
    let Ok((gathering, judged)) = judged(&desk, &session, &case, &form.template).await? else {
        return refused(shell).await;
    };
    if judged.seal(&desk).await? != form.seal {
        let notice = Notice::warning("開いていたあいだに、文面か番号が変わりました")
            .text("まだ何も送っていません。もう一度確かめてください。");
        return refused(shell.with_notice(notice)).await;
    }
    let name = format!("受付番号 {}", case.reference);
    let by = Some(session.staff.id);
    let new = judged.broadcast(&desk, name, Origin::Browser, by).await?;
    let exercise = judged.is_exercise(&desk);
    match start(&desk.db, &gathering, &judged, new, OnlyIf::Open, exercise).await {
        Ok(gathered) => Ok(led_to(gathered.started.broadcast, gathered.started.is_new)),
        Err(error) => Err(roll::not_started(error)),
    }
}
