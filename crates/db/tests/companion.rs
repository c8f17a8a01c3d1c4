#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
//! What goes along with the first write of a request, on both databases.

use base::clock::Clock;
use db::testing::TestDatabase;
use db::{Db, DbError, Sql, params};

const ADD_NODE: Sql = Sql("INSERT INTO nodes (node_id, started_at, lease_until) VALUES ($1, 0, 0)");
const NODES: Sql = Sql("SELECT node_id FROM nodes WHERE node_id > 900 ORDER BY node_id");

/// A companion that leaves 999 behind, and a write that leaves `number` behind or fails after it.
fn companion() -> db::Companion {
    db::Companion::new(|tx| Box::pin(async move { tx.execute(ADD_NODE, params![999]).await.map(drop) }))
}

fn write(db: &Db, number: i64, fails: bool) -> impl Future<Output = Result<(), DbError>> {
    db.write(move |tx| {
        Box::pin(async move {
            tx.execute(ADD_NODE, params![number]).await?;
            if fails {
                return Err(DbError::Statement("on purpose".to_owned()));
            }
            Ok(())
        })
    })
}

async fn nodes(db: &Db) -> Vec<i64> {
    let rows = db.query(NODES, params![]).await.unwrap();
    rows.iter().map(|row| row.get(0).unwrap()).collect()
}

#[tokio::test]
async fn a_companion_goes_along_with_the_first_write_that_stands_and_with_no_other() {
    for database in TestDatabase::each(&Clock::System).await {
        let db = database.open().await.unwrap();
        let companion = companion();
        companion
            .around(async {
                assert!(write(&db, 901, true).await.is_err());
                assert!(!companion.is_done(), "what is undone with its write is not done");
                write(&db, 902, false).await.unwrap();
                assert!(companion.is_done());
                write(&db, 903, false).await.unwrap();
            })
            .await;
        write(&db, 904, false).await.unwrap();
        assert_eq!(nodes(&db).await, [902, 903, 904, 999]);
    }
}

#[tokio::test]
async fn of_writes_at_the_same_time_one_carries_the_companion() {
    for database in TestDatabase::each(&Clock::System).await {
        let db = database.open().await.unwrap();
        let companion = companion();
        companion
            .around(async {
                let writes = (901..950).map(|number| write(&db, number, number % 2 == 0));
                for write in writes.collect::<Vec<_>>() {
                    let _ = write.await;
                }
            })
            .await;
        let found = nodes(&db).await;
        assert_eq!(found.len(), 26, "{found:?}");
        assert_eq!(found.last(), Some(&999));
    }
}

#[tokio::test]
async fn a_write_goes_down_with_a_companion_that_fails() {
    for database in TestDatabase::each(&Clock::System).await {
        let db = database.open().await.unwrap();
        let failing = db::Companion::new(|_| Box::pin(async { Err(DbError::Statement("no".to_owned())) }));
        assert!(
            failing
                .around(async { write(&db, 901, false).await })
                .await
                .is_err()
        );
        assert_eq!(nodes(&db).await, [0; 0]);
    }
}
