//! Judging a list: its rows are checked with everything that is known, and compared with what was done before.
//!
//! Questions to the database come first and in bulk, then the rows are judged off the path of other requests.

mod links;
mod roll;

use std::num::NonZero;
use std::sync::{Arc, LazyLock};

use accounts::Staff;
use base::clock::{DAY, Millis, japan_midnight};
use base::date::CalendarDate;
use base::id::{OrgId, TemplateId};
use base::merge::{Merged, MessageTemplate, heading_key};
use base::text::Counting;
use db::OrgVault;
use lists::check::{Background, Brief, Checked, CheckedRow, LanguageColumn, Problem, RowAdvice, RowText};
use lists::choice::Choices;
use lists::code::Code;
use lists::contacts::{Asked, PersonKeys};
use lists::layout::Mapping;
use lists::person::PersonColumns;
use lists::problem::FileProblem;
use lists::sheet::{ParsedRow, Sheet};
use lists::store::KeptList;
use tokio::sync::Semaphore;
use web::{OrBug, PageError};

use self::links::Links;
pub(super) use self::links::asks_for_desks;
pub(super) use self::roll::{RollFor, judge_roll};
use super::list_judged::{Chosen, JudgedRows, Judgement};
use super::{Desk, failed, list_memory};
use crate::advice::{self, Level, Settings};
use crate::recognition::{Fingerprint, Recognised, is_new, recognised};
use crate::store;
use crate::template::{Content, Language, language_of};

/// One in so many of a list's people must be in a reference of the day for it to be held against the list.
const RELATED: usize = 2;
/// Lists with more rows than this are long: a tenth of a second of judging.
const LONG_ROWS: usize = 1_000;
/// References of the day that are tried, newest first.
const REFERENCES: usize = 5;

pub(super) async fn judge(
    desk: &Desk,
    staff: &Staff,
    kept: &KeptList,
    mapping: Mapping,
    chosen: &Chosen,
) -> Result<Judgement, PageError> {
    let links = Links::load(desk, staff.org).await?;
    let texts = match texts(&kept.sheet, &mapping, &chosen.content, &links) {
        Ok(texts) => texts,
        Err(problems) => return Ok(Judgement::Refused(problems)),
    };
    let vault = desk.db.vault(staff.org).await.map_err(failed)?;
    let people = people(&vault, &kept.sheet, texts.to).await?;
    let pages = links.pages.clone();
    let facts = facts(desk, staff.org, kept, mapping, chosen, links, &people).await?;
    let work = Work {
        sheet: Arc::clone(&kept.sheet),
        texts,
        name: people.columns.name,
        facts,
        content: chosen.content.clone(),
        vault,
        now: desk.db.now(),
    };
    let judged = work.judged().await?;
    let before = before(desk, staff.org, &judged.fingerprints).await?;
    let rows = JudgedRows::new(&judged, &people, pages, before);
    Ok(Judgement::Rows(Box::new(rows)))
}

/// Who the rows are about.
pub(crate) struct People {
    pub(super) columns: PersonColumns,
    /// For each of the rows: by what its person is known again.
    pub(super) keys: Arc<Vec<PersonKeys>>,
}

async fn people(vault: &Arc<OrgVault>, sheet: &Arc<Sheet>, to: usize) -> Result<Arc<People>, PageError> {
    if let Some(known) = list_memory::people(sheet, to) {
        return Ok(known);
    }
    let (vault, rows) = (Arc::clone(vault), Arc::clone(sheet));
    let found = off_the_path(sheet.len(), move || {
        let columns = PersonColumns::of(&rows, to);
        let keys = Arc::new(columns.all(&vault, &rows));
        Arc::new(People { columns, keys })
    })
    .await?;
    list_memory::keep_people(sheet, &found);
    Ok(found)
}

/// Everything besides the rows themselves that their judgement depends on; asked for anew each time.
#[derive(Clone, PartialEq)]
pub(super) struct Facts {
    mapping: Mapping,
    template: (TemplateId, i64),
    background: Background,
    references: Vec<Reference>,
    /// Whether the reference was given for this very list.
    own_reference: bool,
    advice: Settings,
    choices: Choices,
    links: Links,
    simulated: bool,
    counting: Counting,
    /// Midnight in Japan: days are all that texts and dates are held against.
    today: Millis,
}

/// A list to compare with; the same only while it is the same piece of memory.
#[derive(Clone)]
struct Reference(Arc<Sheet>);

impl PartialEq for Reference {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

async fn facts(
    desk: &Desk,
    org: OrgId,
    kept: &KeptList,
    mapping: Mapping,
    chosen: &Chosen,
    links: Links,
    people: &People,
) -> Result<Facts, PageError> {
    let choices = lists::store::choices(&desk.db, org, kept.head.id)
        .await
        .map_err(failed)?;
    Ok(Facts {
        mapping,
        template: (chosen.id, chosen.version),
        background: background(desk, org, kept, chosen, people).await?,
        references: references(desk, org, kept).await?,
        own_reference: kept.head.reference.is_some(),
        advice: store::advice_settings(&desk.db, org).await.map_err(failed)?,
        choices: Choices::of(choices.iter().map(|kept| &kept.choice)),
        links,
        simulated: desk.sending.simulated || chosen.training,
        counting: desk.sending.tariff.counting,
        today: japan_midnight(desk.db.now()),
    })
}

/// The rows judged: what follows from the list and [`Facts`] alone.
pub(crate) struct Judged {
    pub(super) checked: Arc<Checked>,
    pub(super) brief: Arc<Brief>,
    fingerprints: Vec<Option<Fingerprint>>,
}

/// Does it off the path of other requests, and in turns: what waits for a core would only slow down what has one, and
/// with it every page. A long list, which takes all cores by itself, waits for other long ones and for no short one.
async fn off_the_path<T: Send + 'static>(
    rows: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, PageError> {
    static SHORT: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(cores()));
    static LONG: Semaphore = Semaphore::const_new(1);
    let room: &Semaphore = if rows > LONG_ROWS { &LONG } else { &SHORT };
    let _turn = room.acquire().await.or_bug()?;
    tokio::task::spawn_blocking(work).await.or_bug()
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

/// The texts with their columns, and in which language each is.
struct Texts {
    to: usize,
    all: Vec<RowText>,
    languages: Vec<Language>,
}

fn texts(
    sheet: &Sheet,
    mapping: &Mapping,
    content: &Content,
    links: &Links,
) -> Result<Texts, Vec<FileProblem>> {
    let mut found = Texts {
        to: 0,
        all: Vec::new(),
        languages: Vec::new(),
    };
    for (language, text) in content.texts() {
        let template = MessageTemplate::parse(text).map_err(|problem| vec![problem.into()])?;
        let columns = mapping.apply(sheet, template.fields())?;
        let unknown = template.fields().iter().find(|field| !links.can_make(field));
        if let Some(field) = unknown {
            return Err(vec![FileProblem::NoLink { field: field.clone() }]);
        }
        found.to = columns.to;
        found.all.push(RowText {
            template,
            fields: columns.fields,
            foreign: !matches!(language, Language::Japanese | Language::EasyJapanese),
        });
        found.languages.push(language);
    }
    Ok(found)
}

async fn background(
    desk: &Desk,
    org: OrgId,
    kept: &KeptList,
    chosen: &Chosen,
    people: &People,
) -> Result<Background, PageError> {
    let purpose = chosen.content.purpose;
    let asked = Asked {
        office: kept.head.office,
        list: Some(kept.head.id),
        days: purpose.repeat_days(),
    };
    let (sheet, db) = (&kept.sheet, &desk.db);
    let People { columns, keys } = people;
    let mut background = lists::store::background(db, org, &asked, purpose, sheet, columns, keys)
        .await
        .map_err(failed)?;
    let offices = desk.accounts.offices(org).await.map_err(failed)?;
    background.offices = offices
        .into_iter()
        .map(|office| (office.id, office.name.to_string()))
        .collect();
    Ok(background)
}

/// The reference beside the list, or those that the office gave today.
async fn references(desk: &Desk, org: OrgId, kept: &KeptList) -> Result<Vec<Reference>, PageError> {
    let head = &kept.head;
    let wanted = if let Some(reference) = head.reference {
        vec![reference]
    } else {
        let day = japan_midnight(head.uploaded_at);
        let today = lists::store::references_between(&desk.db, org, Some(head.office), day, day + DAY);
        let today = today.await.map_err(failed)?;
        today
            .into_iter()
            .take(REFERENCES)
            .map(|reference| reference.id)
            .collect()
    };
    let mut sheets = Vec::new();
    for id in wanted {
        let reference = lists::store::load_list(&desk.db, org, id).await.map_err(failed)?;
        sheets.extend(reference.map(|reference| Reference(reference.sheet)));
    }
    Ok(sheets)
}

/// Everything that the rows are judged with.
struct Work {
    sheet: Arc<Sheet>,
    texts: Texts,
    name: Option<usize>,
    facts: Facts,
    content: Content,
    vault: Arc<OrgVault>,
    now: Millis,
}

impl Work {
    /// The rows judged; at once, if nothing they depend on has changed.
    async fn judged(self) -> Result<Arc<Judged>, PageError> {
        if let Some(known) = list_memory::judged(&self.sheet, &self.facts) {
            return Ok(known);
        }
        let (sheet, facts) = (Arc::clone(&self.sheet), self.facts.clone());
        let judged = Arc::new(off_the_path(self.sheet.len(), move || self.run()).await?);
        list_memory::keep_judged(&sheet, facts, &judged);
        Ok(judged)
    }

    fn run(mut self) -> Judged {
        let sheet = Arc::clone(&self.sheet);
        self.compare();
        self.facts
            .background
            .look_inside(&sheet, CalendarDate::in_japan(self.now));
        self.of_records()
    }

    /// The same for rows that were never in a file: nothing in them can have slipped.
    fn of_records(mut self) -> Judged {
        let sheet = Arc::clone(&self.sheet);
        let advice = self.advice_on_texts();
        self.facts.background.findings.extend(advice);
        let (vault, simulated) = (Arc::clone(&self.vault), self.facts.simulated);
        let brief = self.brief();
        let checked = Checked::of(&sheet, &brief);
        let fingerprint = |row: &CheckedRow| {
            let row = row.addressed()?;
            Some(Fingerprint::of(&vault, simulated, row.phone, row.text))
        };
        let fingerprints = checked.rows.iter().map(fingerprint).collect();
        Judged {
            checked: Arc::new(checked),
            brief: Arc::new(brief),
            fingerprints,
        }
    }

    /// A reference that was given for this list is always compared; one of the day only if it is about its people.
    fn compare(&mut self) {
        let own = self.facts.own_reference;
        for Reference(reference) in std::mem::take(&mut self.facts.references) {
            let compared = lists::integrity::against_reference(&self.sheet, &reference);
            let rows = compared.comparison.rows.max(1);
            let related = compared.comparison.matched * RELATED >= rows;
            if own || related {
                let background = &mut self.facts.background;
                background.integrity.extend(compared.findings);
                background.comparison = Some(compared.comparison);
                return;
            }
        }
    }

    fn advice_on_texts(&self) -> Vec<lists::code::Finding> {
        let texts = self.content.texts();
        let all = texts.flat_map(|(language, text)| {
            let found = self
                .content
                .advice_on(language, text, &self.facts.advice, self.now);
            found.into_iter().map(move |finding| (language, finding))
        });
        all.map(|(language, finding)| {
            let whose = match language {
                Language::Japanese => String::new(),
                other => format!("{}: ", other.label()),
            };
            lists::code::Finding::new(code_of(finding.level), format!("{whose}{}", finding.advice))
        })
        .collect()
    }

    fn brief(self) -> Brief {
        let advice = self.row_advice();
        let language = language_column(&self.sheet, &self.texts.languages);
        let people = self.facts.links.people(&self.sheet, &self.texts.all);
        let Facts {
            background,
            choices,
            links,
            simulated,
            counting,
            ..
        } = self.facts;
        Brief {
            language,
            background,
            choices,
            links: links.maker(self.vault, simulated, people),
            advice: Some(advice),
            counting,
            ..Brief::of(self.texts.to, self.texts.all)
        }
    }

    /// What only the values of a row bring about: rules that the text itself keeps.
    fn row_advice(&self) -> RowAdvice {
        let (content, settings) = (self.content.clone(), self.facts.advice.clone());
        let (languages, name, now) = (self.texts.languages.clone(), self.name, self.now);
        let known: Vec<Vec<advice::Rule>> = content
            .texts()
            .map(|(language, text)| {
                let found = content.advice_on(language, text, &settings, now);
                found.into_iter().map(|finding| finding.rule).collect()
            })
            .collect();
        Box::new(move |row: ParsedRow<'_>, merged: &Merged, at| {
            let text = merged.text();
            let name = name
                .map(|column| row.cell(column))
                .filter(|name| !name.is_empty());
            let names: Vec<&str> = name.into_iter().collect();
            let found = content.advice_on_merged(languages[at], &text, &names, &settings, now);
            let new = found
                .into_iter()
                .filter(|finding| !known[at].contains(&finding.rule));
            new.map(|finding| Problem::about_row(code_of(finding.level), finding.advice))
                .collect()
        })
    }
}

fn code_of(level: Level) -> Code {
    match level {
        Level::Block => Code::TextAdviceBlocks,
        Level::Warn | Level::Off => Code::TextAdvice,
    }
}

/// The column 「言語」, if the list has one and there is more than one text.
fn language_column(sheet: &Sheet, languages: &[Language]) -> Option<LanguageColumn> {
    const HEADINGS: [&str; 4] = ["言語", "使用言語", "希望言語", "language"];
    let is_language = |heading: &String| HEADINGS.contains(&heading_key(heading).as_str());
    let column = sheet.headings().iter().position(is_language)?;
    let languages = (languages.len() > 1).then(|| languages.to_vec())?;
    Some(LanguageColumn {
        column,
        text: Box::new(move |cell| {
            let wanted = language_of(cell);
            wanted
                .and_then(|wanted| languages.iter().position(|one| *one == wanted))
                .unwrap_or(0)
        }),
    })
}

/// What was done before and is not done again.
async fn before(
    desk: &Desk,
    org: OrgId,
    fingerprints: &[Option<Fingerprint>],
) -> Result<Vec<Option<Recognised>>, PageError> {
    let wanted: Vec<Fingerprint> = fingerprints.iter().flatten().cloned().collect();
    let known = recognised(&desk.db, org, &wanted).await.map_err(failed)?;
    let mut known = known.into_iter();
    let now = desk.db.now();
    let found = fingerprints.iter().map(|fingerprint| {
        fingerprint.as_ref()?;
        known.next()?.filter(|found| !is_new(found.earlier, now, None))
    });
    Ok(found.collect())
}
