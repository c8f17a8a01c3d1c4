//! Judging a list: its rows are checked with everything that is known, and compared with what was done before.
//!
//! Questions to the database come first and in bulk, then the rows are judged off the path of other requests.

use std::collections::HashMap;
use std::sync::Arc;

use accounts::Staff;
use base::clock::{DAY, Millis, japan_midnight};
use base::date::CalendarDate;
use base::id::OrgId;
use base::merge::{Merged, MessageTemplate, heading_key, link_name};
use db::OrgVault;
use lists::check::{
    Background, Brief, Checked, CheckedRow, LanguageColumn, LinkMaker, Problem, RowAdvice, RowText,
};
use lists::choice::Choices;
use lists::code::Code;
use lists::contacts::{Asked, PersonKeys};
use lists::layout::Mapping;
use lists::person::PersonColumns;
use lists::problem::FileProblem;
use lists::sheet::{ParsedRow, Sheet};
use lists::store::KeptList;
use web::{OrBug, PageError};

use super::list_judged::{Chosen, JudgedRows, Judgement};
use super::{Desk, failed};
use crate::advice::{self, Level, Settings};
use crate::links::{LinkOrigin, LinkedPage, TargetName, Token, parse_link_field};
use crate::recognition::{Fingerprint, Recognised, is_new, recognised};
use crate::store;
use crate::template::{Content, Language, language_of};

/// Lists with fewer of the reference's people than this share are not held against a reference of the day.
const RELATED: f64 = 0.5;
/// References of the day that are tried, newest first.
const REFERENCES: usize = 5;

pub(super) async fn judge(
    desk: &Desk,
    staff: &Staff,
    kept: KeptList,
    mapping: Mapping,
    chosen: &Chosen,
) -> Result<(KeptList, Judgement), PageError> {
    let links = Links::load(desk, staff.org).await?;
    let texts = match texts(&kept.sheet, &mapping, &chosen.content, &links) {
        Ok(texts) => texts,
        Err(problems) => return Ok((kept, Judgement::Refused(problems))),
    };
    let to = texts.to;
    let vault = desk.db.vault(staff.org).await.map_err(failed)?;
    let keys = Arc::clone(&vault);
    let (kept, columns, people) = off_the_path(move || {
        let columns = PersonColumns::of(&kept.sheet, to);
        let people = columns.all(&keys, &kept.sheet);
        (kept, columns, people)
    })
    .await?;
    let background = background(desk, staff.org, &kept, chosen, &columns, &people).await?;
    let references = references(desk, staff.org, &kept).await?;
    let advice = store::advice_settings(&desk.db, staff.org)
        .await
        .map_err(failed)?;
    let choices = lists::store::choices(&desk.db, staff.org, kept.head.id)
        .await
        .map_err(failed)?;
    let choices = Choices::of(choices.iter().map(|kept| &kept.choice));
    let pages = links.pages.clone();
    let work = Work {
        texts,
        name: columns.name,
        background,
        references,
        content: chosen.content.clone(),
        advice,
        choices,
        links,
        vault,
        simulated: desk.sending.simulated,
        now: desk.db.now(),
    };
    let (kept, brief, checked, fingerprints) = off_the_path(move || work.run(kept)).await?;
    let before = before(desk, staff.org, &fingerprints).await?;
    let rows = JudgedRows::new(checked, brief, people, pages, before);
    Ok((kept, Judgement::Rows(Box::new(rows))))
}

async fn off_the_path<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, PageError> {
    tokio::task::spawn_blocking(work).await.or_bug()
}

/// The texts with their columns, and in which language each is.
struct Texts {
    to: usize,
    texts: Vec<RowText>,
    languages: Vec<Language>,
}

fn texts(
    sheet: &Sheet,
    mapping: &Mapping,
    content: &Content,
    links: &Links,
) -> Result<Texts, Vec<FileProblem>> {
    let mut all = Texts {
        to: 0,
        texts: Vec::new(),
        languages: Vec::new(),
    };
    for (language, text) in content.texts() {
        let template = MessageTemplate::parse(text).map_err(|problem| vec![problem.into()])?;
        let columns = mapping.apply(sheet, template.fields())?;
        let unknown = template.fields().iter().find(|field| !links.can_make(field));
        if let Some(field) = unknown {
            return Err(vec![FileProblem::NoLink { field: field.clone() }]);
        }
        all.to = columns.to;
        all.texts.push(RowText {
            template,
            fields: columns.fields,
        });
        all.languages.push(language);
    }
    Ok(all)
}

/// What links are made of.
struct Links {
    origin: Option<LinkOrigin>,
    pages: HashMap<TargetName, LinkedPage>,
}

impl Links {
    async fn load(desk: &Desk, org: OrgId) -> Result<Self, PageError> {
        let targets = store::link_targets(&desk.db, org).await.map_err(failed)?;
        let used = targets.into_iter().filter(|target| target.retired_at.is_none());
        Ok(Self {
            origin: desk.links.origin.clone(),
            pages: used.map(|target| (target.name.clone(), target.page())).collect(),
        })
    }

    /// Whether the field is no link, or one that can be made.
    fn can_make(&self, field: &str) -> bool {
        link_name(field).is_none()
            || self.origin.is_some()
                && parse_link_field(field).is_some_and(|name| self.pages.contains_key(&name))
    }

    fn maker(self, vault: Arc<OrgVault>, simulated: bool) -> Option<LinkMaker> {
        let Self { origin, pages } = self;
        let origin = origin?;
        Some(Box::new(move |asked| {
            let page = parse_link_field(asked.field).and_then(|name| pages.get(&name).copied());
            page.map_or_else(String::new, |page| {
                origin.link(&Token::of(&vault, simulated, asked.to, page, asked.occasion))
            })
        }))
    }
}

async fn background(
    desk: &Desk,
    org: OrgId,
    kept: &KeptList,
    chosen: &Chosen,
    columns: &PersonColumns,
    people: &[PersonKeys],
) -> Result<Background, PageError> {
    let purpose = chosen.content.purpose;
    let asked = Asked {
        office: kept.head.office,
        list: Some(kept.head.id),
        days: purpose.repeat_days(),
    };
    let (sheet, db) = (&kept.sheet, &desk.db);
    let mut background = lists::store::background(db, org, &asked, purpose, sheet, columns, people)
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
async fn references(desk: &Desk, org: OrgId, kept: &KeptList) -> Result<Vec<Sheet>, PageError> {
    let head = &kept.head;
    let wanted = match head.reference {
        Some(reference) => vec![reference],
        None => {
            let day = japan_midnight(head.uploaded_at);
            let today = lists::store::references_between(&desk.db, org, Some(head.office), day, day + DAY);
            let today = today.await.map_err(failed)?;
            today
                .into_iter()
                .take(REFERENCES)
                .map(|reference| reference.id)
                .collect()
        }
    };
    let mut sheets = Vec::new();
    for id in wanted {
        let reference = lists::store::load_list(&desk.db, org, id).await.map_err(failed)?;
        sheets.extend(reference.map(|reference| reference.sheet));
    }
    Ok(sheets)
}

/// Everything that the rows are judged with.
struct Work {
    texts: Texts,
    name: Option<usize>,
    background: Background,
    references: Vec<Sheet>,
    content: Content,
    advice: Settings,
    choices: Choices,
    links: Links,
    vault: Arc<OrgVault>,
    simulated: bool,
    now: Millis,
}

type Done = (KeptList, Brief, Checked, Vec<Option<Fingerprint>>);

impl Work {
    fn run(mut self, kept: KeptList) -> Done {
        let sheet = &kept.sheet;
        self.compare(&kept);
        self.background
            .look_inside(sheet, CalendarDate::in_japan(self.now));
        self.background.findings.extend(self.advice_on_texts());
        let (vault, simulated) = (Arc::clone(&self.vault), self.simulated);
        let brief = self.brief(sheet);
        let checked = Checked::of(sheet, &brief);
        let fingerprint = |row: &CheckedRow| {
            let row = row.addressed()?;
            Some(Fingerprint::of(&vault, simulated, row.phone, row.text))
        };
        let fingerprints = checked.rows.iter().map(fingerprint).collect();
        (kept, brief, checked, fingerprints)
    }

    /// A reference that was given for this list is always compared; one of the day only if it is about its people.
    fn compare(&mut self, kept: &KeptList) {
        let own = kept.head.reference.is_some();
        for reference in std::mem::take(&mut self.references) {
            let compared = lists::integrity::against_reference(&kept.sheet, &reference);
            let rows = compared.comparison.rows.max(1);
            let related = compared.comparison.matched as f64 >= RELATED * rows as f64;
            if own || related {
                self.background.integrity.extend(compared.findings);
                self.background.comparison = Some(compared.comparison);
                return;
            }
        }
    }

    fn advice_on_texts(&self) -> Vec<lists::code::Finding> {
        let texts = self.content.texts();
        let all = texts.flat_map(|(language, text)| {
            let found = self.content.advice_on(language, text, &self.advice, self.now);
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

    fn brief(self, sheet: &Sheet) -> Brief {
        let advice = self.row_advice();
        let language = language_column(sheet, &self.texts.languages);
        Brief {
            language,
            background: self.background,
            choices: self.choices,
            links: self.links.maker(self.vault, self.simulated),
            advice: Some(advice),
            ..Brief::of(self.texts.to, self.texts.texts)
        }
    }

    /// What only the values of a row bring about: rules that the text itself keeps.
    fn row_advice(&self) -> RowAdvice {
        let (content, settings) = (self.content.clone(), self.advice.clone());
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
