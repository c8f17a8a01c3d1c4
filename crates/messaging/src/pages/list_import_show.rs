//! `GET /lists/{id}` while its list is being imported, and where the import did not end well: how far it is, the
//! first problems, and the way on. `GET /lists/{id}/import/live` keeps the page up to date.

use std::convert::Infallible;
use std::time::Duration;

use accounts::{SignedIn, Staff};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use base::id::{ListId, OrgId};
use futures_util::stream;
use lists::store::import::{Import, ImportState, import_of};
use serde::Deserialize;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;
use web::live::LiveUpdate;
use web::number::grouped;
use web::ui::{Notice, Part, Progress, Tone};
use web::{Page, PageError, Shell};

use super::{Answer, Desk, Id, failed, may_see};
use crate::limits::{LIVE_SECONDS, LIVE_STREAMS};

/// How often an open page hears how far it is: the first problem should be there within two seconds.
const EVERY: Duration = Duration::from_millis(500);
/// Seconds after which the page loads itself again where there is no JavaScript.
const RELOAD_SECONDS: u32 = 1;

static WATCHERS: Semaphore = Semaphore::const_new(LIVE_STREAMS);

#[derive(Template)]
#[template(path = "list_importing.html")]
struct ImportingPage {
    shell: Shell,
    import: Import,
    notice: Notice,
    running: Option<Running>,
}

/// What moves.
struct Running {
    bar: Progress,
    rows: String,
    first: String,
    seen: &'static str,
}

/// The page of a list that is not whole; the shell again if there is no such list, or it is like any other.
pub(super) async fn page(
    desk: &Desk,
    staff: &Staff,
    shell: Shell,
    id: ListId,
) -> Result<Result<axum::response::Response, Shell>, PageError> {
    let Some(import) = load(desk, staff, id).await? else {
        return Ok(Err(shell));
    };
    let (title, notice) = told(&import);
    let mut shell = shell.titled(title);
    let running = (import.state == ImportState::Running).then(|| Running::of(&import));
    if running.is_some() {
        shell = shell.reloading_every(RELOAD_SECONDS);
    }
    let page = ImportingPage {
        shell,
        import,
        notice,
        running,
    };
    Ok(Ok(Page(page).into_response()))
}

/// The import, if it is there for this person.
pub(super) async fn load(desk: &Desk, staff: &Staff, id: ListId) -> Result<Option<Import>, PageError> {
    let import = import_of(&desk.db, staff.org, id).await.map_err(failed)?;
    match import {
        Some(import) if !may_see(staff, import.office) => Err(PageError::NotFound),
        import => Ok(import),
    }
}

fn told(import: &Import) -> (&'static str, Notice) {
    match &import.state {
        ImportState::Running => (
            "リストを取り込んでいます",
            Notice::info("行の多いリストなので、取り込みに少し時間がかかります")
                .text("この画面を閉じても続きます。終わるまで、誰にも送られません。"),
        ),
        ImportState::Died => (
            "取り込みが途中で止まりました",
            Notice::error("取り込みが途中で止まりました。ファイルをもう一度選んでください")
                .text("サーバーが止まったためです。途中までの行は、誰にも送られません。")
                .link("/lists/new", "リストを選ぶ"),
        ),
        ImportState::Stopped { .. } => (
            "取り込みをやめました",
            Notice::info("このリストの取り込みはやめました")
                .text("途中までの行は消しました。誰にも送っていません。")
                .link("/lists/new", "リストを選ぶ"),
        ),
        ImportState::Refused { why } => (
            "リストを読めませんでした",
            Notice::error(format!("「{}」", import.file_name))
                .text(format!("{why}誰にも送っていません。"))
                .link("/lists/new", "リストを選び直す"),
        ),
    }
}

impl Running {
    fn of(import: &Import) -> Self {
        Self {
            bar: bar(import),
            rows: rows(import),
            first: first(import),
            seen: seen(import),
        }
    }
}

fn bar(import: &Import) -> Progress {
    let done = import.percent.min(100);
    let parts = vec![
        Part::new("done", "済み", Tone::Done, done),
        Part::new("left", "残り", Tone::Waiting, 100 - done),
    ];
    Progress::new("import", "取り込み", "％", parts)
}

fn rows(import: &Import) -> String {
    match (import.rows_read, import.rows_kept) {
        (0, _) => "これから読みます".to_owned(),
        (read, 0) => format!("{}行を読みました", grouped(read)),
        (read, kept) => format!("{}行のうち{}行を保存しました", grouped(read), grouped(kept)),
    }
}

fn first(import: &Import) -> String {
    import.problems.first().map_or_else(
        || "まだ見つかっていません".to_owned(),
        |problem| format!("{}行目: {}", problem.line, problem.message),
    )
}

/// A word for what the page shows besides numbers; another word asks for another page.
fn seen(import: &Import) -> &'static str {
    match (&import.state, import.problems.is_empty()) {
        (ImportState::Running, true) => "running",
        (ImportState::Running, false) => "problems",
        _ => "ended",
    }
}

/// What the page showed when it was made.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    seen: String,
}

pub(super) async fn live(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<ListId>,
    Query(asked): Query<Asked>,
) -> Answer {
    // A list that is whole by now is the last thing to tell.
    if load(&desk, &session.staff, id).await?.is_none() {
        super::list_judged::head(&desk, &session.staff, id).await?;
    }
    let watcher = Watcher {
        desk,
        org: session.staff.org,
        id,
        seen: asked.seen,
        began: Instant::now(),
        is_first: true,
        _permit: WATCHERS.try_acquire().map_err(|_| PageError::Busy)?,
    };
    let events = stream::unfold(Some(watcher), |watcher| async { watcher?.next().await });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()).into_response())
}

/// One open page.
struct Watcher {
    desk: Desk,
    org: OrgId,
    id: ListId,
    seen: String,
    began: Instant,
    is_first: bool,
    _permit: SemaphorePermit<'static>,
}

impl Watcher {
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Option<Self>)> {
        if !std::mem::take(&mut self.is_first) {
            tokio::time::sleep(EVERY).await;
        }
        if self.began.elapsed() > Duration::from_secs(LIVE_SECONDS) {
            return None;
        }
        let import = import_of(&self.desk.db, self.org, self.id).await.ok()?;
        let update = update(import.as_ref(), &self.seen);
        Some((Ok(update.event()), (!update.finished).then_some(self)))
    }
}

fn update(import: Option<&Import>, shown: &str) -> LiveUpdate {
    let Some(import) = import else {
        let whole = vec![Part::new("done", "済み", Tone::Done, 100)];
        let whole = Progress::new("import", "取り込み", "％", whole);
        return LiveUpdate::of(&whole, "取り込みが終わりました").finished(true);
    };
    LiveUpdate::of(&bar(import), rows(import))
        .fact("rows", rows(import))
        .fact("first", first(import))
        .finished(seen(import) != shown)
}

#[cfg(test)]
mod tests {
    use lists::store::import::FoundProblem;

    use super::*;

    fn import(state: ImportState, problems: Vec<FoundProblem>) -> Import {
        Import {
            id: ListId::new(1),
            office: base::id::OfficeId::new(2),
            file_name: "朝霞.csv".to_owned(),
            rows_read: 100_000,
            rows_kept: 25_000,
            percent: 62,
            problems,
            started_by: base::id::StaffId::new(3),
            started_at: 0,
            state,
        }
    }

    #[test]
    fn an_open_page_is_made_anew_with_the_first_problem_and_at_the_end() {
        let running = import(ImportState::Running, Vec::new());
        assert!(!update(Some(&running), "running").finished);
        let problem = FoundProblem {
            line: 12,
            column: None,
            message: "電話番号がありません。".to_owned(),
        };
        let found = import(ImportState::Running, vec![problem]);
        let told = update(Some(&found), "running");
        assert!(told.finished);
        assert_eq!(told.facts["first"], "12行目: 電話番号がありません。");
        assert!(!update(Some(&found), "problems").finished);
        assert!(update(Some(&import(ImportState::Died, Vec::new())), "running").finished);
        assert!(update(None, "problems").finished);
    }

    #[test]
    fn the_numbers_are_said_exactly() {
        let running = import(ImportState::Running, Vec::new());
        assert_eq!(rows(&running), "100,000行のうち25,000行を保存しました");
        assert_eq!(update(Some(&running), "running").counts["done"], 62);
    }
}
