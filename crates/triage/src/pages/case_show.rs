//! `GET /cases/{id}`: one person's whole record on one page: what was told, what was decided and why, who belongs
//! together, and everything that happened, in one line of time.
//!
//! Name, numbers and address are masked; `case_reveal.rs` shows them once, counted.

use std::collections::HashMap;

use accounts::{Office, SignedIn, Staff};
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use base::clock::Millis;
use base::date::CalendarDate;
use base::id::{CaseId, MessageId, OfficeId, StaffId};
use lists::contacts::Purpose;
use messaging::pages::{Answer, Id, failed};
use web::form::{Choice, Field};
use web::ui::{Chip, Notice, Tone};
use web::{Page, PageError, Shell};

use super::Triage;
use super::case_form::{self, Told};
use super::case_load::load;
use super::case_words::{age, area, birth, contact_chip, day, masked_name, numbers};
use crate::case::{Case, CaseEvent, CaseState, EventDetail, received_day};
use crate::decision::Route;
use crate::household::{Member, head};
use crate::notification::CaseNotification;
use crate::store::cases::{cases, of_household};
use crate::store::events::{events, messages};
use crate::store::twins::{TwinState, of_case};

#[derive(Template)]
#[template(path = "case_show.html")]
pub(super) struct CasePage {
    shell: Shell,
    id: CaseId,
    version: i64,
    chip: Chip,
    is_whole: bool,
    is_open: bool,
    merged_into: Option<CaseId>,
    reference: String,
    office: String,
    at: Millis,
    person: Vec<Told>,
    illness: Vec<Told>,
    route: &'static str,
    priority: u32,
    reasons: Vec<String>,
    is_overruled: bool,
    isolation_ends: Option<String>,
    household: Vec<Relative>,
    twins: Vec<Twin>,
    history: Vec<Happened>,
    routes: Field,
    why: Field,
    note: Field,
}

/// Somebody of the same household.
struct Relative {
    /// `None` for somebody of another office.
    id: Option<CaseId>,
    name: String,
    age: String,
    is_this: bool,
    is_head: bool,
    chip: Chip,
}

/// A case that may be the same person.
struct Twin {
    other: CaseId,
    why: String,
    state: &'static str,
}

/// One thing that happened.
struct Happened {
    at: Millis,
    what: String,
    by: String,
    detail: Vec<String>,
    message: Option<MessageId>,
}

pub(super) async fn show(
    State(triage): State<Triage>,
    session: SignedIn,
    Id(id): Id<CaseId>,
    shell: Shell,
) -> Answer {
    let case = load(&triage, &session.staff, id).await?;
    let shell = match shell.done().and_then(done) {
        Some(notice) => shell.with_notice(notice),
        None => shell,
    };
    Ok(Page(page(&triage, &session.staff, shell, case, false).await?).into_response())
}

fn done(word: &str) -> Option<Notice> {
    let notice = match word {
        "added" => Notice::success("1人を登録しました").text("受付番号は、この画面の「記録」にあります。"),
        "noted" => Notice::success("メモを記録しました"),
        "route" => Notice::success("振り分けを変更しました"),
        "corrected" => Notice::success("記録を訂正しました")
            .text("訂正の前の内容は、経過に残っています。振り分けと療養の終わりは計算し直しました。"),
        "handed-over" => Notice::success("引き継ぎました"),
        "merged" => Notice::success("1つに統合しました")
            .text("統合した記録はそのまま残っていて、いつでも取り消せます。"),
        "apart" => Notice::success("統合を取り消しました"),
        "distinct" => Notice::success("別の人として記録しました"),
        _ => return None,
    };
    Some(notice)
}

/// The record, with name and numbers whole or not.
pub(super) async fn page(
    triage: &Triage,
    staff: &Staff,
    shell: Shell,
    case: Case,
    whole: bool,
) -> Result<CasePage, PageError> {
    let (db, org) = (&triage.db, staff.org);
    let offices = triage.offices(org).await?;
    let today = received_day(db.now());
    let told = case.notification.as_ref();
    let family = of_household(db, org, case.household).await.map_err(failed)?;
    let twins = of_case(db, org, case.id).await.map_err(failed)?;
    let history = history(triage, staff, &case, &offices, whole).await?;
    let mut routes = Route::ALL
        .iter()
        .map(|route| Choice::new(route.as_str(), route.label()))
        .collect::<Vec<_>>();
    routes.insert(0, Choice::new("", "選んでください"));
    Ok(CasePage {
        id: case.id,
        version: case.version,
        chip: match case.state {
            CaseState::Open => contact_chip(case.contact),
            CaseState::Closed => Chip::new(Tone::Done, case.state.label()),
            CaseState::Merged => Chip::new(Tone::Cancelled, case.state.label()),
        },
        is_whole: whole,
        is_open: case.state == CaseState::Open,
        merged_into: case.merged_into,
        reference: case.reference.to_string(),
        office: office_name(&offices, case.office),
        at: case.received_at,
        person: told.map(|told| person(told, today, whole)).unwrap_or_default(),
        illness: told.map(case_form::illness).unwrap_or_default(),
        route: case.decided.route.label(),
        priority: case.decided.priority,
        reasons: case.decided.reasons.clone(),
        is_overruled: case.overruled_by.is_some(),
        isolation_ends: case.decided.isolation_ends.map(day),
        household: household(staff, &case, &family, today),
        twins: twins
            .iter()
            .map(|pair| Twin {
                other: pair.other(case.id),
                why: pair.why().join("、"),
                state: pair.state.label(),
            })
            .filter(|twin| twin.state != TwinState::Distinct.label() || twins.len() < 4)
            .collect(),
        history,
        routes: Field::select("route", "だれが、どうやって連絡するか", routes).required(),
        why: Field::text("why", "変更する理由").required(),
        note: Field::long_text("note", "メモ", 3)
            .support("書いたメモは消せません。だれがいつ書いたかといっしょに残ります。"),
        shell: shell.titled(format!("患者の記録 {}", case.reference)),
    })
}

fn office_name(offices: &HashMap<OfficeId, Office>, id: OfficeId) -> String {
    offices
        .get(&id)
        .map(|office| office.name.to_string())
        .unwrap_or_default()
}

/// Who the person is; what tells anybody apart is masked.
fn person(told: &CaseNotification, today: CalendarDate, whole: bool) -> Vec<Told> {
    let person = &told.person;
    let masked = |text: &Option<String>| {
        text.as_deref().map(|text| {
            if whole {
                text.to_owned()
            } else {
                messaging::pages::mask::name(text)
            }
        })
    };
    let mut all = vec![(
        "氏名",
        Some(if whole {
            person.name.clone()
        } else {
            masked_name(Some(told))
        }),
    )];
    all.push(("フリガナ", masked(&person.kana)));
    let born = if whole { birth(person, today) } else { None };
    match born {
        Some(born) => all.push(("生年月日", Some(born))),
        None => all.push(("年齢", Some(age(person, today)))),
    }
    all.push(("性別", person.sex.clone()));
    all.push((
        "電話番号",
        Some(numbers(person, whole).join("、")).filter(|all| !all.is_empty()),
    ));
    all.push(("保護者", masked(&person.guardian)));
    let location = person.location.as_deref();
    all.push((
        "所在地",
        location.map(|text| if whole { text.to_owned() } else { area(text) }),
    ));
    if whole {
        all.push(("郵便番号", person.postcode.clone()));
        all.push(("職業", person.occupation.clone()));
        all.push(("登録ID（HER-SYS ID）", person.register_id.clone()));
    }
    all.push(("施設", person.facility.clone().filter(|_| whole)));
    let language = person
        .language
        .as_deref()
        .and_then(messaging::template::Language::from_code);
    all.push(("言語", language.map(|language| language.label().to_owned())));
    all.into_iter()
        .filter_map(|(label, value)| Some(Told { label, value: value? }))
        .collect()
}

fn household(staff: &Staff, case: &Case, family: &[Case], today: CalendarDate) -> Vec<Relative> {
    if family.len() < 2 {
        return Vec::new();
    }
    let members: Vec<Member<'_>> = family
        .iter()
        .filter_map(|one| {
            Some(Member {
                case: one.id,
                told: one.notification.as_ref()?,
            })
        })
        .collect();
    let head = head(&members, today);
    family
        .iter()
        .map(|one| Relative {
            id: staff.covers(one.office).then_some(one.id),
            name: masked_name(one.notification.as_ref()),
            age: one
                .notification
                .as_ref()
                .map(|told| age(&told.person, today))
                .unwrap_or_default(),
            is_this: one.id == case.id,
            is_head: head == Some(one.id),
            chip: contact_chip(one.contact),
        })
        .collect()
}

/// Events and messages in one line of time, the newest first.
async fn history(
    triage: &Triage,
    staff: &Staff,
    case: &Case,
    offices: &HashMap<OfficeId, Office>,
    whole: bool,
) -> Result<Vec<Happened>, PageError> {
    let (db, org) = (&triage.db, staff.org);
    let events = events(db, org, case.id).await.map_err(failed)?;
    let messages = messages(db, org, case.id).await.map_err(failed)?;
    let mut people: Vec<StaffId> = events.iter().filter_map(|event| event.by).collect();
    people.sort_unstable();
    people.dedup();
    let people = triage.accounts.staff_by_ids(org, &people).await.map_err(failed)?;
    let others: Vec<CaseId> = events.iter().filter_map(|event| event.detail.other).collect();
    let others: HashMap<CaseId, String> = cases(db, org, &others)
        .await
        .map_err(failed)?
        .into_iter()
        .map(|other| (other.id, other.reference.to_string()))
        .collect();
    let mut all: Vec<Happened> = events
        .iter()
        .map(|event| {
            let by = event.by.map(|id| {
                people
                    .get(&id)
                    .map_or("（記録なし）".to_owned(), |staff| staff.name.to_string())
            });
            let at = event
                .office
                .map(|office| office_name(offices, office))
                .unwrap_or_default();
            Happened {
                at: event.at,
                what: what(event, &others),
                by: format!("{at} {}", by.unwrap_or_else(|| "システム".to_owned()))
                    .trim()
                    .to_owned(),
                detail: detail(&event.detail, offices, whole),
                message: None,
            }
        })
        .collect();
    let ids: Vec<MessageId> = messages.iter().map(|(id, _, _)| *id).collect();
    let standings = messaging::store::standings(db, org, &ids).await.map_err(failed)?;
    for one in messaging::store::replies_to(db, org, &ids)
        .await
        .map_err(failed)?
    {
        let acted = one
            .keyword
            .map(|keyword| format!("「{}」（自動で対応）", keyword.label()));
        all.push(Happened {
            at: one.at,
            what: format!("返信 {} が届いた", one.id),
            by: String::new(),
            detail: acted.into_iter().chain([one.state.label().to_owned()]).collect(),
            message: Some(one.message),
        });
    }
    for ((id, purpose, at), standing) in messages.into_iter().zip(standings) {
        all.push(Happened {
            at,
            what: format!(
                "SMS（{}）",
                Purpose::from_word(&purpose).map_or("", Purpose::label)
            ),
            by: String::new(),
            detail: vec![standing.state.label().to_owned()],
            message: Some(id),
        });
    }
    all.sort_by_key(|one| std::cmp::Reverse(one.at));
    Ok(all)
}

fn what(event: &CaseEvent, others: &HashMap<CaseId, String>) -> String {
    if let Some(contact) = event.detail.contact {
        return contact.label().to_owned();
    }
    match event.detail.other.and_then(|other| others.get(&other)) {
        Some(other) => format!("{}（受付番号 {other}）", event.kind.label()),
        None => event.kind.label().to_owned(),
    }
}

fn detail(detail: &EventDetail, offices: &HashMap<OfficeId, Office>, whole: bool) -> Vec<String> {
    let mut all = Vec::new();
    all.extend(detail.words.clone());
    if let Some((from, to)) = detail.offices {
        all.push(format!(
            "{} → {}",
            office_name(offices, from),
            office_name(offices, to)
        ));
    }
    if let Some((before, after)) = &detail.decisions
        && before.route != after.route
    {
        all.push(format!("{} → {}", before.route.label(), after.route.label()));
    }
    if let Some(pair) = &detail.notifications {
        all.extend(case_form::differences(&pair.0, &pair.1, whole));
    }
    all
}
