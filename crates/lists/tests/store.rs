#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
//! Kept lists: the same as what was read, changed row by row with their history, each in its own organisation.

use base::clock::{Clock, DAY, HOUR};
use base::id::{ListId, OfficeId, OrgId, StaffId, TemplateId};
use base::merge::MessageTemplate;
use db::Db;
use db::testing::TestDatabase;
use lists::check::check;
use lists::read::{ReadOptions, read};
use lists::sheet::Sheet;
use lists::store::{
    self, CellChange, Change, NewList, RowAnswer, RowWish, Settings, add_list, change_row, list_head,
    lists_between, load_list, row_changes, set_settings, withdraw,
};

const ORG: OrgId = OrgId::FIRST;
const ASAKA: OfficeId = OfficeId::new(2);
const HANAKO: StaffId = StaffId::new(7);
const NOON: i64 = 1_790_000_000_000;

const LIST: &str = "整理表,,\nID,電話,氏名\n0123,090-1234-5678,見本 一郎\n,,\n0124,048-123-4567,見本 花子\n\
    0125,０９０１２３４５６７９,見本 翔太,余分\n0126,9012345680, 見本　次郎\n";

async fn each(test: impl AsyncFn(Db, Clock)) {
    for database in TestDatabase::each(&Clock::manual(NOON)).await {
        // A clock of its own, so that one database does not turn the other's forward.
        let options = db::OpenOptions {
            clock: Clock::manual(NOON),
            ..database.options.clone()
        };
        let db = Db::open(&options).await.unwrap();
        let clock = db.clock().clone();
        test(db, clock).await;
    }
}

fn sheet(text: &str) -> Sheet {
    read("朝霞_田中花子.csv", text.as_bytes(), &ReadOptions::default()).unwrap()
}

fn new(text: &str) -> NewList {
    let settings = Settings {
        to: Some("電話".to_owned()),
        fields: std::collections::BTreeMap::new(),
        template: None,
    };
    NewList {
        role: lists::store::Role::List,
        reference: None,
        office: ASAKA,
        sheet: sheet(text),
        settings,
        by: HANAKO,
    }
}

/// What the check says of a sheet, as its stable document.
fn judged(sheet: &Sheet) -> String {
    let template = MessageTemplate::parse("ID:{{ID}}").unwrap();
    serde_json::to_string(&check(sheet, "電話", &template).unwrap()).unwrap()
}

async fn loaded(db: &Db, id: ListId) -> store::KeptList {
    load_list(db, ORG, id).await.unwrap().unwrap()
}

async fn change(db: &Db, id: ListId, line: u32, wish: RowWish) -> RowAnswer {
    change_row(db, ORG, id, line, wish, HANAKO).await.unwrap()
}

fn mend(column: usize, value: &str, seen: u32) -> RowWish {
    RowWish::Mend {
        cells: vec![(column, value.to_owned())],
        seen,
    }
}

#[tokio::test]
async fn every_statement_is_understood_by_both_databases() {
    each(async |db, _| {
        for (name, sql) in store::statements() {
            db.prepare(*sql)
                .await
                .unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    })
    .await;
}

#[tokio::test]
async fn a_kept_list_is_judged_as_the_fresh_one() {
    each(async |db, _| {
        let id = add_list(&db, ORG, new(LIST)).await.unwrap();
        let kept = loaded(&db, id).await;
        assert_eq!(judged(&kept.sheet), judged(&sheet(LIST)));
        assert_eq!(kept.sheet.understood(), sheet(LIST).understood());
        assert_eq!(
            (kept.head.file_name.as_str(), kept.head.rows),
            ("朝霞_田中花子.csv", 4)
        );
        assert_eq!(
            (kept.head.office, kept.head.uploaded_by, kept.head.uploaded_at),
            (ASAKA, HANAKO, NOON)
        );
    })
    .await;
}

#[tokio::test]
async fn more_rows_than_one_statement_takes_keep_their_order() {
    each(async |db, _| {
        let rows = (0..2_345).map(|n| format!("{n:04},090{:08}\n", 11_000_000 + n));
        let text: String = std::iter::once("ID,電話\n".to_owned()).chain(rows).collect();
        let id = add_list(&db, ORG, new(&text)).await.unwrap();
        assert_eq!(judged(&loaded(&db, id).await.sheet), judged(&sheet(&text)));
    })
    .await;
}

#[tokio::test]
async fn nothing_personal_lies_open() {
    each(async |db, _| {
        const PEEK: db::Sql = db::Sql(
            "SELECT l.file_name_sealed || l.understood_sealed || l.headings_sealed || r.cells_sealed
                || COALESCE(r.excluded_reason_sealed, '') || COALESCE(c.change_sealed, '')
             FROM line_lists l JOIN list_rows r ON r.list_id = l.list_id
             LEFT JOIN list_row_changes c ON c.list_id = r.list_id AND c.line = r.line",
        );
        let id = add_list(&db, ORG, new(LIST)).await.unwrap();
        change(&db, id, 3, mend(2, "見本 太郎", 0)).await;
        change(&db, id, 3, RowWish::Exclude("見本さんの希望".to_owned())).await;
        let rows = db.query(PEEK, Vec::new()).await.unwrap();
        let all: String = rows.iter().map(|row| row.get::<String>(0).unwrap()).collect();
        for word in ["見本", "田中", "1234", "電話"] {
            assert!(!all.contains(word), "{word}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_mended_row_is_judged_anew_and_keeps_what_it_was() {
    each(async |db, clock| {
        let id = add_list(&db, ORG, new(LIST)).await.unwrap();
        clock.advance(HOUR);
        let at = clock.now();
        assert_eq!(
            change(&db, id, 5, mend(1, "080-1111-2222", 0)).await,
            RowAnswer::Done
        );
        assert_eq!(
            change(&db, id, 5, mend(1, "080-1111-2222", 1)).await,
            RowAnswer::Unchanged
        );
        let mended = LIST.replace("048-123-4567", "080-1111-2222");
        assert_eq!(judged(&loaded(&db, id).await.sheet), judged(&sheet(&mended)));
        let history = row_changes(&db, ORG, id).await.unwrap();
        let [only] = &history[..] else {
            panic!("one change")
        };
        let (before, after) = ("048-123-4567".to_owned(), "080-1111-2222".to_owned());
        assert!(
            only.change
                == Change::Mended {
                    cells: vec![CellChange {
                        column: 1,
                        before,
                        after
                    }]
                }
        );
        assert_eq!((only.line, only.by, only.at), (5, HANAKO, at));
    })
    .await;
}

#[tokio::test]
async fn two_people_at_one_row_do_not_undo_each_other() {
    each(async |db, _| {
        let id = add_list(&db, ORG, new(LIST)).await.unwrap();
        assert_eq!(
            change(&db, id, 5, mend(1, "080-1111-2222", 0)).await,
            RowAnswer::Done
        );
        assert_eq!(
            change(&db, id, 5, mend(1, "080-3333-4444", 0)).await,
            RowAnswer::Overtaken
        );
        let kept = loaded(&db, id).await;
        let row = kept.sheet.rows().find(|row| row.line() == 5).unwrap();
        assert_eq!(row.cell(1), "080-1111-2222");
    })
    .await;
}

#[tokio::test]
async fn a_row_that_was_emptied_is_still_there() {
    each(async |db, _| {
        let id = add_list(&db, ORG, new(LIST)).await.unwrap();
        let cells = (0..3).map(|column| (column, String::new())).collect();
        assert_eq!(
            change(&db, id, 3, RowWish::Mend { cells, seen: 0 }).await,
            RowAnswer::Done
        );
        let kept = loaded(&db, id).await;
        let lines: Vec<u32> = kept.sheet.rows().map(lists::sheet::ParsedRow::line).collect();
        assert_eq!(lines, [3, 5, 6, 7]);
        assert!(judged(&kept.sheet).contains("phone.missing"));
    })
    .await;
}

#[tokio::test]
async fn rows_are_left_out_with_a_reason_and_taken_in_again() {
    each(async |db, _| {
        let id = add_list(&db, ORG, new(LIST)).await.unwrap();
        let reason = "電話で連絡する".to_owned();
        assert_eq!(
            change(&db, id, 5, RowWish::Exclude(reason.clone())).await,
            RowAnswer::Done
        );
        assert_eq!(
            change(&db, id, 5, RowWish::Exclude("また".to_owned())).await,
            RowAnswer::Unchanged
        );
        let kept = loaded(&db, id).await;
        assert_eq!(kept.sheet.len(), 3);
        assert_eq!((kept.excluded[0].line, &kept.excluded[0].reason), (5, &reason));
        assert_eq!(kept.excluded[0].cells, ["0124", "048-123-4567", "見本 花子"]);
        assert_eq!(kept.head.rows, 4, "the count of what was read stays");
        assert_eq!(change(&db, id, 5, RowWish::Include).await, RowAnswer::Done);
        assert_eq!(judged(&loaded(&db, id).await.sheet), judged(&sheet(LIST)));
        let history = row_changes(&db, ORG, id).await.unwrap();
        assert!(history[0].change == Change::Excluded { reason } && history[1].change == Change::Included);
        assert_eq!(
            change(&db, id, 4, RowWish::Include).await,
            RowAnswer::Gone,
            "a blank line is no row"
        );
    })
    .await;
}

#[tokio::test]
async fn a_withdrawn_list_leaves_the_desk_and_changes_no_more() {
    each(async |db, clock| {
        let id = add_list(&db, ORG, new(LIST)).await.unwrap();
        let other = add_list(&db, ORG, new(LIST)).await.unwrap();
        clock.advance(HOUR);
        assert!(withdraw(&db, ORG, id, HANAKO).await.unwrap());
        assert!(!withdraw(&db, ORG, id, HANAKO).await.unwrap());
        assert_eq!(
            change(&db, id, 5, RowWish::Exclude("x".to_owned())).await,
            RowAnswer::Gone
        );
        assert!(!set_settings(&db, ORG, id, Settings::default()).await.unwrap());
        assert_eq!(loaded(&db, id).await.head.withdrawn_at, Some(NOON + HOUR));
        let day = lists_between(&db, ORG, None, NOON, NOON + DAY).await.unwrap();
        assert_eq!(day.iter().map(|head| head.id).collect::<Vec<_>>(), [other]);
    })
    .await;
}

#[tokio::test]
async fn lists_of_a_day_are_those_of_the_office_newest_first() {
    each(async |db, clock| {
        let first = add_list(&db, ORG, new(LIST)).await.unwrap();
        clock.advance(HOUR);
        let second = add_list(&db, ORG, new(LIST)).await.unwrap();
        let elsewhere = NewList {
            role: lists::store::Role::List,
            reference: None,
            office: OfficeId::new(3),
            ..new(LIST)
        };
        add_list(&db, ORG, elsewhere).await.unwrap();
        let own = lists_between(&db, ORG, Some(ASAKA), NOON, NOON + DAY)
            .await
            .unwrap();
        assert_eq!(
            own.iter().map(|head| head.id).collect::<Vec<_>>(),
            [second, first]
        );
        let settings = Settings {
            to: Some("携帯".to_owned()),
            fields: std::collections::BTreeMap::new(),
            template: Some((TemplateId::new(4), 2)),
        };
        assert!(set_settings(&db, ORG, first, settings.clone()).await.unwrap());
        assert_eq!(
            list_head(&db, ORG, first).await.unwrap().unwrap().settings,
            settings
        );
        let later = lists_between(&db, ORG, None, NOON + DAY, NOON + 2 * DAY)
            .await
            .unwrap();
        assert!(later.is_empty());
    })
    .await;
}
