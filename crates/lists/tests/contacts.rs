#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
//! The contact history: who was written to before, told to every office without telling whom or what; lists known
//! again under another name.

use std::sync::Arc;

use base::clock::{Clock, DAY, HOUR};
use base::id::{ListId, MessageId, OfficeId, OrgId, StaffId};
use base::phone::{self, PhoneNumber};
use db::testing::TestDatabase;
use db::{Db, OrgVault};
use lists::contacts::{
    Asked, Kinship, NewContact, Occasion, Overlap, PersonKeys, PersonValues, Purpose, RowFacts, Whose, facts,
    messages_to, overlaps, record, remember_rows, sightings, withdraw,
};
use lists::read::{ReadOptions, read};
use lists::store::{NewList, Settings, add_list};
use proptest::prelude::*;

const ORG: OrgId = OrgId::FIRST;
const ASAKA: OfficeId = OfficeId::new(2);
const KAWAGUCHI: OfficeId = OfficeId::new(3);
const HANAKO: StaffId = StaffId::new(7);
/// Noon of a Monday in Japan.
const NOON: i64 = 1_789_959_600_000;

async fn each(test: impl AsyncFn(Desk)) {
    for database in TestDatabase::each(&Clock::manual(NOON)).await {
        let options = db::OpenOptions {
            clock: Clock::manual(NOON),
            ..database.options.clone()
        };
        let db = Db::open(&options).await.unwrap();
        let vault = db.vault(ORG).await.unwrap();
        test(Desk { db, vault }).await;
    }
}

/// A database with what the tests do to it.
struct Desk {
    db: Db,
    vault: Arc<OrgVault>,
}

fn number(text: &str) -> PhoneNumber {
    phone::parse(text).unwrap().number
}

impl Desk {
    fn keys(&self, phone: &str, id: &str, name: &str, birth: &str) -> PersonKeys {
        let values = PersonValues {
            phone: phone::parse(phone).ok().map(|parsed| parsed.number),
            id: Some(id),
            name: Some(name),
            birth: Some(birth),
        };
        PersonKeys::of(&self.vault, &values)
    }

    fn taro(&self) -> PersonKeys {
        self.keys("090-1111-2222", "01234567", "見本 太郎", "S60.1.5")
    }

    async fn write(
        &self,
        office: OfficeId,
        purpose: Purpose,
        list: Option<ListId>,
        of: &[(i64, PersonKeys)],
    ) {
        let at = self.db.now();
        let occasion = Occasion {
            office,
            purpose,
            list,
            at,
        };
        let contacts: Vec<NewContact> = of
            .iter()
            .map(|(message, keys)| NewContact {
                message: MessageId::new(*message),
                keys: *keys,
            })
            .collect();
        let contacts = Arc::new(contacts);
        let write = self.db.write(move |tx| {
            let contacts = Arc::clone(&contacts);
            Box::pin(async move { record(tx, ORG, &occasion, &contacts).await })
        });
        write.await.unwrap();
    }

    async fn withdraw(&self, message: i64) {
        let write = self
            .db
            .write(move |tx| Box::pin(async move { withdraw(tx, ORG, &[MessageId::new(message)]).await }));
        write.await.unwrap();
    }

    async fn facts(&self, office: OfficeId, list: Option<ListId>, rows: &[PersonKeys]) -> Vec<RowFacts> {
        let asked = Asked {
            office,
            list,
            days: 30,
        };
        facts(&self.db, ORG, &asked, rows).await.unwrap()
    }

    /// What another office is told about one row.
    async fn fact(&self, keys: PersonKeys) -> RowFacts {
        self.facts(KAWAGUCHI, None, &[keys]).await.remove(0)
    }

    async fn upload(&self, office: OfficeId, rows: &[PersonKeys]) -> ListId {
        let sheet = read(
            "list.csv",
            "電話\n09012345678\n".as_bytes(),
            &ReadOptions::default(),
        );
        let new = NewList {
            role: lists::store::Role::List,
            reference: None,
            office,
            sheet: sheet.unwrap(),
            settings: Settings::default(),
            by: HANAKO,
        };
        let list = add_list(&self.db, ORG, new).await.unwrap();
        let (rows, now) = (rows.to_vec(), self.db.now());
        let write = self.db.write(move |tx| {
            let rows = rows.clone();
            Box::pin(async move { remember_rows(tx, ORG, list, now, &rows).await })
        });
        write.await.unwrap();
        list
    }

    async fn overlaps(&self, list: Option<ListId>, rows: &[PersonKeys]) -> Vec<Overlap> {
        overlaps(&self.db, ORG, list, 30, rows).await.unwrap()
    }

    /// So many different people.
    fn people(&self, range: std::ops::Range<u32>) -> Vec<PersonKeys> {
        range
            .map(|n| {
                let phone = format!("090{}", 10_000_000 + n);
                self.keys(
                    &phone,
                    &format!("{}", 500_000 + n),
                    &format!("見本{n}"),
                    "S60.1.5",
                )
            })
            .collect()
    }
}

#[tokio::test]
async fn every_statement_is_understood_by_both_databases() {
    each(async |desk| {
        let all = lists::store::contacts::ALL.iter().chain(lists::store::since::ALL);
        for (name, sql) in all {
            let prepared = desk.db.prepare(*sql).await;
            prepared.unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    })
    .await;
}

#[tokio::test]
async fn no_search_reads_the_whole_history_or_register() {
    each(async |desk| {
        let all = lists::store::contacts::ALL
            .iter()
            .chain(lists::store::numbers::ALL)
            .chain(lists::store::since::ALL);
        // One page of a register is read in its order; a register is counted whole, and it is short.
        for (name, sql) in all.filter(|(name, _)| !["OF_OFFICE", "COUNT"].contains(name)) {
            for step in desk.db.plan(*sql).await.unwrap() {
                let scanned = step.strip_prefix("SCAN ");
                let one_of = |of| ["w", "weeks", "CONSTANT ROW"].contains(&of);
                let small = scanned.is_none_or(|of| one_of(of) || of.starts_with("each"));
                assert!(small && !step.ends_with("(org_id=?)"), "{name}: {step}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn another_office_is_told_when_by_whom_and_what_for() {
    each(async |desk| {
        desk.write(ASAKA, Purpose::FirstTouch, None, &[(1, desk.taro())])
            .await;
        desk.db.clock().advance(3 * HOUR);
        let told = desk.fact(desk.taro()).await;
        let [earlier] = &told.contacts[..] else {
            panic!("{told:?}")
        };
        assert_eq!((earlier.whose, earlier.office), (Whose::SamePerson, ASAKA));
        assert_eq!(
            (earlier.purpose, earlier.last_at, earlier.times),
            (Purpose::FirstTouch, NOON, 1)
        );
        assert_eq!(told.repeats(Purpose::FirstTouch), Some(earlier));
        assert_eq!(
            told.repeats(Purpose::TestResult),
            None,
            "a result is no repeat of a first touch"
        );
        assert_eq!(told.since(NOON).count(), 1);
        assert_eq!(told.since(NOON + 1).count(), 0);
    })
    .await;
}

#[tokio::test]
async fn yesterday_counts_and_31_days_ago_does_not() {
    each(async |desk| {
        desk.write(ASAKA, Purpose::FirstTouch, None, &[(1, desk.taro())])
            .await;
        for (later, counts) in [(DAY, true), (29 * DAY, true), (DAY, false)] {
            desk.db.clock().advance(later);
            let told = desk.fact(desk.taro()).await;
            assert_eq!(told.repeats(Purpose::FirstTouch).is_some(), counts, "{later}");
            if !counts {
                // The thirtieth day ends with the hour in which it began.
                assert!(told.contacts.is_empty());
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_person_is_known_again_by_id_or_by_name_and_birth_date_at_another_number() {
    each(async |desk| {
        desk.write(ASAKA, Purpose::Survey, None, &[(1, desk.taro())])
            .await;
        let by_id = desk.keys("080-9999-8888", "１２３４５６７", "べつの名", "H3.3.3");
        let by_person = desk.keys("080-9999-8888", "", "見本　太郎", "1985/1/5");
        let landline = desk.keys("048-123-4567", "'01234567", "", "");
        for row in [by_id, by_person, landline] {
            let told = desk.fact(row).await;
            assert_eq!(told.contacts.len(), 1, "{told:?}");
            assert_eq!(told.contacts[0].whose, Whose::SamePerson);
        }
        let nobody = desk.keys("080-9999-8888", "7654321", "見本 太郎", "S60.1.6");
        assert_eq!(desk.fact(nobody).await, RowFacts::default());
    })
    .await;
}

#[tokio::test]
async fn a_number_of_a_family_is_told_and_is_no_repeat() {
    each(async |desk| {
        desk.write(ASAKA, Purpose::FirstTouch, None, &[(1, desk.taro())])
            .await;
        let child = desk.keys("090-1111-2222", "7654321", "見本 花子", "R1.5.5");
        let told = desk.fact(child).await;
        assert_eq!(told.contacts[0].whose, Whose::OtherPerson);
        assert_eq!(told.repeats(Purpose::FirstTouch), None);
        let unsaid = desk.keys("090-1111-2222", "", "", "");
        let told = desk.fact(unsaid).await;
        assert_eq!(told.contacts[0].whose, Whose::SameNumber);
        assert!(
            told.repeats(Purpose::FirstTouch).is_some(),
            "nothing says that it was for somebody else"
        );
    })
    .await;
}

#[tokio::test]
async fn the_surest_stands_first_and_one_message_is_counted_once() {
    each(async |desk| {
        let child = desk.keys("090-1111-2222", "7654321", "見本 花子", "R1.5.5");
        desk.write(ASAKA, Purpose::FirstTouch, None, &[(1, desk.taro())])
            .await;
        desk.db.clock().advance(DAY);
        desk.write(ASAKA, Purpose::FirstTouch, None, &[(2, desk.taro()), (3, child)])
            .await;
        let told = desk.fact(desk.taro()).await;
        let told: Vec<_> = told
            .contacts
            .iter()
            .map(|one| (one.whose, one.times, one.last_at))
            .collect();
        assert_eq!(
            told,
            [
                (Whose::SamePerson, 2, NOON + DAY),
                (Whose::OtherPerson, 1, NOON + DAY)
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn what_was_cancelled_does_not_count() {
    each(async |desk| {
        let child = desk.keys("080-3333-4444", "7654321", "見本 花子", "R1.5.5");
        desk.write(ASAKA, Purpose::FirstTouch, None, &[(1, desk.taro()), (2, child)])
            .await;
        desk.withdraw(1).await;
        assert_eq!(desk.fact(desk.taro()).await, RowFacts::default());
        assert_eq!(
            desk.fact(child).await.contacts.len(),
            1,
            "only the one that was cancelled"
        );
    })
    .await;
}

#[tokio::test]
async fn a_message_is_recorded_once_and_a_list_is_no_repeat_of_itself() {
    each(async |desk| {
        let list = desk.upload(ASAKA, &[desk.taro()]).await;
        for _ in 0..2 {
            desk.write(ASAKA, Purpose::FirstTouch, Some(list), &[(1, desk.taro())])
                .await;
        }
        let own = desk.facts(ASAKA, Some(list), &[desk.taro()]).await;
        assert_eq!(own, [RowFacts::default()]);
        assert_eq!(desk.fact(desk.taro()).await.contacts[0].times, 1);
    })
    .await;
}

#[tokio::test]
async fn another_list_of_today_is_told_until_it_is_sent_and_its_number_only_to_its_office() {
    each(async |desk| {
        let child = desk.keys("090-1111-2222", "7654321", "見本 花子", "R1.5.5");
        let list = desk.upload(ASAKA, &[desk.taro()]).await;
        let told = desk.fact(desk.taro()).await;
        assert_eq!(told.lists.len(), 1);
        assert_eq!(
            (told.lists[0].whose, told.lists[0].office),
            (Whose::SamePerson, ASAKA)
        );
        assert_eq!((told.lists[0].list, told.lists[0].uploaded_at), (None, NOON));
        assert_eq!(desk.fact(child).await.lists[0].whose, Whose::SameNumber);
        let own = desk.facts(ASAKA, None, &[desk.taro()]).await;
        assert_eq!(own[0].lists[0].list, Some(list));
        desk.write(ASAKA, Purpose::FirstTouch, Some(list), &[(1, desk.taro())])
            .await;
        let sent = desk.fact(desk.taro()).await;
        assert_eq!((sent.contacts.len(), sent.lists.len()), (1, 0), "told once");
    })
    .await;
}

#[tokio::test]
async fn lists_of_yesterday_and_withdrawn_lists_are_not_lists_of_today() {
    each(async |desk| {
        desk.upload(ASAKA, &[desk.taro()]).await;
        // Midnight in Japan is fifteen hours into the day of UTC.
        desk.db.clock().advance(11 * HOUR);
        assert_eq!(desk.fact(desk.taro()).await.lists.len(), 1);
        desk.db.clock().advance(HOUR);
        assert!(desk.fact(desk.taro()).await.lists.is_empty());
        let list = desk.upload(ASAKA, &[desk.taro()]).await;
        lists::store::withdraw(&desk.db, ORG, list, HANAKO).await.unwrap();
        assert!(desk.fact(desk.taro()).await.lists.is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_last_list_with_three_rows_more_is_known_again() {
    each(async |desk| {
        let first = desk.upload(ASAKA, &desk.people(0..72)).await;
        desk.upload(KAWAGUCHI, &desk.people(70..140)).await;
        desk.db.clock().advance(DAY);
        let grown = desk.people(0..75);
        let second = desk.upload(ASAKA, &grown).await;
        let found = desk.overlaps(Some(second), &grown).await;
        let [one] = found[..] else { panic!("{found:?}") };
        assert_eq!((one.list, one.office, one.uploaded_at), (first, ASAKA, NOON));
        assert_eq!((one.shared, one.only_here, one.only_there), (72, 3, 0));
        assert_eq!(one.kinship(), Kinship::Grown);
        let old = desk.overlaps(Some(first), &desk.people(0..72)).await;
        assert_eq!(
            old[0].kinship(),
            Kinship::Shrunk,
            "the old version, uploaded once more"
        );
    })
    .await;
}

#[tokio::test]
async fn the_same_rows_under_another_name_are_known_again_in_any_order() {
    each(async |desk| {
        let first = desk.upload(ASAKA, &desk.people(0..40)).await;
        let mut rows = desk.people(0..40);
        rows.reverse();
        rows.push(rows[0]);
        let found = desk.overlaps(None, &rows).await;
        assert_eq!((found[0].list, found[0].kinship()), (first, Kinship::SameRows));
        let half_new = desk.people(20..70);
        assert_eq!(desk.overlaps(None, &half_new).await[0].kinship(), Kinship::Mostly);
        assert!(
            desk.overlaps(None, &desk.people(30..90)).await.is_empty(),
            "a quarter is chance"
        );
        desk.db.clock().advance(31 * DAY);
        assert!(desk.overlaps(None, &rows).await.is_empty(), "long ago");
    })
    .await;
}

#[tokio::test]
async fn earlier_messages_tell_which_keys_went_together() {
    each(async |desk| {
        let child = desk.keys("090-1111-2222", "7654321", "見本 花子", "R1.5.5");
        let stranger = desk.keys("080-5555-6666", "9999999", "見本 三郎", "H1.1.8");
        let all = [(1, desk.taro()), (2, child), (3, stranger), (4, desk.taro())];
        desk.write(ASAKA, Purpose::FirstTouch, None, &all).await;
        let shifted = desk.keys("090-1111-2222", "", "", "");
        let mut seen = sightings(&desk.db, ORG, None, 30, &[shifted]).await.unwrap();
        seen.sort_by_key(|keys| *keys != desk.taro());
        assert_eq!(seen, [desk.taro(), child]);
        let by_id = desk.keys("070-1234-5678", "9999999", "", "");
        assert_eq!(
            sightings(&desk.db, ORG, None, 30, &[by_id]).await.unwrap(),
            [stranger]
        );
    })
    .await;
}

#[tokio::test]
async fn messages_to_a_number_are_found_for_calling_them_back() {
    each(async |desk| {
        let other = desk.keys("080-5555-6666", "9999999", "見本 三郎", "H1.1.8");
        desk.write(ASAKA, Purpose::FirstTouch, None, &[(1, desk.taro()), (2, other)])
            .await;
        desk.db.clock().advance(8 * DAY);
        desk.write(KAWAGUCHI, Purpose::Survey, None, &[(3, desk.taro())])
            .await;
        let (phone, now) = (desk.taro().phone.unwrap(), desk.db.now());
        let find = desk
            .db
            .write(move |tx| Box::pin(async move { messages_to(tx, ORG, phone, now - 30 * DAY, now).await }));
        let found: Vec<_> = find
            .await
            .unwrap()
            .iter()
            .map(|one| (one.message.get(), one.office, one.keys))
            .collect();
        assert_eq!(found, [(1, ASAKA, desk.taro()), (3, KAWAGUCHI, desk.taro())]);
    })
    .await;
}

#[tokio::test]
async fn more_rows_than_one_statement_takes_are_all_told_at_their_place() {
    each(async |desk| {
        let people = desk.people(0..4_500);
        let written: Vec<_> = (1..).zip(people.iter().copied()).skip(4_000).collect();
        desk.write(ASAKA, Purpose::FirstTouch, None, &written).await;
        let told = desk.facts(KAWAGUCHI, None, &people).await;
        let repeats: Vec<usize> = (0..people.len())
            .filter(|row| told[*row].repeats(Purpose::FirstTouch).is_some())
            .collect();
        assert_eq!(repeats, (4_000..4_500).collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test]
async fn the_history_holds_hashes_only() {
    each(async |desk| {
        const PEEK: db::Sql = db::Sql(
            "SELECT CAST(c.phone_index AS TEXT) || ' ' || CAST(c.id_index AS TEXT) || ' ' ||
                CAST(c.person_index AS TEXT) || ' ' || CAST(c.name_index AS TEXT) || ' ' ||
                CAST(c.birth_index AS TEXT) || ' ' || c.purpose || ' ' || CAST(k.key_index AS TEXT)
             FROM contacts c CROSS JOIN list_row_keys k",
        );
        desk.write(ASAKA, Purpose::FirstTouch, None, &[(1, desk.taro())])
            .await;
        desk.upload(ASAKA, &[desk.taro()]).await;
        let rows = desk.db.query(PEEK, Vec::new()).await.unwrap();
        assert_eq!(rows.len(), 4, "number, ID, person, row");
        let all: String = rows.iter().map(|row| row.get::<String>(0).unwrap()).collect();
        for secret in [
            "9011112222",
            "1234567",
            "太郎",
            "1985-01-05",
            "1985/1/5",
            "19850105",
            "S60.1.5",
            "見本",
        ] {
            assert!(!all.contains(secret), "{secret} in {all}");
        }
    })
    .await;
}

#[test]
fn purposes_keep_their_words() {
    for purpose in Purpose::ALL {
        assert_eq!(Purpose::from_word(purpose.as_str()), Some(purpose));
    }
    assert_eq!(Purpose::from_word("初回連絡"), None);
}

#[tokio::test]
async fn running_numbers_are_no_ids_and_a_name_alone_is_no_person() {
    let database = TestDatabase::sqlite(Clock::manual(NOON));
    let desk = Desk {
        db: database.open().await.unwrap(),
        vault: database.open().await.unwrap().vault(ORG).await.unwrap(),
    };
    for running in ["1", "012", "０９９９", " 7 ", "-", "なし"] {
        assert_eq!(desk.keys("", running, "", "").id, None, "{running}");
    }
    assert_eq!(desk.keys("", "", "見本 太郎", "2/14").person, None);
    assert_eq!(desk.keys("", "", "", "").row(), None);
    let some = desk.keys("", "", "見本 太郎", "");
    assert!(some.name.is_some() && some.row().is_some());
    assert_ne!(some.row(), some.name);
    assert_eq!(number("090-1111-2222"), number("+81 90 1111 2222"));
}

/// A vault without waiting, for the properties.
fn vault() -> Arc<OrgVault> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let database = TestDatabase::sqlite(Clock::manual(NOON));
        database.open().await.unwrap().vault(ORG).await.unwrap()
    })
}

#[test]
fn spelling_changes_no_key_and_another_value_does() {
    let vault = vault();
    let of = |id: &str, name: &str, birth: &str| {
        let values = PersonValues {
            phone: None,
            id: Some(id),
            name: Some(name),
            birth: Some(birth),
        };
        PersonKeys::of(&vault, &values)
    };
    proptest!(|(id in 10_000_u32..99_999_999, other in 10_000_u32..99_999_999, day in 1_u8..=28)| {
        let wide: String = id.to_string().chars().map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap()).collect();
        let plain = of(&id.to_string(), "ミホン タロウ", &format!("1985/1/{day}"));
        prop_assert_eq!(plain, of(&format!(" 0{wide}\u{a0}"), "ﾐﾎﾝ　ﾀﾛｳ", &format!("昭和60年1月{day}日")));
        prop_assert_eq!(plain.id == of(&other.to_string(), "", "").id, id == other);
        prop_assert!(plain.is_same_person(&of(&id.to_string(), "べつ", "")));
        let longer = of(&format!("{id}9"), "", "");
        prop_assert!(plain.is_other_person(&longer));
        prop_assert!(!plain.is_other_person(&of("", "", "")));
    });
}
