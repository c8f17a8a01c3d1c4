//! `GET` and `POST /reach/gather`: everybody who waits for one way, from all offices or one, with one text: what would
//! happen, and the button that says to how many.
//!
//! The form carries the seal of what was shown. Of two people who press at once, or of one who presses twice, the
//! second is led to the broadcast of the first.

use std::collections::{BTreeMap, HashMap};

use accounts::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::id::{BroadcastId, CaseId, OfficeId, OrgId};
use messaging::broadcast::{Origin, StartError};
use messaging::limits::LARGE_SEND;
use messaging::pages::roll::{self, Fate, JudgedRoll, Prospect, TextChoice};
use messaging::pages::{Answer, Desk, failed, may_see, scope};
use messaging::store::message_facts;
use messaging::template::Purpose;
use serde::Deserialize;
use web::form::Field;
use web::number::grouped;
use web::ui::Notice;
use web::{CsrfForm, Page, PageError, Shell, after_post, after_post_with};

use super::reach_words::{
    household_field, household_of, office_names, programme_field, text_field, texts_of_programme, version_of,
    version_word,
};
use crate::decision::Route;
use crate::gather::{Gathering, OnlyIf, name, start};
use crate::limits::GATHERED;
use crate::store::events::messages;
use crate::store::owners::owners;
use crate::store::reach::{Candidates, candidates, parked_count, programmes_waiting};

/// Whom to gather; what cannot be read counts as not asked.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(super) struct Asked {
    route: String,
    office: String,
    programme: String,
    template: String,
    household: String,
}

/// What the button sends.
#[derive(Deserialize)]
pub(super) struct Confirmed {
    seal: String,
    /// The first of the people that were shown.
    #[serde(default)]
    first: i64,
    #[serde(flatten)]
    asked: Asked,
}

#[derive(Template)]
#[template(path = "reach_gather.html")]
struct ReachGather {
    shell: Shell,
    route: Route,
    office: Option<(OfficeId, String)>,
    /// The office to which the programme belongs, whose people are not gathered with all others.
    apart: Option<(OfficeId, String)>,
    choices: Vec<Field>,
    /// Why nothing can be shown: no text, or a text that fits nobody.
    problem: Option<Notice>,
    shown: Option<Shown>,
    without_number: u64,
    parked: u64,
    asked: Asked,
}

/// What would happen.
struct Shown {
    prospect: Prospect,
    nobody: bool,
    /// Office, how many are written to, how many are not.
    offices: Vec<(String, u64, u64)>,
    left_out: Vec<String>,
    /// Who is left out and why, one by one.
    examples: Vec<(String, String)>,
    seal: String,
    first: i64,
}

/// Nothing is chosen by itself where the programme does not say its text.
const UNCHOSEN: &str = "この振り分け規則の初回連絡の文面が決まっていません。上で文面を選び、「この文面で確かめる」を押してください。振り分け規則の版に文面を決めておくと、はじめから選ばれます。";

const NOT_SENT: &str = "この文面では送れません";

/// People who are left out that are told one by one.
const TOLD: usize = 20;

/// Everything behind the page.
struct Plan {
    org: OrgId,
    asked: Asked,
    route: Route,
    office: Option<OfficeId>,
    /// The office to which the programme belongs, where everybody else is gathered.
    owner: Option<OfficeId>,
    names: HashMap<OfficeId, String>,
    texts: Vec<TextChoice>,
    programmes: Vec<i64>,
    gathering: Gathering,
    /// People who may be somebody that came before.
    parked: u64,
    /// What would be sent, or why nothing can be: in a title and a sentence.
    judged: Result<JudgedRoll, (&'static str, String)>,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Answer {
    let plan = plan(&desk, &session, asked).await?;
    page(&desk, shell, &plan).await
}

/// The office whose people may be gathered: one's own, at the head office any or all.
fn office_of(session: &SignedIn, asked: &str) -> Result<Option<OfficeId>, PageError> {
    let chosen = asked.parse().ok().map(OfficeId::new);
    match (scope(&session.staff), chosen) {
        (None, chosen) => Ok(chosen),
        (Some(own), None) => Ok(Some(own)),
        (Some(own), Some(chosen)) if may_see(&session.staff, chosen) && own == chosen => Ok(Some(own)),
        (Some(_), Some(_)) => Err(PageError::NotFound),
    }
}

async fn plan(desk: &Desk, session: &SignedIn, mut asked: Asked) -> Result<Plan, PageError> {
    let (db, org) = (&desk.db, session.staff.org);
    let route = Route::from_word(&asked.route)
        .filter(|route| route.is_sms())
        .unwrap_or(Route::HeadOfficeSms);
    let office = office_of(session, &asked.office)?;
    let names = office_names(desk, org).await?;
    let mut texts = roll::texts_for(desk, org, Purpose::FirstTouch).await?;
    let owners = owners(db, org).await.map_err(failed)?;
    let wanted = |programme| Candidates {
        office,
        but: owners.get(&programme).copied().filter(|_| office.is_none()),
        route,
        programme,
        most: GATHERED,
    };
    let mut programmes = programmes_waiting(db, org, route).await.map_err(failed)?;
    for owned in programmes
        .clone()
        .into_iter()
        .filter(|one| wanted(*one).but.is_some())
    {
        let one = Candidates {
            most: 1,
            ..wanted(owned)
        };
        if candidates(db, org, one).await.map_err(failed)?.is_empty() {
            programmes.retain(|programme| *programme != owned);
        }
    }
    let programme = asked
        .programme
        .parse()
        .ok()
        .filter(|one| programmes.contains(one));
    let programme = programme.or(programmes.first().copied()).unwrap_or(0);
    let wanted = wanted(programme);
    let ids = candidates(db, org, wanted).await.map_err(failed)?;
    let parked = parked_count(db, org, wanted).await.map_err(failed)?;
    let gathering = Gathering::of(db, org, &ids).await.map_err(failed)?;
    let whose = (programme, office.unwrap_or(session.staff.office));
    let usual = texts_of_programme(desk, org, whose, &mut texts).await?;
    let version = version_of(&asked.template).or(usual);
    let judged = match version {
        None if texts.iter().all(|one| one.not_now.is_some()) => {
            Err((NOT_SENT, "初回連絡に使える文面がありません。".to_owned()))
        }
        None => Err(("文面が選ばれていません", UNCHOSEN.to_owned())),
        Some(version) => {
            let vault = db.vault(org).await.map_err(failed)?;
            let household = household_of(&asked.household);
            // What goes to the people of one office is that office's, and so are the answers.
            let writes = office.unwrap_or(session.staff.office);
            let roll = gathering.roll(&vault, writes, version, household, &names);
            roll::judge(desk, roll).await?.map_err(|why| (NOT_SENT, why))
        }
    };
    route.as_str().clone_into(&mut asked.route);
    asked.office = office.map(|office| office.to_string()).unwrap_or_default();
    asked.programme = programme.to_string();
    asked.template = version.map(version_word).unwrap_or_default();
    Ok(Plan {
        org,
        asked,
        route,
        office,
        owner: wanted.but,
        names,
        texts,
        programmes,
        gathering,
        parked,
        judged,
    })
}

async fn page(desk: &Desk, shell: Shell, plan: &Plan) -> Answer {
    let mut choices = vec![
        text_field(&plan.texts, version_of(&plan.asked.template)),
        household_field(&plan.asked.household),
    ];
    if plan.programmes.len() > 1 {
        choices.push(programme_field(desk, plan.org, &plan.asked.programme).await?);
    }
    let (problem, shown) = match &plan.judged {
        Ok(judged) => (None, Some(shown(desk, plan, judged).await?)),
        Err((title, why)) => {
            let notice = Notice::warning(title).text(why);
            (Some(notice.link("/templates", "文面を見る")), None)
        }
    };
    let page = ReachGather {
        route: plan.route,
        office: plan
            .office
            .map(|office| (office, plan.names.get(&office).cloned().unwrap_or_default())),
        apart: plan
            .owner
            .map(|owner| (owner, plan.names.get(&owner).cloned().unwrap_or_default())),
        choices,
        problem,
        shown,
        without_number: plan.gathering.without_number.len() as u64,
        parked: plan.parked,
        asked: plan.asked.clone(),
        shell: shell.titled("まとめて連絡する"),
    };
    Ok(Page(page).into_response())
}

async fn shown(desk: &Desk, plan: &Plan, judged: &JudgedRoll) -> Result<Shown, PageError> {
    let gathering = &plan.gathering;
    let whom = |line: u32| {
        let case = gathering.at(line);
        case.map_or_else(String::new, |case| format!("受付番号 {}の人", case.reference))
    };
    let mut offices: BTreeMap<OfficeId, (u64, u64)> = BTreeMap::new();
    let mut examples = Vec::new();
    for (case, fate) in gathering.cases.iter().zip(&judged.fates) {
        let counts = offices.entry(case.office).or_default();
        match fate {
            Fate::Send => counts.0 += 1,
            Fate::With(_) | Fate::Before(..) => counts.1 += 1,
            Fate::Contacted(why) | Fate::WrongNumber(why) | Fate::Blocked(why) => {
                counts.1 += 1;
                if examples.len() < TOLD {
                    examples.push((case.reference.to_string(), why.clone()));
                }
            }
        }
    }
    for case in &gathering.without_number {
        offices.entry(case.office).or_default().1 += 1;
    }
    let named = |(office, (sent, left)): (OfficeId, (u64, u64))| {
        let name = plan.names.get(&office).cloned().unwrap_or_default();
        (name, sent, left)
    };
    Ok(Shown {
        prospect: judged.prospect(desk, whom).await?,
        // Who got the same text before is written down by the same button.
        nobody: judged.rows.is_empty() && !judged.fates.iter().any(|fate| matches!(fate, Fate::Before(..))),
        offices: offices.into_iter().map(named).collect(),
        left_out: judged.left_out(),
        examples,
        seal: judged.seal(desk).await?,
        first: gathering.cases.first().map_or(0, |case| case.id.get()),
    })
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    CsrfForm(form): CsrfForm<Confirmed>,
) -> Answer {
    let plan = plan(&desk, &session, form.asked).await?;
    let Ok(judged) = &plan.judged else {
        return page(&desk, shell, &plan).await;
    };
    if judged.seal(&desk).await? != form.seal {
        return overtaken(&desk, &session, shell, &plan, CaseId::new(form.first)).await;
    }
    if judged.rows.len() > LARGE_SEND {
        session.fresh()?;
    }
    let office = plan.office.and_then(|office| plan.names.get(&office));
    let name = name(office.map(String::as_str), judged.rows.len());
    let by = Some(session.staff.id);
    let new = judged.broadcast(&desk, name, Origin::Browser, by).await?;
    let exercise = judged.is_exercise(&desk);
    match start(&desk.db, &plan.gathering, judged, new, OnlyIf::Waiting, exercise).await {
        Ok(gathered) => Ok(led_to(gathered.started.broadcast, gathered.started.is_new)),
        Err(StartError::NoRows | StartError::AllLeftOut(_)) => {
            overtaken(&desk, &session, shell, &plan, CaseId::new(form.first)).await
        }
        Err(error) => Err(roll::not_started(error)),
    }
}

pub(super) fn led_to(broadcast: BroadcastId, is_new: bool) -> Response {
    let address = format!("/broadcasts/{broadcast}");
    if is_new {
        after_post(&address).into_response()
    } else {
        after_post_with(&address, "already").into_response()
    }
}

/// Somebody was faster, or somebody came: the broadcast that has the first of them, else the page again.
async fn overtaken(desk: &Desk, session: &SignedIn, shell: Shell, plan: &Plan, first: CaseId) -> Answer {
    let org = session.staff.org;
    let still_waits = plan.gathering.cases.iter().any(|case| case.id == first);
    if !still_waits && let Some(broadcast) = broadcast_of(desk, session, first).await? {
        return Ok(led_to(broadcast, false));
    }
    tracing::debug!(%org, "a gathering was overtaken");
    let shell = shell.with_notice(
        Notice::warning("開いていたあいだに、待っている人か文面が変わりました").text(format!(
            "まだ何も送っていません。いまは{}人が待っています。もう一度確かめてください。",
            grouped(plan.gathering.cases.len() as u64)
        )),
    );
    let shown = page(desk, shell, plan).await?;
    Ok((StatusCode::CONFLICT, shown).into_response())
}

/// The newest broadcast that wrote to a case of somebody whom this person may see.
async fn broadcast_of(
    desk: &Desk,
    session: &SignedIn,
    case: CaseId,
) -> Result<Option<BroadcastId>, PageError> {
    let org = session.staff.org;
    let seen = crate::store::cases::case(&desk.db, org, scope(&session.staff), case);
    if seen.await.map_err(failed)?.is_none() {
        return Ok(None);
    }
    let sent = messages(&desk.db, org, case).await.map_err(failed)?;
    let Some((message, ..)) = sent.last() else {
        return Ok(None);
    };
    let facts = message_facts(&desk.db, org, &[*message]).await.map_err(failed)?;
    Ok(facts.get(message).map(|facts| facts.broadcast))
}
