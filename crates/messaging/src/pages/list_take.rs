//! Taking a file in: it is read, its columns are found as far as nobody has to be asked, and it is kept.

use std::sync::Arc;

use accounts::Staff;
use base::id::{ListFileId, ListId, OfficeId, OrgId};
use base::limits::LIST_FILE_BYTES;
use base::merge::{MessageTemplate, heading_key, link_name};
use lists::layout::{How, Layout, LayoutChange, Mapping, Suggestion, changed, propose};
use lists::problem::FileProblem;
use lists::read::{ReadOptions, preview, read};
use lists::sheet::Sheet;
use lists::store::files::{NewFile, attach_file, keep_file};
use lists::store::layouts::{LastLayout, last_layout, recall, set_last_layout};
use lists::store::remember::{remember, row_keys};
use lists::store::{NewList, Role, Settings};
use tokio::sync::Semaphore;
use web::{OrBug, PageError};

use super::list_form::TemplateChoice;
use super::list_importing::Keeper;
use super::{Desk, failed};
use crate::template::Content;
use crate::{limits, store};

/// Reading a list takes a core for a while; more at once would hold up everybody's pages.
pub(super) static READERS: Semaphore = Semaphore::const_new(limits::LISTS_READ_AT_ONCE);

/// A file as it was sent.
#[derive(Clone, Default)]
pub struct SentFile {
    /// The name that it came under.
    pub name: String,
    /// What is in it; nothing of one that is too long to be held.
    pub bytes: Arc<Vec<u8>>,
    /// Bytes of the file, also of one that is too long to be held.
    pub size: usize,
}

impl SentFile {
    /// Whether nothing was chosen.
    pub fn is_none(&self) -> bool {
        self.name.is_empty() && self.size == 0
    }

    /// Whether it is read and kept in the background.
    pub(super) fn is_long(&self) -> bool {
        self.size <= LIST_FILE_BYTES && self.bytes.len() > limits::LONG_LIST_BYTES
    }

    /// The list in it.
    pub async fn read(&self, options: ReadOptions) -> Result<Result<Sheet, FileProblem>, PageError> {
        if self.size > LIST_FILE_BYTES {
            return Ok(Err(FileProblem::TooBig { bytes: self.size }));
        }
        let _turn = READERS.acquire().await.or_bug()?;
        let (name, bytes) = (self.name.clone(), Arc::clone(&self.bytes));
        tokio::task::spawn_blocking(move || read(&name, &bytes, &options))
            .await
            .or_bug()
    }

    /// Whether a person could say how it is read.
    pub(super) async fn can_be_corrected(&self, problem: &FileProblem) -> Result<bool, PageError> {
        match problem {
            FileProblem::ChooseSheet { .. } | FileProblem::NoSuchSheet { .. } => Ok(true),
            FileProblem::TooBig { .. } | FileProblem::Empty | FileProblem::TooManyRows => Ok(false),
            _ => {
                let _turn = READERS.acquire().await.or_bug()?;
                let bytes = Arc::clone(&self.bytes);
                let look = move || preview(&bytes, &ReadOptions::default()).is_ok();
                tokio::task::spawn_blocking(look).await.or_bug()
            }
        }
    }
}

/// A file on its way to a list.
pub(super) struct Incoming {
    pub(super) file: SentFile,
    pub(super) role: Role,
    pub(super) reference: Option<ListId>,
    pub(super) office: OfficeId,
    pub(super) template: Option<TemplateChoice>,
    /// Under which number the file is kept already.
    pub(super) kept: Option<ListFileId>,
}

/// What was taken in.
pub(super) struct Taken {
    pub(super) list: ListId,
    /// The word for the next page, if there is something to say.
    pub(super) word: Option<&'static str>,
}

impl Incoming {
    /// Keeps the list that was read from it, with its file.
    pub(super) async fn take(
        self,
        desk: &Desk,
        staff: &Staff,
        sheet: Sheet,
        keeper: &Keeper,
    ) -> Result<Taken, PageError> {
        let (db, org) = (&desk.db, staff.org);
        let layout = Layout::of(&sheet);
        let found = match self.role {
            Role::List => Found::of(desk, org, self.office, &sheet, self.template).await?,
            Role::Reference | Role::Cases => Found::default(),
        };
        let vault = db.vault(org).await.map_err(failed)?;
        let to = found.settings.to.clone();
        let (sheet, keys) = tokio::task::spawn_blocking(move || {
            let keys = to.map_or_else(Vec::new, |to| row_keys(&vault, &sheet, &to));
            (sheet, keys)
        })
        .await
        .or_bug()?;
        let new = NewList {
            role: self.role,
            reference: self.reference,
            office: self.office,
            sheet,
            settings: found.settings,
            by: staff.id,
        };
        let list = keeper.keep(desk, org, new).await?;
        remember(db, org, list, db.now(), keys).await.map_err(failed)?;
        if let Some(kind) = found.settled {
            let used = set_last_layout(db, org, self.office, kind, &layout, staff.id);
            used.await.map_err(failed)?;
        }
        match self.kept {
            Some(file) => attach_file(db, org, file, list).await.map_err(failed)?,
            None => self.keep(desk, staff, Some(list)).await.map(|_| ())?,
        }
        Ok(Taken {
            list,
            word: found.word,
        })
    }

    /// Keeps the file: of a list, or alone until somebody says how it is read.
    pub(super) async fn keep(
        self,
        desk: &Desk,
        staff: &Staff,
        list: Option<ListId>,
    ) -> Result<ListFileId, PageError> {
        let new = NewFile {
            role: self.role,
            reference: self.reference,
            office: self.office,
            template: self.template,
            file_name: self.file.name,
            bytes: self.file.bytes,
            by: staff.id,
        };
        keep_file(&desk.db, staff.org, new, list).await.map_err(failed)
    }
}

/// The columns of a list as far as nobody has to be asked.
#[derive(Default)]
struct Found {
    settings: Settings,
    /// The kind of list whose last layout this one becomes; `None` while a person has to look.
    settled: Option<&'static str>,
    /// What is said of columns that are not as last time, where nothing is asked.
    word: Option<&'static str>,
}

impl Found {
    async fn of(
        desk: &Desk,
        org: OrgId,
        office: OfficeId,
        sheet: &Sheet,
        template: Option<TemplateChoice>,
    ) -> Result<Self, PageError> {
        let content = content_of(desk, org, template).await?;
        let kind = list_kind(content.as_ref());
        let wanted = content.as_ref().map(wanted_fields).unwrap_or_default();
        let change = layout_change(desk, org, office, kind, sheet)
            .await?
            .map(|(_, change)| change);
        let mut settings = Settings {
            template,
            ..Settings::default()
        };
        let earlier = recall(&desk.db, org, office, &Layout::of(sheet).key())
            .await
            .map_err(failed)?;
        // An office that gets lists from two systems in turn is not asked again every time.
        let answered = earlier.as_ref().is_some_and(|earlier| earlier.office == office);
        let changed = change.as_ref().is_some_and(LayoutChange::asks);
        // Without a column of numbers the list asks a person before anything else.
        if changed && !answered {
            return Ok(Self {
                settings,
                ..Self::default()
            });
        }
        let earlier: Vec<Mapping> = earlier.into_iter().map(|one| one.mapping).collect();
        let proposal = propose(sheet, &wanted, &earlier);
        settings.to = sure(&proposal.to).map(|column| sheet.headings()[column].clone());
        for (field, suggestion) in wanted.iter().zip(&proposal.fields) {
            let heading = sure(suggestion).map(|column| &sheet.headings()[column]);
            if let Some(heading) = heading.filter(|heading| *heading != field) {
                settings.fields.insert(heading_key(field), heading.clone());
            }
        }
        let complete = settings.to.is_some() && proposal.fields.iter().all(|one| sure(one).is_some());
        Ok(Self {
            settings,
            settled: complete.then_some(kind),
            word: change
                .filter(|change| !change.is_empty())
                .map(|_| if changed { "in-turn" } else { "moved" }),
        })
    }
}

/// The column, if nobody has to be asked: it was chosen before, it has the very name, or no other column holds
/// anything that could be meant.
pub(super) fn sure(suggestion: &Suggestion) -> Option<usize> {
    let (column, how) = suggestion.column?;
    let only = how == How::Content && suggestion.others.is_empty();
    (how.is_sure() || only).then_some(column)
}

/// The texts of a template that was chosen.
pub(super) async fn content_of(
    desk: &Desk,
    org: OrgId,
    template: Option<TemplateChoice>,
) -> Result<Option<Content>, PageError> {
    let Some((id, version)) = template else {
        return Ok(None);
    };
    let version = store::template_version(&desk.db, org, id, version)
        .await
        .map_err(failed)?;
    Ok(version.map(|version| version.content))
}

/// The columns that the texts of all languages need, each once; links are made and not read.
pub(super) fn wanted_fields(content: &Content) -> Vec<String> {
    let mut wanted: Vec<String> = Vec::new();
    for (_, text) in content.texts() {
        let fields = MessageTemplate::parse(text).map(|template| template.fields().to_vec());
        for field in fields.unwrap_or_default() {
            let known = wanted.iter().any(|one| heading_key(one) == heading_key(&field));
            if !known && link_name(&field).is_none() {
                wanted.push(field);
            }
        }
    }
    wanted
}

/// What lists are compared with when their layout is looked at: those for the same purpose.
pub(super) fn list_kind(content: Option<&Content>) -> &'static str {
    content.map_or("list", |content| content.purpose.as_str())
}

/// The layout that the office used last for this kind of list, and what is different in this one.
pub(super) async fn layout_change(
    desk: &Desk,
    org: OrgId,
    office: OfficeId,
    kind: &str,
    sheet: &Sheet,
) -> Result<Option<(LastLayout, LayoutChange)>, PageError> {
    let last = last_layout(&desk.db, org, office, kind).await.map_err(failed)?;
    Ok(last.map(|last| {
        let change = changed(&last.layout, &Layout::of(sheet));
        (last, change)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::Language;

    #[test]
    fn texts_of_all_languages_say_what_they_need_and_links_need_nothing() {
        let content = Content {
            translations: vec![(Language::English, "ID {{ｉｄ}}, day {{発病日|日付}}".to_owned())],
            ..Content::of("番号は{{ID}}、案内は{{リンク 案内}}です".to_owned())
        };
        assert_eq!(wanted_fields(&content), ["ID", "発病日"]);
    }

    #[test]
    fn a_column_is_taken_unasked_only_where_no_other_could_be_meant() {
        let suggestion = |how, others: &[usize]| Suggestion {
            column: Some((3, how)),
            others: others.to_vec(),
        };
        assert_eq!(sure(&suggestion(How::Content, &[])), Some(3));
        assert_eq!(sure(&suggestion(How::Content, &[4])), None);
        assert_eq!(sure(&suggestion(How::Synonym, &[])), None);
        assert_eq!(sure(&suggestion(How::Remembered, &[4])), Some(3));
    }
}
