#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
//! Long lists in the background: the same in the end as a list kept at once, and nothing at all before that.

use std::sync::Arc;

use base::clock::Clock;
use base::id::{ListId, OfficeId, OrgId, StaffId};
use base::merge::MessageTemplate;
use db::Db;
use db::testing::TestDatabase;
use lists::check::check;
use lists::problem::FileProblem;
use lists::read::{ReadOptions, read};
use lists::sheet::Sheet;
use lists::store::import::{
    self, FoundProblem, Import, ImportError, ImportState, Importing, NewImport, SILENCE, import_of,
    open_imports, stop_import,
};
use lists::store::{NewList, Role, Settings, add_list, change_row, list_head, lists_between, load_list};
use lists::store::{RowAnswer, RowWish};

const ORG: OrgId = OrgId::FIRST;
const ASAKA: OfficeId = OfficeId::new(2);
const HANAKO: StaffId = StaffId::new(7);
const NOON: i64 = 1_790_000_000_000;
const ROWS: usize = 9_500;

async fn each(test: impl AsyncFn(Db, Clock)) {
    for database in TestDatabase::each(&Clock::manual(NOON)).await {
        let clock = Clock::manual(NOON);
        let options = db::OpenOptions {
            clock: clock.clone(),
            ..database.options.clone()
        };
        test(Db::open(&options).await.unwrap(), clock).await;
    }
}

fn long_text() -> String {
    let rows = (0..ROWS).map(|n| format!("{n:06},0901{n:07},見本 {n}\n"));
    std::iter::once("ID,電話,氏名\n".to_owned()).chain(rows).collect()
}

fn sheet(text: &str) -> Sheet {
    read("朝霞.csv", text.as_bytes(), &ReadOptions::default()).unwrap()
}

fn new(sheet: Sheet) -> NewList {
    NewList {
        role: Role::List,
        reference: None,
        office: ASAKA,
        sheet,
        settings: Settings {
            to: Some("電話".to_owned()),
            ..Settings::default()
        },
        by: HANAKO,
    }
}

async fn begin(db: &Db, text: &str) -> Importing {
    let new = NewImport {
        office: ASAKA,
        file_name: "朝霞.csv".to_owned(),
        bytes: text.len(),
        by: HANAKO,
    };
    Importing::begin(db, ORG, new).await.unwrap()
}

async fn read_in(importing: &Importing, text: &str) -> Result<Sheet, FileProblem> {
    let bytes = Arc::new(text.as_bytes().to_vec());
    let read = importing.read("朝霞.csv".to_owned(), bytes, ReadOptions::default());
    read.await.unwrap()
}

async fn told(db: &Db, id: ListId) -> Import {
    import_of(db, ORG, id).await.unwrap().unwrap()
}

fn judged(sheet: &Sheet) -> String {
    let template = MessageTemplate::parse("ID:{{ID}}").unwrap();
    serde_json::to_string(&check(sheet, "電話", &template).unwrap()).unwrap()
}

async fn rows_of(db: &Db, id: ListId) -> u32 {
    const COUNT: db::Sql = db::Sql("SELECT COUNT(*) FROM list_rows WHERE org_id = $1 AND list_id = $2");
    let row = db.query_opt(COUNT, db::params![ORG, id]).await.unwrap().unwrap();
    row.get(0).unwrap()
}

/// Nothing of the list can be looked at, changed or sent.
async fn is_nowhere(db: &Db, id: ListId) {
    assert!(list_head(db, ORG, id).await.unwrap().is_none());
    assert!(load_list(db, ORG, id).await.unwrap().is_none());
    assert!(
        lists_between(db, ORG, None, 0, i64::MAX)
            .await
            .unwrap()
            .is_empty()
    );
    let mend = RowWish::Exclude("転出".to_owned());
    let answer = change_row(db, ORG, id, 2, mend, HANAKO).await.unwrap();
    assert_eq!(answer, RowAnswer::Gone);
}

/// Keeps the list up to its middle and leaves it there, as a process does that dies.
async fn die_half_way(db: &Db) -> ListId {
    let text = long_text();
    let importing = begin(db, &text).await;
    let id = importing.id();
    let sheet = read_in(&importing, &text).await.unwrap();
    let mut keeping = Box::pin(importing.keep(new(sheet)));
    loop {
        let step = std::time::Duration::from_micros(200);
        if let Ok(ended) = tokio::time::timeout(step, &mut keeping).await {
            panic!("kept to the end before anybody looked: {}", ended.is_ok());
        }
        if rows_of(db, id).await > 0 {
            return id;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_is_understood_by_both_databases() {
    each(async |db, _| {
        for (name, sql) in import::ALL {
            let prepared = db.prepare(*sql).await;
            prepared.unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_is_in_the_end_the_same_as_one_kept_at_once() {
    each(async |db, _| {
        let text = long_text();
        let at_once = add_list(&db, ORG, new(sheet(&text))).await.unwrap();
        let importing = begin(&db, &text).await;
        let id = importing.id();
        assert_eq!(told(&db, id).await.percent, 0);
        let sheet = read_in(&importing, &text).await.unwrap();
        importing.keep(new(sheet)).await.unwrap();
        assert!(import_of(&db, ORG, id).await.unwrap().is_none());
        let [one, other] = [at_once, id].map(|id| load_list(&db, ORG, id));
        let (one, other) = (one.await.unwrap().unwrap(), other.await.unwrap().unwrap());
        assert_eq!(judged(&one.sheet), judged(&other.sheet));
        assert_eq!(one.sheet.understood(), other.sheet.understood());
        assert_eq!(one.head.settings, other.head.settings);
        assert_eq!((other.head.rows as usize, other.head.uploaded_at), (ROWS, NOON));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_never_falls_and_half_a_list_is_nowhere() {
    each(async |db, _| {
        let text = long_text();
        let importing = begin(&db, &text).await;
        let id = importing.id();
        let sheet = read_in(&importing, &text).await.unwrap();
        let mut keeping = Box::pin(importing.keep(new(sheet)));
        let (mut last, mut steps) = (0, 0);
        loop {
            let step = std::time::Duration::from_micros(200);
            if let Ok(kept) = tokio::time::timeout(step, &mut keeping).await {
                assert_eq!(kept.unwrap(), id);
                break;
            }
            let Some(now) = import_of(&db, ORG, id).await.unwrap() else {
                continue;
            };
            assert!(
                now.percent >= last && now.percent <= 100,
                "{last} {}",
                now.percent
            );
            if now.percent > last {
                steps += 1;
            }
            last = now.percent;
            if now.rows_kept < ROWS as u64 {
                is_nowhere(&db, id).await;
            }
        }
        assert!(steps > 1, "the bar moved {steps} times");
        assert_eq!(rows_of(&db, id).await as usize, ROWS);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_whose_process_died_is_told_and_can_be_withdrawn() {
    each(async |db, clock| {
        let id = die_half_way(&db).await;
        assert_eq!(told(&db, id).await.state, ImportState::Running);
        clock.advance(SILENCE + 1);
        assert_eq!(told(&db, id).await.state, ImportState::Died);
        is_nowhere(&db, id).await;
        let open = open_imports(&db, ORG, Some(ASAKA)).await.unwrap();
        assert_eq!(open.iter().map(|one| one.id).collect::<Vec<_>>(), [id]);
        assert!(stop_import(&db, ORG, id, HANAKO).await.unwrap());
        assert_eq!(rows_of(&db, id).await, 0, "half a list is of no use to anybody");
        assert_eq!(
            told(&db, id).await.state,
            ImportState::Stopped { at: clock.now() }
        );
        assert!(
            !stop_import(&db, ORG, id, HANAKO).await.unwrap(),
            "once is enough"
        );
        assert!(open_imports(&db, ORG, None).await.unwrap().is_empty());
        is_nowhere(&db, id).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_import_keeps_nothing_wherever_it_is() {
    each(async |db, _| {
        let text = long_text();
        let before_reading = begin(&db, &text).await;
        let id = before_reading.id();
        assert!(stop_import(&db, ORG, id, HANAKO).await.unwrap());
        let read = before_reading.beside(std::future::pending::<()>()).await;
        assert!(matches!(read, Err(ImportError::Stopped)), "waiting ends too");

        let before_keeping = begin(&db, &text).await;
        let id = before_keeping.id();
        let sheet = read_in(&before_keeping, &text).await.unwrap();
        assert!(stop_import(&db, ORG, id, HANAKO).await.unwrap());
        let kept = before_keeping.keep(new(sheet)).await;
        assert!(matches!(kept, Err(ImportError::Stopped)));
        assert_eq!(rows_of(&db, id).await, 0);
        is_nowhere(&db, id).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_problems_and_a_refusal_are_told_and_sealed() {
    const PEEK: db::Sql = db::Sql(
        "SELECT file_name_sealed || problems_sealed || refusal_sealed FROM list_imports WHERE org_id = $1",
    );
    each(async |db, _| {
        let importing = begin(&db, "x").await;
        let id = importing.id();
        let problem = FoundProblem {
            line: 3,
            column: Some("電話".to_owned()),
            message: "見本 花子さんの電話番号がありません。".to_owned(),
        };
        importing.tell(std::slice::from_ref(&problem)).await.unwrap();
        assert_eq!(told(&db, id).await.problems, [problem]);
        importing.refuse("見出しが見つかりません。").await.unwrap();
        let why = "見出しが見つかりません。".to_owned();
        assert_eq!(told(&db, id).await.state, ImportState::Refused { why });
        let row = db.query_opt(PEEK, db::params![ORG]).await.unwrap().unwrap();
        let open: String = row.get(0).unwrap();
        assert!(!["見", "朝霞", "花子"].iter().any(|word| open.contains(word)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_organisation_sees_nothing_of_it() {
    const OTHER: db::Sql = db::Sql("SELECT COUNT(*) FROM list_imports WHERE org_id <> $1");
    each(async |db, _| {
        let importing = begin(&db, "x").await;
        let row = db.query_opt(OTHER, db::params![ORG]).await.unwrap().unwrap();
        assert_eq!(row.get::<u32>(0).unwrap(), 0);
        let elsewhere = open_imports(&db, ORG, Some(OfficeId::new(3))).await.unwrap();
        assert!(elsewhere.is_empty(), "nor does another office in its list");
        drop(importing);
    })
    .await;
}
