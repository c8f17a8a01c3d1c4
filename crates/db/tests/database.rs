#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
//! What every slice relies on, on both databases.

use base::clock::{Clock, Millis};
use base::id::{NodeId, OrgId};
use db::node::Node;
use db::testing::TestDatabase;
use db::{Db, DbError, Field, Sql, params};

const PUT: Sql = Sql("INSERT INTO sequences (name, next) VALUES ($1, $2)");
const COUNT: Sql = Sql("SELECT COUNT(*) FROM sequences WHERE name LIKE 'test%'");

async fn put(db: &Db, name: String) -> Result<u64, DbError> {
    db.write(move |tx| {
        let name = name.clone();
        Box::pin(async move { tx.execute(PUT, params![name, 1]).await })
    })
    .await
}

async fn count(db: &Db) -> i64 {
    db.query_opt(COUNT, params![])
        .await
        .unwrap()
        .unwrap()
        .get(0)
        .unwrap()
}

#[tokio::test]
async fn one_failed_write_of_a_group_is_undone_alone() {
    for database in TestDatabase::each(&Clock::System).await {
        let db = database.open().await.unwrap();
        put(&db, "test doubled".to_owned()).await.unwrap();
        let names = (0..50).map(|n| {
            if n == 25 {
                "test doubled".into()
            } else {
                format!("test {n}")
            }
        });
        let writes = names.map(|name| {
            tokio::spawn({
                let db = db.clone();
                async move { put(&db, name).await }
            })
        });
        let mut failed = 0;
        for write in writes.collect::<Vec<_>>() {
            failed += usize::from(write.await.unwrap().is_err());
        }
        assert_eq!(failed, 1);
        assert_eq!(count(&db).await, 50);
    }
}

#[tokio::test]
async fn numbers_are_never_given_twice() {
    for database in TestDatabase::each(&Clock::System).await {
        let db = database.open().await.unwrap();
        let takes = (0..20).map(|_| {
            let db = db.clone();
            tokio::spawn(async move {
                db.write(|tx| Box::pin(tx.take_numbers("messages", 10)))
                    .await
                    .unwrap()
            })
        });
        let mut firsts = Vec::new();
        for take in takes.collect::<Vec<_>>() {
            firsts.push(take.await.unwrap());
        }
        firsts.sort_unstable();
        assert_eq!(firsts, (0..20).map(|n| 1 + 10 * n).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_table_that_has_just_been_filled_is_looked_at_once() {
    for database in TestDatabase::each(&Clock::System).await {
        let db = database.open().await.unwrap();
        if database.address().starts_with("sqlite:") {
            assert_eq!(db.refresh_statistics().await.unwrap(), 0);
            continue;
        }
        // PostgreSQL counts changes a second after they were made, at the next commit of the same session.
        let mut looked_at = 0;
        let mut number = 0;
        while looked_at == 0 {
            for n in 0..50 {
                put(&db, format!("test {}", number + n)).await.unwrap();
            }
            number += 50;
            looked_at = db.refresh_statistics().await.unwrap();
        }
        assert!(number >= 200, "{number} rows are not worth a look");
    }
}

#[tokio::test]
async fn opens_again_with_its_key_and_with_no_other() {
    for database in TestDatabase::each(&Clock::System).await {
        let sealed = {
            let db = database.open().await.unwrap();
            db.vault(OrgId::FIRST)
                .await
                .unwrap()
                .seal(Field("t.c"), 1, "秘密")
        };
        let db = database.open().await.unwrap();
        assert_eq!(
            db.vault(OrgId::FIRST)
                .await
                .unwrap()
                .open(Field("t.c"), 1, &sealed)
                .unwrap(),
            "秘密"
        );

        let key = std::fs::read_to_string(&database.options.key_file).unwrap();
        std::fs::remove_file(&database.options.key_file).unwrap();
        assert!(matches!(database.open().await, Err(DbError::MissingKey(_))));
        assert!(
            !database.options.key_file.exists(),
            "no new key for an old database"
        );

        let other = TestDatabase::sqlite(Clock::System);
        other.open().await.unwrap();
        std::fs::copy(&other.options.key_file, &database.options.key_file).unwrap();
        assert!(matches!(database.open().await, Err(DbError::WrongKey(_))));
        std::fs::write(&database.options.key_file, "something else").unwrap();
        assert!(matches!(database.open().await, Err(DbError::KeyFile { .. })));
        std::fs::write(&database.options.key_file, key).unwrap();
        database.open().await.unwrap();
    }
}

#[tokio::test]
async fn a_newer_schema_is_refused_in_words() {
    const NEWER: Sql = Sql("INSERT INTO schema_version (version, checksum, applied_at) VALUES (999, '', 0)");
    for database in TestDatabase::each(&Clock::System).await {
        let db = database.open().await.unwrap();
        db.write(|tx| Box::pin(tx.execute(NEWER, params![])))
            .await
            .unwrap();
        let refusal = database.open().await.err().unwrap();
        assert!(matches!(refusal, DbError::NewerSchema { found: 999, .. }));
        assert!(refusal.to_string().contains("新しい版"));
    }
}

#[tokio::test]
async fn many_nodes_start_on_an_empty_database_at_once() {
    for database in TestDatabase::each(&Clock::System).await {
        let (a, b, c) = tokio::join!(database.open(), database.open(), database.open());
        for db in [a, b, c] {
            db.unwrap().vault(OrgId::FIRST).await.unwrap();
        }
    }
}

#[tokio::test]
async fn only_one_process_owns_a_sqlite_file_and_a_dead_one_lets_go() {
    let database = TestDatabase::sqlite(Clock::System);
    let (first, second) = (database.open().await.unwrap(), database.open().await.unwrap());
    let node = first.join().await.unwrap().expect("nobody owns it yet");
    assert!(second.join().await.unwrap().is_none());
    let dead = node.id();
    drop(node);
    let node = second.join().await.unwrap().expect("the owner is gone");
    let gone = take_over(&second, &node, second.now()).await;
    assert_eq!(gone, vec![dead]);
}

async fn take_over(db: &Db, node: &Node, now: Millis) -> Vec<NodeId> {
    let node = node.clone();
    db.write(move |tx| {
        let node = node.clone();
        Box::pin(async move { node.take_over(tx, now).await })
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn on_postgres_a_living_node_is_left_alone_until_its_lease_ends() {
    let clock = Clock::manual(1_000_000);
    let Some(database) = TestDatabase::postgres(clock.clone()).await else {
        return;
    };
    let (first, second) = (database.open().await.unwrap(), database.open().await.unwrap());
    let hanging = first.join().await.unwrap().unwrap();
    let node = second.join().await.unwrap().unwrap();
    assert_eq!(take_over(&second, &node, clock.now()).await, vec![]);
    clock.advance(db::node::LEASE + 1);
    assert_eq!(take_over(&second, &node, clock.now()).await, vec![hanging.id()]);
    let now = clock.now();
    let renewal = first
        .write(move |tx| {
            let hanging = hanging.clone();
            Box::pin(async move { hanging.renew(tx, now).await })
        })
        .await;
    assert!(matches!(renewal, Err(DbError::OwnershipLost)));
}
