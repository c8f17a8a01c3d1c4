//! `GET /cases/{id}`: one person's whole record on one page: what was told, what was decided and why, how far the first
//! word has come and by which rule, until when at home, who belongs together, and everything that happened, in one line
//! of time.
//!
//! Name, numbers and address are masked; `case_reveal.rs` shows them once, counted.

use std::collections::HashMap;

use accounts::{Office, SignedIn, Staff};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use base::clock::Millis;
use base::date::CalendarDate;
use base::id::{CaseId, OfficeId, ProgrammeId};
use messaging::pages::{Answer, failed, mask, scope};
use serde::Deserialize;
use web::form::{Choice, Field};
use web::ui::{Chip, Notice, Tone};
use web::{Id, Page, PageError, Shell};

use super::Triage;
use super::case_area::Jurisdiction;
use super::case_care::CareSection;
use super::case_form::{self, Told};
use super::case_load::{load, opened_by};
use super::case_texts::texts;
use super::case_timeline::{Happened, timeline};
use super::case_words::{
    age, area, birth, both, contact_chip, guardian_numbers, masked_name, numbers, period_words,
};
use crate::case::{Case, CaseState, received_day};
use crate::closing::{ContactBy, FirstContactRule};
use crate::decision::Route;
use crate::household::{Member, head};
use crate::notification::CaseNotification;
use crate::period::{End, Period};
use crate::programme::Programme;
use crate::reach::{ContactRule, Standing};
use crate::store::cases::{case, of_household};
use crate::store::programmes::in_force;
use crate::store::twins::{TwinState, of_case};
use crate::timeline::Track;

#[derive(Template)]
#[template(path = "case_show.html")]
pub(super) struct CasePage {
    shell: Shell,
    id: CaseId,
    version: i64,
    chip: Chip,
    is_whole: bool,
    state: CaseState,
    /// Into which record it was merged, and whether that is there for this person.
    merged_into: Option<(CaseId, bool)>,
    /// In whose area the person is, where that is another office's.
    elsewhere: Option<Notice>,
    /// Since when it waits to be seen by the office that it was handed over to.
    arrived_at: Option<Millis>,
    /// Approved texts for this one person: name and word in the address.
    texts: Vec<(String, String)>,
    opened_by: Vec<String>,
    reference: String,
    office: String,
    at: Millis,
    name: String,
    kana: Option<String>,
    person: Vec<Told>,
    illness: Vec<Told>,
    route: &'static str,
    priority: u32,
    reasons: Vec<String>,
    is_overruled: bool,
    contact: ContactSection,
    period: Vec<Told>,
    closed: Vec<Told>,
    household: Vec<Relative>,
    twins: Vec<Twin>,
    /// The kind of things that is shown; `None` for all.
    track: Option<Track>,
    /// Each kind, how often, and whether it is shown alone.
    counts: Vec<(Track, usize, bool)>,
    all: usize,
    history: Vec<Happened>,
    care: CareSection,
    routes: Field,
    why: Field,
    note: Field,
}

/// How far the first word has come.
struct ContactSection {
    chip: Chip,
    since: Option<Millis>,
    /// What that means by the rule, where it is another word.
    standing: Option<&'static str>,
    rule: String,
    next_look: Option<Millis>,
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

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    kind: String,
}

pub(super) async fn show(
    State(triage): State<Triage>,
    session: SignedIn,
    Id(id): Id<CaseId>,
    Query(asked): Query<Asked>,
    shell: Shell,
) -> Answer {
    let case = load(&triage, &session.staff, id).await?;
    let shell = match shell.done().and_then(done) {
        Some(notice) => shell.with_notice(notice),
        None => shell,
    };
    let track = Track::from_word(&asked.kind);
    Ok(Page(page(&triage, &session.staff, shell, case, (false, track)).await?).into_response())
}

fn done(word: &str) -> Option<Notice> {
    let notice = match word {
        "added" => Notice::success("1人を登録しました").text("受付番号は、この画面の「記録」にあります。"),
        "noted" => Notice::success("メモを記録しました"),
        "route" => Notice::success("振り分けを変更しました"),
        "decided" => Notice::success("振り分けを、振り分け規則の判断に戻しました")
            .text("職員が変更する前の内容は、経過に残っています。"),
        "corrected" => Notice::success("記録を訂正しました")
            .text("訂正の前の内容は、経過に残っています。振り分けと療養の終わりは計算し直しました。"),
        "handed-over" => {
            Notice::success("引き継ぎました").text("引き継ぎ先の部署のルールで、振り分けを決め直しました。")
        }
        "taken" => Notice::success("引き継ぎを受け取りました"),
        "closed" => Notice::success("記録を終了しました").text("この人には、もうSMSは送られません。"),
        "reopened" => Notice::success("記録を再開しました"),
        "course" => Notice::success("療養の日付を記録しました")
            .text("療養の終わりを計算し直しました。前の日付は、経過に残っています。"),
        "course-same" => Notice::info("療養の日付は、前と同じです").text("何も変更していません。"),
        "visited" => Notice::success("訪問を記録しました"),
        "merged" => Notice::success("1つに統合しました")
            .text("統合した記録はそのまま残っていて、いつでも取り消せます。"),
        "apart" => Notice::success("統合を取り消しました"),
        "handled" => Notice::success("対応したことを記録しました"),
        "reviewed" => Notice::success("確認したことを記録しました"),
        "handled-before" | "reviewed-before" => Notice::info("先に、ほかの人が記録していました"),
        "distinct" => Notice::success("別の人として記録しました"),
        _ => return None,
    };
    Some(notice)
}

/// The record, with name and numbers whole or not, and everything that happened or what is of one kind.
pub(super) async fn page(
    triage: &Triage,
    staff: &Staff,
    shell: Shell,
    case: Case,
    (whole, track): (bool, Option<Track>),
) -> Result<CasePage, PageError> {
    let (db, org) = (&triage.db, staff.org);
    let offices = triage.offices(org).await?;
    let today = received_day(db.now());
    let told = case.notification.as_ref();
    let family = of_household(db, org, case.household).await.map_err(failed)?;
    let twins = of_case(db, org, case.id).await.map_err(failed)?;
    let programme = in_force(db, org, ProgrammeId::new(case.programme)).await;
    let programme = programme.map_err(failed)?;
    let mut history = timeline(triage, staff, &case, &offices, whole).await?;
    let all = history.len();
    let count = |track: &Track| history.iter().filter(|one| one.track == *track).count();
    let counts = Track::ALL
        .iter()
        .map(|one| (*one, count(one), track == Some(*one)))
        .collect();
    history.retain(|one| track.is_none_or(|track| one.track == track));
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
        state: case.state,
        merged_into: merged_into(triage, staff, &case).await?,
        elsewhere: elsewhere(triage, staff, &shell, &case).await?,
        arrived_at: case.arrived_at.filter(|_| case.state == CaseState::Open),
        opened_by: opened_by(triage, staff, case.id, &offices).await?,
        reference: case.reference.to_string(),
        office: office_name(&offices, case.office),
        at: case.received_at,
        name: name(told, whole),
        kana: kana(told, whole),
        person: told.map(|told| person(told, today, whole)).unwrap_or_default(),
        illness: told.map(|told| illness(told, whole)).unwrap_or_default(),
        route: case.decided.route.label(),
        priority: case.decided.priority,
        reasons: case.decided.reasons.clone(),
        is_overruled: case.overruled_by.is_some(),
        contact: contact_section(&case, &programme),
        period: period_lines(&case, &programme),
        closed: closed_lines(&case),
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
        track,
        counts,
        all,
        history,
        texts: texts(triage, staff, &shell, (&case, &programme), today).await?,
        care: CareSection::load(triage, staff, &shell, &case).await?,
        routes: Field::select("route", "だれが、どうやって連絡するか", routes).required(),
        why: Field::text("why", "変更する理由").required(),
        note: Field::long_text("note", "メモ", 3)
            .support("書いたメモは消せません。だれがいつ書いたかといっしょに残ります。"),
        shell: shell.titled(format!("患者の記録 {}", case.reference)),
    })
}

pub(super) fn office_name(offices: &HashMap<OfficeId, Office>, id: OfficeId) -> String {
    offices
        .get(&id)
        .map(|office| office.name.to_string())
        .unwrap_or_default()
}

/// Into which record a case was merged, and whether that is there for this person: another office's is not.
async fn merged_into(
    triage: &Triage,
    staff: &Staff,
    merged: &Case,
) -> Result<Option<(CaseId, bool)>, PageError> {
    let Some(kept) = merged.merged_into else {
        return Ok(None);
    };
    let found = case(&triage.db, staff.org, scope(staff), kept).await;
    Ok(Some((kept, found.map_err(failed)?.is_some())))
}

/// Of an open case, the office in whose area the person is, if that is another one.
async fn elsewhere(
    triage: &Triage,
    staff: &Staff,
    shell: &Shell,
    case: &Case,
) -> Result<Option<Notice>, PageError> {
    if case.state != CaseState::Open || !shell.may("POST", "/cases/{id}/hand-over") {
        return Ok(None);
    }
    let jurisdiction = Jurisdiction::of(triage, staff.org).await?;
    Ok(jurisdiction.case_elsewhere(case).map(|office| {
        Notice::info(format!("今いる所は、{}の管内です", office.name))
            .text("担当を変えるときは、引き継いでください。")
            .link(format!("/cases/{}/hand-over", case.id), "引き継ぐ")
    }))
}

/// Remarks may hold numbers that an office wrote there.
fn illness(told: &CaseNotification, whole: bool) -> Vec<Told> {
    let mut lines = case_form::illness(told);
    for line in lines.iter_mut().filter(|_| !whole) {
        line.value = mask::numbers_in(&line.value);
    }
    lines
}

fn contact_section(case: &Case, programme: &Programme) -> ContactSection {
    let version = programme.on(received_day(case.received_at), case.office);
    let rule = version.map(|version| version.content.first_contact);
    let standing = Standing::of(
        case.state,
        case.contact,
        rule.map_or_else(ContactRule::default, Into::into),
    );
    let without = || FirstContactRule::new(ContactBy::Delivery, 24).map(FirstContactRule::sentence);
    ContactSection {
        chip: contact_chip(case.contact),
        since: case.contact_at,
        standing: Some(standing.label()).filter(|word| *word != case.contact.label()),
        rule: rule.map_or_else(|| without().unwrap_or_default(), FirstContactRule::sentence),
        next_look: case.watch_at.filter(|_| !standing.is_final()),
    }
}

/// How long the person stays at home by the rules of this moment. Of somebody who is done with, the record says what
/// they were told.
pub(super) fn period_now(case: &Case, programme: &Programme) -> Option<Period> {
    let is_over = case.state != CaseState::Open && case.decided.isolation_ends.is_some();
    let period = programme.period_of(case)?;
    Some(
        match case.decided.isolation_ends.and_then(|last| last.plus_days(1)) {
            Some(free) if is_over => Period {
                end: End::FreeFrom(free),
                ..period
            },
            _ => period,
        },
    )
}

/// Until when at home, and what that was computed from.
pub(super) fn period_lines(case: &Case, programme: &Programme) -> Vec<Told> {
    let period = period_now(case, programme);
    let line = |label, value: Option<String>| value.map(|value| Told { label, value });
    let course = case.course;
    let all = [
        line(
            "療養の終わり",
            Some(period_words(period, case.decided.isolation_ends)),
        ),
        line("0日目", period.map(|period| both(period.day_zero))),
        line(
            "健康観察の最後の日",
            period.and_then(|period| period.watch_until).map(both),
        ),
        line("療養の場所", course.place.map(|place| place.label().to_owned())),
        line("症状軽快日", course.relieved_on.map(both)),
        line("陰性確認日", course.negative_test_on.map(both)),
        line("最後に接触した日", course.exposed_on.map(both)),
    ];
    all.into_iter().flatten().collect()
}

/// That nothing is to be done any more, and why.
pub(super) fn closed_lines(case: &Case) -> Vec<Told> {
    let Some(closed) = case.closed else {
        return Vec::new();
    };
    let from = closed.from.unwrap_or_else(|| received_day(closed.at));
    vec![
        Told {
            label: "終了の理由",
            value: closed.why.label().to_owned(),
        },
        Told {
            label: "終了の日",
            value: format!("{}から", both(from)),
        },
    ]
}

/// 氏名, masked unless `whole`.
pub(super) fn name(told: Option<&CaseNotification>, whole: bool) -> String {
    match told {
        Some(told) if whole => told.person.name.clone(),
        told => masked_name(told),
    }
}

/// フリガナ, which stands below it.
pub(super) fn kana(told: Option<&CaseNotification>, whole: bool) -> Option<String> {
    let kana = told?.person.kana.as_deref()?;
    Some(hidden(kana, whole))
}

fn hidden(text: &str, whole: bool) -> String {
    if whole { text.to_owned() } else { mask::name(text) }
}

/// Who the person is beside the name; what tells anybody apart is masked.
pub(super) fn person(told: &CaseNotification, today: CalendarDate, whole: bool) -> Vec<Told> {
    let person = &told.person;
    let born = if whole { birth(person, today) } else { None };
    let mut all = vec![match born {
        Some(born) => ("生年月日", Some(born)),
        None => ("年齢", Some(age(person, today))),
    }];
    all.push(("性別", person.sex.clone()));
    all.push((
        "電話番号",
        Some(numbers(person, whole).join("、")).filter(|all| !all.is_empty()),
    ));
    let guardian = person.guardian.as_deref();
    all.push(("保護者", guardian.map(|text| hidden(text, whole))));
    all.push((
        "保護者・緊急連絡先の電話番号",
        Some(guardian_numbers(person, whole)).filter(|all| !all.is_empty()),
    ));
    for (label, place) in [("住所", &person.address), ("所在地", &person.location)] {
        let shown = |text: &String| if whole { text.clone() } else { area(text) };
        all.push((label, place.as_ref().map(shown)));
    }
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
