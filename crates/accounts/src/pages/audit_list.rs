//! `GET /audit`: the audit trail, the newest entry first.

use std::collections::{BTreeSet, HashMap};

use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::{OfficeId, StaffId};
use serde::Deserialize;
use web::form::Choice;
use web::ui::Notice;
use web::{Errors, Field, Page, PageError, Shell};

use super::{Answer, failed};
use crate::audit::{Action, Outcome};
use crate::limits::TRAIL_PER_PAGE;
use crate::trail::{Filter, KeptEntry, day_begins};
use crate::{Accounts, SignedIn, Staff, TrailState};

/// Things that entries are about, as addresses call them: the word, what it is called, whether it has a page.
const KINDS: [(&str, &str, bool); 10] = [
    ("messages", "メッセージ", true),
    ("broadcasts", "配信", true),
    ("lists", "リスト", true),
    ("calls", "電話", true),
    ("cases", "患者", true),
    ("numbers", "番号の登録", false),
    ("templates", "文面", true),
    ("links", "案内ページ", true),
    ("incidents", "インシデント", true),
    ("staff", "職員", false),
];

#[derive(Template)]
#[template(path = "audit_list.html")]
pub(super) struct AuditList {
    shell: Shell,
    fields: Vec<Field>,
    is_filtered: bool,
    state: TrailState,
    notice: Option<Notice>,
    rows: Vec<Row>,
    next: Option<String>,
    /// The same filter again, hidden in the form of the file.
    kept: Vec<(&'static str, String)>,
    purpose: Field,
    is_exporting: bool,
    phone: Field,
    is_searching: bool,
}

pub(super) struct Row {
    pub(super) at: Millis,
    pub(super) who: String,
    pub(super) office: String,
    pub(super) action: String,
    pub(super) is_refused: bool,
    pub(super) subject: Option<Thing>,
    pub(super) detail: String,
    pub(super) source: String,
}

pub(super) struct Thing {
    pub(super) label: String,
    pub(super) href: Option<String>,
    /// Everything that happened to it.
    pub(super) all: String,
}

impl Thing {
    pub(super) fn of(kind: &str, id: i64) -> Self {
        let known = KINDS.iter().find(|(word, ..)| *word == kind);
        Self {
            label: Words::thing(kind, id),
            href: known
                .filter(|(_, _, has_page)| *has_page)
                .map(|(word, ..)| format!("/{word}/{id}")),
            all: format!("/audit?kind={kind}&number={id}"),
        }
    }
}

/// The query, and the hidden fields of the form of the file.
#[derive(Clone, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    staff: String,
    #[serde(default)]
    office: String,
    #[serde(default)]
    action: String,
    #[serde(default)]
    outcome: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    number: String,
    #[serde(default)]
    day: String,
    #[serde(default)]
    before: String,
}

impl Asked {
    /// What was asked, and what of it cannot be read. An auditor of an office reads that office's entries.
    pub(super) fn filter(&self, staff: &Staff) -> (Filter, Errors) {
        let mut errors = Errors::default();
        let day = self.day.trim();
        let begins = day_begins(day);
        if begins.is_none() && !day.is_empty() {
            errors.add("day", "日付は 2026-11-22 のように入力してください。");
        }
        let number = self.number.trim();
        let subject = number.parse().ok();
        if subject.is_none() && !number.is_empty() {
            errors.add("number", "番号は数字で入力してください。");
        }
        if subject.is_some() && self.kind.is_empty() {
            errors.add("kind", "番号で探すときは、何の番号かも選んでください。");
        }
        let own = (staff.office != OfficeId::HEADQUARTERS).then_some(staff.office);
        let filter = Filter {
            staff: self.staff.parse().ok().map(StaffId::new),
            office: own.or_else(|| self.office.parse().ok().map(OfficeId::new)),
            action: Some(self.action.clone()).filter(|action| !action.is_empty()),
            outcome: Outcome::from_code(&self.outcome),
            kind: Some(self.kind.clone()).filter(|kind| !kind.is_empty()),
            subject,
            day: begins,
            before: self.before.parse().ok(),
        };
        (filter, errors)
    }

    /// Every field that is filled in, without the page.
    fn filled(&self) -> Vec<(&'static str, String)> {
        let all = [
            ("staff", &self.staff),
            ("office", &self.office),
            ("action", &self.action),
            ("outcome", &self.outcome),
            ("kind", &self.kind),
            ("number", &self.number),
            ("day", &self.day),
        ];
        all.into_iter()
            .filter(|(_, value)| !value.trim().is_empty())
            .map(|(name, value)| (name, value.trim().to_owned()))
            .collect()
    }

    /// The address of the entries before this one. Every value is a number, a word of ours or a day.
    fn address(&self, before: i64) -> String {
        let mut address = format!("/audit?before={before}");
        for (name, value) in self.filled() {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            let value: String = value.chars().filter(|c| plain(*c)).collect();
            address.extend(["&", name, "=", &value]);
        }
        address
    }
}

pub(super) async fn show(
    State(accounts): State<Accounts>,
    session: SignedIn,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Answer {
    let page = page(&accounts, &session.staff, shell, asked, Extra::default()).await?;
    Ok(Page(page).into_response())
}

/// What stands on the page besides the entries.
#[derive(Default)]
pub(super) struct Extra {
    /// What verifying came to.
    pub(super) notice: Option<Notice>,
    /// What is wrong with the forms of the file and of the person.
    pub(super) errors: Errors,
    /// What was typed into it.
    pub(super) purpose: String,
}

pub(super) async fn page(
    accounts: &Accounts,
    staff: &Staff,
    shell: Shell,
    asked: Asked,
    extra: Extra,
) -> Result<AuditList, PageError> {
    let (filter, mut errors) = asked.filter(staff);
    let is_searching = extra.errors.of("phone").is_some();
    let is_exporting = !extra.errors.is_empty() && !is_searching;
    for (field, message) in extra.errors.iter() {
        errors.add(field, message);
    }
    let mut found = accounts
        .trail(staff.org, &filter, TRAIL_PER_PAGE + 1)
        .await
        .map_err(failed)?;
    let more = found.len() > TRAIL_PER_PAGE as usize;
    found.truncate(TRAIL_PER_PAGE as usize);
    let next = found.last().filter(|_| more).map(|last| asked.address(last.id));
    let words = Words::of(accounts, staff, &found).await?;
    let purpose = Field::text("purpose", "何のために書き出しますか")
        .support("目的、あなたの名前、時刻がファイルと記録に残ります。")
        .required()
        .value(&extra.purpose)
        .errors(&errors);
    Ok(AuditList {
        fields: words.fields(&asked, staff, &errors),
        is_filtered: !asked.filled().is_empty(),
        state: accounts.trail_state(staff.org).await.map_err(failed)?,
        notice: extra.notice,
        rows: found.iter().map(|entry| words.row(entry)).collect(),
        next,
        kept: asked.filled(),
        purpose,
        is_exporting,
        phone: Field::text("phone", "携帯電話の番号")
            .support("例: 090-1234-5678")
            .short()
            .required()
            .errors(&errors),
        is_searching,
        shell: shell.titled("監査の記録").with_errors(errors),
    })
}

/// The names behind the numbers of entries.
pub(super) struct Words {
    actions: Vec<Action>,
    people: HashMap<StaffId, Staff>,
    offices: Vec<(OfficeId, String)>,
}

impl Words {
    pub(super) async fn of(
        accounts: &Accounts,
        staff: &Staff,
        found: &[KeptEntry],
    ) -> Result<Self, PageError> {
        let org = staff.org;
        let own = (staff.office != OfficeId::HEADQUARTERS).then_some(staff.office);
        let mut ids: BTreeSet<StaffId> = found.iter().filter_map(|entry| entry.staff).collect();
        ids.extend(accounts.trail_people(org, own).await.map_err(failed)?);
        let ids: Vec<StaffId> = ids.into_iter().collect();
        let offices = accounts.offices(org).await.map_err(failed)?;
        Ok(Self {
            actions: accounts.actions(),
            people: accounts.staff_by_ids(org, &ids).await.map_err(failed)?,
            offices: offices
                .into_iter()
                .map(|office| (office.id, office.name.to_string()))
                .collect(),
        })
    }

    pub(super) fn action(&self, code: &str) -> String {
        let known = self.actions.iter().find(|action| action.code == code);
        known.map_or_else(|| code.to_owned(), |action| action.label.to_owned())
    }

    pub(super) fn who(&self, entry: &KeptEntry) -> String {
        match entry.staff {
            None => "システム".to_owned(),
            Some(id) => match self.people.get(&id) {
                Some(staff) => staff.name.to_string(),
                None => format!("職員 {id}"),
            },
        }
    }

    pub(super) fn office(&self, entry: &KeptEntry) -> String {
        let named = |id: OfficeId| self.offices.iter().find(|(office, _)| *office == id);
        entry
            .office
            .and_then(named)
            .map(|(_, name)| name.clone())
            .unwrap_or_default()
    }

    pub(super) fn thing(kind: &str, id: i64) -> String {
        let known = KINDS.iter().find(|(word, ..)| *word == kind);
        format!("{} {id}", known.map_or(kind, |(_, label, _)| label))
    }

    pub(super) fn row(&self, entry: &KeptEntry) -> Row {
        let thing = |(kind, id): &(String, i64)| Thing::of(kind, *id);
        Row {
            at: entry.at,
            who: self.who(entry),
            office: self.office(entry),
            action: self.action(&entry.action),
            is_refused: entry.outcome == Some(Outcome::Refused),
            subject: entry.subject.as_ref().map(thing),
            detail: entry.detail.clone().unwrap_or_default(),
            source: entry.source.clone().unwrap_or_default(),
        }
    }

    fn fields(&self, asked: &Asked, staff: &Staff, errors: &Errors) -> Vec<Field> {
        let any = || Choice::new("", "すべて");
        let mut people: Vec<(&StaffId, &Staff)> = self.people.iter().collect();
        people.sort_by_key(|(id, _)| **id);
        let people = people.into_iter().map(|(id, staff)| Choice::new(id, &staff.name));
        let offices = self.offices.iter().map(|(id, name)| Choice::new(id, name));
        let actions = self
            .actions
            .iter()
            .map(|action| Choice::new(action.code, action.label));
        let kinds = KINDS.iter().map(|(word, label, _)| Choice::new(word, label));
        let outcomes = [
            Choice::new(Outcome::Done.code(), "行われた"),
            Choice::new(Outcome::Refused.code(), "認められなかった"),
        ];
        let select = |name, label, choices: Vec<Choice>, value: &str| {
            let choices = std::iter::once(any()).chain(choices).collect();
            Field::select(name, label, choices).value(value).errors(errors)
        };
        let mut fields = vec![
            select("staff", "職員", people.collect(), &asked.staff),
            select("action", "したこと", actions.collect(), &asked.action),
            select("outcome", "結果", outcomes.into(), &asked.outcome),
            select("kind", "対象", kinds.collect(), &asked.kind),
            Field::number("number", "対象の番号")
                .value(&asked.number)
                .errors(errors),
            Field::text("day", "日")
                .short()
                .support("例: 2026-11-22")
                .value(&asked.day)
                .errors(errors),
        ];
        if staff.office == OfficeId::HEADQUARTERS {
            fields.insert(1, select("office", "部署", offices.collect(), &asked.office));
        }
        fields
    }
}
