//! Long lists: the answer to the upload is the list's page, which shows how far the reading is and the first
//! problems, while the list is read and kept in the background.

use std::sync::Arc;

use accounts::Staff;
use base::id::{ListId, OrgId, TemplateId};
use base::merge::MessageTemplate;
use lists::check::{Brief, CheckedRow, RowText, first_errors};
use lists::problem::FileProblem;
use lists::read::ReadOptions;
use lists::sheet::Sheet;
use lists::store::import::{FoundProblem, ImportError, Importing, NewImport};
use lists::store::{NewList, Settings, add_list};
use web::{OrBug, PageError};

use super::list_take::READERS;
use super::{Desk, failed};
use crate::limits::{FIRST_PROBLEMS, FIRST_PROBLEMS_WITHIN};
use crate::store;

/// What somebody hears whose list failed for a reason of ours; the log has more.
const OUR_FAULT: &str =
    "サーバーに問題が起きて、取り込めませんでした。少し待ってから、ファイルをもう一度選んでください。";

/// A file that came in.
pub(super) struct Arrived {
    pub(super) file_name: String,
    pub(super) bytes: Arc<Vec<u8>>,
    pub(super) options: ReadOptions,
}

/// Where a list that was read is kept.
pub(super) enum Keeper {
    /// At once, while the browser waits.
    AtOnce,
    /// Little by little, telling how far it is.
    InBackground(Arc<Importing>),
}

impl Keeper {
    /// Keeps the list. In the background its first problems are told before that.
    pub(super) async fn keep(&self, desk: &Desk, org: OrgId, new: NewList) -> Result<ListId, PageError> {
        match self {
            Self::AtOnce => add_list(&desk.db, org, new).await.map_err(failed),
            Self::InBackground(importing) => {
                let judged = importing.beside(first_problems(desk, org, new)).await;
                let (new, problems) = judged.map_err(ended)??;
                importing.tell(&problems).await.map_err(ended)?;
                importing.keep(new).await.map_err(ended)
            }
        }
    }
}

fn ended(error: ImportError) -> PageError {
    match error {
        ImportError::Stopped => PageError::conflict("このリストの取り込みはやめられています。", ""),
        ImportError::Database(error) => failed(error),
    }
}

/// Begins the import of a list, and gives the number that the list will have. `take` says what the list is once it
/// is read, and has it kept.
pub(super) async fn start<P, F>(
    desk: &Desk,
    staff: &Staff,
    arrived: Arrived,
    take: P,
) -> Result<ListId, PageError>
where
    P: FnOnce(Keeper, Sheet) -> F + Send + 'static,
    F: Future<Output = Result<(), PageError>> + Send,
{
    let new = NewImport {
        office: staff.office,
        file_name: arrived.file_name.clone(),
        bytes: arrived.bytes.len(),
        by: staff.id,
    };
    let importing = Importing::begin(&desk.db, staff.org, new).await.map_err(failed)?;
    let id = importing.id();
    tokio::spawn(async move {
        match import(importing, arrived, take).await {
            Ok(()) | Err(ImportError::Stopped) => {}
            Err(ImportError::Database(error)) => tracing::error!(list = %id, %error, "an import failed"),
        }
    });
    Ok(id)
}

async fn import<P, F>(importing: Importing, arrived: Arrived, take: P) -> Result<(), ImportError>
where
    P: FnOnce(Keeper, Sheet) -> F,
    F: Future<Output = Result<(), PageError>>,
{
    let importing = Arc::new(importing);
    let turn = importing.beside(READERS.acquire()).await?;
    let Arrived {
        file_name,
        bytes,
        options,
    } = arrived;
    let sheet = match importing.read(file_name, bytes, options).await? {
        Ok(sheet) => sheet,
        Err(FileProblem::Stopped) => return Err(ImportError::Stopped),
        Err(problem) => return Ok(importing.refuse(&problem.to_string()).await?),
    };
    drop(turn);
    if let Err(error) = take(Keeper::InBackground(Arc::clone(&importing)), sheet).await {
        // Without effect where somebody stopped it.
        importing.refuse(OUR_FAULT).await?;
        tracing::warn!(list = %importing.id(), ?error, "a list that was read could not be kept");
    }
    Ok(())
}

/// The first rows that cannot be sent, where columns and text are chosen; told long before everything that is known
/// is asked for.
async fn first_problems(
    desk: &Desk,
    org: OrgId,
    new: NewList,
) -> Result<(NewList, Vec<FoundProblem>), PageError> {
    let Some((template, version)) = new.settings.template else {
        return Ok((new, Vec::new()));
    };
    let text = text(desk, org, template, version).await?;
    let work = move || {
        let brief = text.and_then(|text| brief(&new.sheet, &new.settings, text));
        let rows = brief.map_or_else(Vec::new, |brief| {
            first_errors(&new.sheet, &brief, FIRST_PROBLEMS_WITHIN, FIRST_PROBLEMS)
        });
        let problems = rows.into_iter().filter_map(found).collect();
        (new, problems)
    };
    tokio::task::spawn_blocking(work).await.or_bug()
}

async fn text(
    desk: &Desk,
    org: OrgId,
    template: TemplateId,
    version: i64,
) -> Result<Option<MessageTemplate>, PageError> {
    let known = store::template_version(&desk.db, org, template, version)
        .await
        .map_err(failed)?;
    Ok(known.and_then(|known| MessageTemplate::parse(&known.content.text).ok()))
}

fn brief(sheet: &Sheet, settings: &Settings, template: MessageTemplate) -> Option<Brief> {
    let columns = settings.mapping()?.apply(sheet, template.fields()).ok()?;
    let text = RowText::japanese(template, columns.fields);
    Some(Brief::of(columns.to, vec![text]))
}

/// The gravest problem of a row.
fn found(row: CheckedRow) -> Option<FoundProblem> {
    let problem = row.problems.into_iter().next()?;
    Some(FoundProblem {
        line: row.line,
        column: problem.column,
        message: problem.message,
    })
}
