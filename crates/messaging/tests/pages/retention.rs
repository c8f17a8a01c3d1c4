//! What is due goes, what is held stays, and a dump searched afterwards finds nothing.

use axum::http::StatusCode;
use base::clock::{Clock, DAY, HOUR, Millis};
use base::id::{BroadcastId, ListId};
use db::testing::TestDatabase;
use db::{DatabaseUrl, Db, Sql, params};
use messaging::message::Outcome;
use messaging::retention::{Class, Counts, HoldScope, dry_run, nightly, run};
use messaging::store::retention::{add_hold, lift_hold, rules, set_rules};

use crate::host::{Browser, HOLD, Host, ORG, START};

/// Everything personal that the test puts in, as it would stand in a dump that is not sealed.
const SEEDS: [&str; 6] = [
    "手本 夏子",
    "090-1200-0001",
    "9012000001",
    "100001",
    "見本 一郎",
    "夕方に",
];

struct Seeded {
    list: ListId,
    broadcast: BroadcastId,
}

/// A list that was sent and arrived, and a call that was made.
async fn seeded(host: &Host, browser: &mut Browser) -> Seeded {
    let list = host.named_list().await;
    let broadcast = host.send(browser, list).await;
    host.clock.advance(HOLD);
    let carrier = host.carrier().await;
    let parts = carrier.claim(10).await;
    carrier.finish(parts[0].part, Outcome::Delivered, "000").await;
    let call = [
        ("person", "見本 一郎"),
        ("number", "048-123-4567"),
        ("reason", "chosen"),
        ("note", "夕方に"),
    ];
    browser.submit("/calls", "/calls", &call).await;
    let told = [("result", "told"), ("note", "夕方に話した")];
    browser.submit("/calls", "/calls/1/mark", &told).await;
    Seeded { list, broadcast }
}

async fn on_each(test: impl AsyncFn(Host, Seeded)) {
    let clock = Clock::manual(START);
    for database in TestDatabase::each(&clock).await {
        let clock = Clock::manual(START);
        let database = TestDatabase {
            options: db::OpenOptions {
                clock: clock.clone(),
                ..database.options.clone()
            },
            directory: database.directory,
        };
        let host = Host::on(database, clock, true).await;
        let mut browser = host.asaka().await;
        let seeded = seeded(&host, &mut browser).await;
        test(host, seeded).await;
    }
}

/// Everything that the database holds, as text: the file and its log, or every row of every table.
async fn dump(host: &Host) -> String {
    match &host.database.options.url {
        DatabaseUrl::Sqlite(path) => {
            let mut bytes = std::fs::read(path).unwrap();
            let mut log = path.clone().into_os_string();
            log.push("-wal");
            bytes.extend(std::fs::read(log).unwrap_or_default());
            String::from_utf8_lossy(&bytes).into_owned()
        }
        DatabaseUrl::Postgres(_) => {
            const ALL: Sql = Sql(
                "SELECT query_to_xml('SELECT * FROM ' || quote_ident(tablename), true, false, '')::text
                FROM pg_tables WHERE schemaname = 'public'",
            );
            let rows = host.db.query(ALL, params![]).await.unwrap();
            rows.iter().map(|row| row.get::<String>(0).unwrap()).collect()
        }
    }
}

/// Sealed values that stand in the database now.
async fn sealed(db: &Db) -> Vec<String> {
    const SEALED: [Sql; 6] = [
        Sql("SELECT phone_sealed FROM messages"),
        Sql("SELECT text_sealed FROM messages"),
        Sql("SELECT cells_sealed FROM list_rows"),
        Sql("SELECT file_name_sealed FROM line_lists"),
        Sql("SELECT file_name_sealed FROM broadcasts"),
        Sql("SELECT person_sealed FROM calls"),
    ];
    let mut found = Vec::new();
    for sql in SEALED {
        let rows = db.query(sql, params![]).await.unwrap();
        assert!(!rows.is_empty(), "{}", sql.0);
        found.extend(rows.iter().map(|row| row.get::<String>(0).unwrap()));
    }
    found
}

async fn count(db: &Db, sql: &'static str) -> i64 {
    db.query_opt(Sql(sql), params![])
        .await
        .unwrap()
        .unwrap()
        .get(0)
        .unwrap()
}

#[tokio::test]
async fn each_class_goes_when_its_days_are_over_and_a_dry_run_says_the_same() {
    on_each(async |host, _| {
        let due = async |after: Millis| {
            host.clock.advance(after);
            let told = dry_run(&host.db, ORG, None).await.unwrap();
            assert_eq!(run(&host.db, ORG, None, None).await.unwrap(), told);
            told
        };
        assert_eq!(due(6 * DAY).await, Counts::default(), "nothing is early");
        let lists = due(DAY).await;
        assert_eq!((lists.lists, lists.rows, lists.messages), (1, 1, 0));
        assert_eq!(count(&host.db, "SELECT COUNT(*) FROM list_rows").await, 0);
        let month = due(23 * DAY + 1).await;
        assert_eq!((month.broadcasts, month.messages, month.calls), (1, 1, 1));
        assert_eq!(due(HOUR).await, Counts::default(), "and nothing twice");
        let contacts = due(150 * DAY).await;
        assert_eq!(contacts.contacts, 1);
        // What is counted stays.
        assert_eq!(count(&host.db, "SELECT COUNT(*) FROM messages").await, 1);
        assert_eq!(count(&host.db, "SELECT state FROM parts").await, 10);
        assert_eq!(count(&host.db, "SELECT row_count FROM line_lists").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_dump_searched_afterwards_finds_neither_a_value_nor_its_sealed_form() {
    on_each(async |host, _| {
        let before = sealed(&host.db).await;
        let full = dump(&host).await;
        assert!(before.iter().all(|value| full.contains(value.as_str())));
        host.clock.advance(31 * DAY);
        run(&host.db, ORG, None, None).await.unwrap();
        let after = dump(&host).await;
        for value in before.iter().map(String::as_str).chain(SEEDS) {
            assert!(!after.contains(value), "{value}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_held_stays_until_the_hold_is_lifted() {
    on_each(async |host, seeded| {
        let hold = add_hold(
            &host.db,
            ORG,
            HoldScope::Broadcast(seeded.broadcast),
            "情報公開請求".to_owned(),
            host.staff,
        );
        let hold = hold.await.unwrap();
        host.clock.advance(200 * DAY);
        let told = dry_run(&host.db, ORG, None).await.unwrap();
        let erased = run(&host.db, ORG, None, None).await.unwrap();
        assert_eq!(erased, told);
        assert_eq!((erased.lists, erased.messages, erased.contacts), (0, 0, 0));
        assert_eq!(erased.calls, 1, "the call is another matter");
        assert!(lift_hold(&host.db, ORG, hold, host.staff).await.unwrap());
        let whole = add_hold(
            &host.db,
            ORG,
            HoldScope::Organisation,
            "監査".to_owned(),
            host.staff,
        );
        let whole = whole.await.unwrap();
        assert_eq!(run(&host.db, ORG, None, None).await.unwrap(), Counts::default());
        assert!(lift_hold(&host.db, ORG, whole, host.staff).await.unwrap());
        let erased = run(&host.db, ORG, None, None).await.unwrap();
        assert_eq!((erased.lists, erased.messages, erased.contacts), (1, 1, 1));
    })
    .await;
}

#[tokio::test]
async fn what_still_waits_to_be_sent_is_not_erased() {
    let host = Host::new().await;
    let mut browser = host.asaka().await;
    let list = host.named_list().await;
    let broadcast = host.send(&mut browser, list).await;
    browser
        .submit(
            &format!("/broadcasts/{broadcast}"),
            &format!("/broadcasts/{broadcast}/stop"),
            &[],
        )
        .await;
    host.clock.advance(60 * DAY);
    assert_eq!(run(&host.db, ORG, None, None).await.unwrap().messages, 0);
}

#[tokio::test]
async fn the_night_comes_once_and_on_one_node() {
    let host = Host::new().await;
    host.clock.advance(40 * DAY);
    assert!(nightly(&host.db, ORG, None).await.unwrap().is_some());
    assert!(nightly(&host.db, ORG, None).await.unwrap().is_none());
    host.clock.advance(DAY);
    assert!(nightly(&host.db, ORG, None).await.unwrap().is_some());
}

#[tokio::test]
async fn pages_of_what_was_erased_say_so() {
    on_each(async |host, seeded| {
        host.clock.advance(31 * DAY);
        run(&host.db, ORG, None, None).await.unwrap();
        let mut browser = host.asaka().await;
        let list = browser.get(&format!("/lists/{}", seeded.list)).await;
        list.shows("保存期間が過ぎたため消しました");
        let broadcast = browser.get(&format!("/broadcasts/{}", seeded.broadcast)).await;
        assert_eq!(broadcast.status, StatusCode::OK);
        broadcast.shows("保存期間が過ぎたため消しました");
        let messages = browser
            .get(&format!("/broadcasts/{}/messages", seeded.broadcast))
            .await;
        messages.shows("消去済み");
        let (_, rest) = messages.body.split_once(r#"href="/messages/"#).unwrap();
        let message = format!("/messages/{}", rest.split('"').next().unwrap());
        let whole = browser.submit(&message, &format!("{message}/reveal"), &[]).await;
        whole.shows("保存期間が過ぎたため消しました");
        let wrong = browser.get(&format!("{message}/wrong")).await;
        wrong.shows("消去済み");
    })
    .await;
}

#[tokio::test]
async fn rules_have_bounds_and_the_page_sets_them() {
    let host = Host::new().await;
    let mut browser = host.asaka().await;
    let page = "/organisation/retention";
    browser.get(page).await.shows("監査の記録");
    let refused = browser
        .submit(page, page, &[("messages", "29"), ("lists", "10")])
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    refused.shows("「メッセージの番号と文面」は、30から3650までの日数を入力してください。");
    browser
        .submit(page, page, &[("messages", "４５"), ("lists", "10")])
        .await;
    let kept = rules(&host.db, ORG).await.unwrap();
    assert_eq!(
        (
            kept.days(Class::Messages),
            kept.days(Class::Lists),
            kept.days(Class::Calls)
        ),
        (45, 10, 30)
    );
    set_rules(&host.db, ORG, vec![(Class::Messages, 1)], None)
        .await
        .unwrap();
    let kept = rules(&host.db, ORG).await.unwrap();
    assert_eq!(kept.days(Class::Messages), 30, "no way around the lower bound");
    let holds = format!("{page}/holds");
    let refused = browser
        .submit(page, &holds, &[("scope", "list"), ("number", "99")])
        .await;
    refused.shows("その番号の配信、リスト、申請がありません");
    refused.shows("止める理由を");
    let list = host.named_list().await.to_string();
    let fields = [
        ("scope", "list"),
        ("number", list.as_str()),
        ("reason", "調査のため"),
    ];
    let held = browser.submit(page, &holds, &fields).await;
    let shown = browser.get(held.location()).await;
    shown.shows("消去を止めました");
    shown.shows("調査のため");
    let lifted = browser.submit(page, &format!("{holds}/1/lift"), &[]).await;
    browser
        .get(lifted.location())
        .await
        .shows("消去の停止を解除しました");
}
