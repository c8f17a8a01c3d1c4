//! The chain of the audit trail, and what somebody finds out who changes it as the owner of the database.
//!
//! ASVS 16.4.2 (row 73), threat 24: edit, delete, reorder as superuser, truncate the tail.

use accounts::alarms::{acknowledge, open_alarms};
use accounts::audit::{Action, Entry, record_alone};
use accounts::chain::{Break, Broken, Checkpoint, StoredEntry, from_hex, hex};
use accounts::sealer::{Sealer, read_checkpoints, verify, verify_last};
use accounts::trail_file;
use accounts::trail_watch::look;
use base::clock::{Clock, DAY, HOUR};
use base::id::{OrgId, StaffId};
use db::testing::TestDatabase;
use db::{DatabaseUrl, Db, DbError, Sql, Value, params};

const START: i64 = 1_795_323_909_000;
const LOOK: Action = Action {
    code: "list.look",
    label: "リストを見た",
};
const OPEN_SQLITE: [Sql; 4] = [
    Sql("DROP TRIGGER audit_entries_no_update"),
    Sql("DROP TRIGGER audit_entries_no_delete"),
    Sql("DROP TRIGGER audit_seals_no_update"),
    Sql("DROP TRIGGER audit_seals_no_delete"),
];
const OPEN_POSTGRES: [Sql; 4] = [
    Sql("DROP TRIGGER audit_entries_no_change ON audit_entries"),
    Sql("DROP TRIGGER audit_seals_no_change ON audit_seals"),
    Sql("GRANT ALL ON audit_entries TO CURRENT_USER"),
    Sql("GRANT ALL ON audit_seals TO CURRENT_USER"),
];

struct Trail {
    db: Db,
    clock: Clock,
    sealer: Sealer,
    database: TestDatabase,
}

impl Trail {
    /// Ten entries, sealed and signed.
    async fn of_ten(database: TestDatabase, clock: &Clock) -> Self {
        let db = database.open().await.unwrap();
        let sealer = Sealer::new(db.clone(), database.directory.path().join("checkpoints"));
        let mut trail = Self {
            db,
            clock: clock.clone(),
            sealer,
            database,
        };
        trail.add(10).await;
        trail.sealer.end().await;
        trail
    }

    async fn add(&self, count: i64) {
        for id in 1..=count {
            self.clock.advance(1);
            let entry = Entry::of(LOOK).about("lists", id).with("みほん");
            record_alone(&self.db, OrgId::FIRST, entry).await.unwrap();
        }
    }

    /// What the owner of the database can do: the triggers go.
    async fn open(&self) {
        let statements = match self.database.options.url {
            DatabaseUrl::Sqlite(_) => OPEN_SQLITE,
            DatabaseUrl::Postgres(_) => OPEN_POSTGRES,
        };
        for statement in statements {
            self.run(statement, params![]).await.unwrap();
        }
    }

    async fn run(&self, sql: Sql, values: Vec<Value>) -> Result<u64, DbError> {
        self.db
            .write(move |tx| {
                let values = values.clone();
                Box::pin(async move { tx.execute(sql, values).await })
            })
            .await
    }

    /// The entry with this place in the chain.
    async fn entry(&self, seq: i64) -> i64 {
        const ENTRY: Sql = Sql("SELECT entry_id FROM audit_seals WHERE seq = $1");
        let row = self.db.query_opt(ENTRY, params![seq]).await.unwrap();
        row.unwrap().get(0).unwrap()
    }

    fn checkpoints(&self) -> Vec<Checkpoint> {
        let file = self.database.directory.path().join("checkpoints");
        let (good, bad) = read_checkpoints(&self.db, &std::fs::read_to_string(file).unwrap());
        assert_eq!(bad, []);
        good
    }

    async fn broken(&self) -> Option<(i64, Option<i64>, Break)> {
        let found = verify(&self.db, OrgId::FIRST, &self.checkpoints()).await.unwrap();
        found
            .broken
            .map(|Broken { seq, entry_id, what }| (seq, entry_id, what))
    }
}

async fn on_each(test: impl AsyncFn(Trail)) {
    let clock = Clock::manual(START);
    for database in TestDatabase::each(&clock).await {
        test(Trail::of_ten(database, &clock).await).await;
    }
}

const CHANGE: Sql = Sql("UPDATE audit_entries SET subject_id = 99 WHERE entry_id = $1");
const DELETE: Sql = Sql("DELETE FROM audit_entries WHERE entry_id = $1");
const DELETE_SEAL: Sql = Sql("DELETE FROM audit_seals WHERE seq >= $1");

#[tokio::test]
async fn asvs_16_4_3_entries_are_sealed_in_order_and_signed_outside_of_the_database() {
    on_each(async |mut trail| {
        assert_eq!(trail.broken().await, None);
        assert_eq!(trail.checkpoints().len(), 1);
        trail.add(3).await;
        let found = verify(&trail.db, OrgId::FIRST, &[]).await.unwrap();
        assert_eq!((found.reached, found.waiting), (10, 3));
        trail.sealer.look().await;
        let found = verify_last(&trail.db, OrgId::FIRST, 4).await.unwrap();
        assert_eq!((found.reached, found.waiting, found.broken), (13, 0, None));
        trail.clock.advance(HOUR);
        trail.sealer.look().await;
        let seqs: Vec<i64> = trail.checkpoints().iter().map(|mark| mark.seq).collect();
        assert_eq!(seqs, [10, 13]);
        trail.clock.advance(HOUR);
        trail.sealer.look().await;
        assert_eq!(trail.checkpoints().len(), 2, "nothing happened since");
    })
    .await;
}

#[tokio::test]
async fn asvs_16_4_2_the_program_itself_cannot_change_what_happened() {
    on_each(async |trail| {
        const CHANGE_SEAL: Sql = Sql("UPDATE audit_seals SET hash = '' WHERE seq = $1");
        let entry = trail.entry(5).await;
        for (sql, value) in [
            (CHANGE, entry),
            (DELETE, entry),
            (CHANGE_SEAL, 5),
            (DELETE_SEAL, 5),
        ] {
            assert!(trail.run(sql, params![value]).await.is_err(), "{}", sql.0);
        }
        let emptied = match trail.database.options.url {
            DatabaseUrl::Sqlite(_) => {
                Sql("REPLACE INTO audit_seals SELECT org_id, seq, entry_id, '' FROM audit_seals")
            }
            DatabaseUrl::Postgres(_) => Sql("TRUNCATE audit_entries"),
        };
        assert!(trail.run(emptied, params![]).await.is_err());
        assert_eq!(trail.broken().await, None);
    })
    .await;
}

#[tokio::test]
async fn asvs_16_4_2_an_entry_that_was_changed_or_deleted_is_named() {
    on_each(async |trail| {
        let (third, sixth) = (trail.entry(3).await, trail.entry(6).await);
        trail.open().await;
        trail.run(CHANGE, params![sixth]).await.unwrap();
        assert_eq!(trail.broken().await, Some((6, Some(sixth), Break::Changed)));
        trail.run(DELETE, params![third]).await.unwrap();
        assert_eq!(trail.broken().await, Some((3, Some(third), Break::Missing)));
        trail
            .run(Sql("DELETE FROM audit_seals WHERE seq = $1"), params![2])
            .await
            .unwrap();
        assert_eq!(trail.broken().await, Some((2, None, Break::Missing)));
    })
    .await;
}

#[tokio::test]
async fn entries_that_changed_places_and_ones_that_were_put_in_are_named() {
    on_each(async |trail| {
        const PLACE: Sql = Sql("UPDATE audit_seals SET entry_id = $2 WHERE seq = $1");
        const PUT_IN: Sql = Sql("INSERT INTO audit_entries (org_id, entry_id, at, action, outcome)
            VALUES (1, $1, $2, 'list.look', 'done')");
        let (fourth, fifth) = (trail.entry(4).await, trail.entry(5).await);
        trail.open().await;
        for (seq, entry) in [(4, 0), (5, fourth), (4, fifth)] {
            trail.run(PLACE, params![seq, entry]).await.unwrap();
        }
        assert_eq!(trail.broken().await, Some((4, Some(fifth), Break::Reordered)));
        for (seq, entry) in [(4, 0), (5, fifth), (4, fourth)] {
            trail.run(PLACE, params![seq, entry]).await.unwrap();
        }
        assert_eq!(trail.broken().await, None);
        let long_ago = (START - 2 * DAY) << 20;
        trail
            .run(PUT_IN, params![long_ago, START - 2 * DAY])
            .await
            .unwrap();
        assert_eq!(trail.broken().await, Some((0, Some(long_ago), Break::Inserted)));
    })
    .await;
}

#[tokio::test]
async fn a_tail_that_was_cut_off_and_a_chain_that_was_made_anew_are_found_by_the_checkpoints() {
    on_each(async |mut trail| {
        let (eighth, ninth) = (trail.entry(8).await, trail.entry(9).await);
        let tail = [eighth, ninth, trail.entry(10).await];
        trail.open().await;
        trail.run(DELETE_SEAL, params![8]).await.unwrap();
        for entry in tail {
            trail.run(DELETE, params![entry]).await.unwrap();
        }
        let without = verify(&trail.db, OrgId::FIRST, &[]).await.unwrap();
        assert_eq!(without.broken, None, "the database alone does not tell");
        assert_eq!(trail.broken().await, Some((7, None, Break::CutOff)));
        // Whoever goes on as if nothing had been makes a chain that is whole and another one.
        trail.add(5).await;
        trail.sealer.look().await;
        let tenth = trail.entry(10).await;
        assert_eq!(trail.broken().await, Some((10, Some(tenth), Break::Rewritten)));
    })
    .await;
}

#[tokio::test]
async fn a_checkpoint_that_was_edited_is_none() {
    on_each(async |trail| {
        let file = trail.database.directory.path().join("checkpoints");
        let text = std::fs::read_to_string(file).unwrap();
        let edited = text.replace(" 10 ", " 7 ");
        assert_ne!(edited, text);
        let (good, bad) = read_checkpoints(&trail.db, &edited);
        let lines: Vec<usize> = bad.iter().map(|line| line.number).collect();
        assert_eq!((good.len(), lines), (0, vec![1]));
    })
    .await;
}

#[tokio::test]
async fn a_broken_trail_raises_one_alarm_that_stays_until_somebody_has_seen_it() {
    on_each(async |trail| {
        let file = trail.database.directory.path().join("checkpoints");
        let open = async || open_alarms(&trail.db, OrgId::FIRST, 10).await.unwrap();
        look(&trail.db, &file).await.unwrap();
        assert!(open().await.is_empty(), "it is whole");
        trail.open().await;
        trail.run(CHANGE, params![trail.entry(4).await]).await.unwrap();
        for _ in 0..2 {
            look(&trail.db, &file).await.unwrap();
        }
        let alarms = open().await;
        assert_eq!(alarms.len(), 1, "{alarms:?}");
        assert_eq!(alarms[0].kind, "trail");
        let words = alarms[0].detail.clone().unwrap();
        assert!(
            words.starts_with("4番目の記録") && words.ends_with("が書き換えられています。"),
            "{words}"
        );
        let seen = acknowledge(&trail.db, OrgId::FIRST, alarms[0].id, StaffId::new(1)).await;
        assert!(seen.unwrap());
        look(&trail.db, &file).await.unwrap();
        assert!(open().await.is_empty(), "what was seen to is not raised again");
        trail.run(CHANGE, params![trail.entry(2).await]).await.unwrap();
        look(&trail.db, &file).await.unwrap();
        assert_eq!(open().await.len(), 1, "another break is another alarm");
    })
    .await;
}

#[tokio::test]
async fn a_line_whose_signature_does_not_fit_raises_the_same_alarm_for_everybody_once() {
    on_each(async |trail| {
        let file = trail.database.directory.path().join("checkpoints");
        let whole = std::fs::read_to_string(&file).unwrap();
        let open = async || open_alarms(&trail.db, OrgId::FIRST, 10).await.unwrap();
        std::fs::write(&file, whole.replace(" 10 ", " 7 ")).unwrap();
        for _ in 0..2 {
            look(&trail.db, &file).await.unwrap();
        }
        let alarms = open().await;
        assert_eq!(alarms.len(), 1, "{alarms:?}");
        assert_eq!(alarms[0].kind, "trail");
        let words = alarms[0].detail.clone().unwrap();
        assert!(words.contains("1行目は、署名が合いません"), "{words}");
        let seen = acknowledge(&trail.db, OrgId::FIRST, alarms[0].id, StaffId::new(1)).await;
        assert!(seen.unwrap());
        look(&trail.db, &file).await.unwrap();
        assert!(open().await.is_empty(), "what was seen to is not raised again");
        std::fs::write(&file, whole.replace(" 10 ", " 8 ")).unwrap();
        look(&trail.db, &file).await.unwrap();
        assert_eq!(open().await.len(), 1, "changed once more is another finding");
    })
    .await;
}

#[tokio::test]
async fn a_file_of_the_sealed_trail_can_be_recounted() {
    on_each(async |trail| {
        let mut bytes = Vec::new();
        let last = trail.clock.now();
        let range = (last - 7, last - 2);
        let rows = trail_file::write(&trail.db, OrgId::FIRST, range, &mut bytes)
            .await
            .unwrap();
        assert_eq!(rows, 5);
        let text = String::from_utf8(bytes).unwrap();
        let mut lines = text.strip_prefix('\u{feff}').unwrap().lines();
        assert!(lines.next().unwrap().starts_with("順,封印,前の封印,"), "{text}");
        let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
        for (at, row) in rows.iter().enumerate() {
            let cell = |number: usize| row[number].strip_prefix('\'').unwrap_or(row[number]);
            let number = |at: usize| cell(at).parse::<i64>().ok();
            let words = |at: usize| Some(cell(at).to_owned()).filter(|text| !text.is_empty());
            let entry = StoredEntry {
                id: number(3).unwrap(),
                at: number(4).unwrap(),
                staff: number(5),
                office: number(6),
                source_sealed: words(7),
                action: cell(8).to_owned(),
                outcome: cell(9).to_owned(),
                subject_kind: words(10),
                subject: number(11),
                detail_sealed: words(12),
            };
            let before = from_hex(cell(2)).unwrap();
            assert_eq!(hex(&entry.seal(OrgId::FIRST, &before)), cell(1), "{row:?}");
            assert!(at == 0 || rows[at - 1][1] == cell(2), "the chain goes on");
            assert!(
                row[13].starts_with("2026-11-22") && row[15] == "みほん",
                "{row:?}"
            );
        }
    })
    .await;
}
