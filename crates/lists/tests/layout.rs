#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
//! Columns by name: proposed, chosen, remembered, and asked about when a layout has changed.

use base::{
    clock::{Clock, HOUR},
    id::{OfficeId, OrgId, StaffId},
    merge::MessageTemplate,
};
use db::{Db, testing::TestDatabase};
use lists::{
    check::{Brief, Checked, RowText},
    layout::{How, Layout, Mapping, Proposal, Renamed, changed, propose},
    read::{ReadOptions, read},
    sheet::Sheet,
    store::layouts::{self, last_layout, recall, remember, set_last_layout, versions},
};
use proptest::prelude::*;

const ORG: OrgId = OrgId::FIRST;
const ASAKA: OfficeId = OfficeId::new(2);
const CHICHIBU: OfficeId = OfficeId::new(3);
const HANAKO: StaffId = StaffId::new(7);

fn sheet(text: &str) -> Sheet {
    read("list", text.as_bytes(), &ReadOptions::default()).unwrap()
}

fn layout(headings: &str) -> Layout {
    Layout::new(headings.split(',').map(str::to_owned))
}

fn proposal(list: &Sheet, fields: &[&str], earlier: &[Mapping]) -> Proposal {
    let fields: Vec<String> = fields.iter().map(|field| (*field).to_owned()).collect();
    propose(list, &fields, earlier)
}

fn columns(proposal: &Proposal) -> (Option<usize>, Vec<Option<(usize, How)>>) {
    let fields = proposal.fields.iter().map(|field| field.column).collect();
    (proposal.to.column.map(|(column, _)| column), fields)
}

#[test]
fn fields_are_proposed_by_name_meaning_and_content() {
    let list = sheet(
        "整理番号,ハーシスID,患者氏名,携帯番号,診断 年月日\n1,0123,見本,090-1111-1111,2/14\n2,0124,見本,090-2222-2222,2/14\n",
    );
    let found = proposal(&list, &["整理番号", "HER-SYS ID", "氏名", "診断日", "医師"], &[]);
    assert_eq!(
        columns(&found),
        (
            Some(3),
            vec![
                Some((0, How::Exact)),
                Some((1, How::Synonym)),
                Some((2, How::Synonym)),
                Some((4, How::Synonym)),
                None
            ]
        )
    );
    assert!(!found.is_sure(), "a person looks at what was guessed");
    let fields = ["整理番号", "HER-SYS ID", "氏名", "診断日", "医師"].map(str::to_owned);
    assert_eq!(found.mapping(&list, &fields), None, "one column is still missing");
    let without = proposal(&list, &["HER-SYS ID"], &[])
        .mapping(&list, &fields[1..2])
        .unwrap();
    assert_eq!(
        (without.to(), without.field("HER-SYS ID")),
        ("携帯番号", Some("ハーシスID"))
    );
}

#[test]
fn where_two_columns_may_be_meant_a_person_chooses() {
    let list = sheet("ID,ハーシスID,電話番号,保護者電話番号\n1,0123,090-1111-1111,080-1111-1111\n");
    let found = proposal(&list, &["HER-SYS ID"], &[]);
    assert_eq!(columns(&found), (None, vec![None]));
    assert_eq!(found.to.others, [2, 3]);
    assert_eq!(found.fields[0].others, [0, 1]);

    let chosen = Mapping::new("電話番号").with_field("HER-SYS ID", "ハーシスID");
    let found = proposal(&list, &["HER-SYS ID"], &[chosen]);
    assert_eq!(columns(&found), (Some(2), vec![Some((1, How::Remembered))]));
    assert!(found.is_sure());
}

#[test]
fn a_mapping_takes_a_field_from_a_column_of_another_name() {
    let list = sheet("携帯,ハーシスID\n090-1111-1111,0123\n");
    let template = MessageTemplate::parse("ID:{{HER-SYS ID}}").unwrap();
    let mapping = Mapping::new("携帯").with_field("ＨＥＲ-SYS ID", "ハーシスID");
    let columns = mapping.apply(&list, template.fields()).unwrap();
    let text = RowText::japanese(template.clone(), columns.fields);
    let checked = Checked::of(&list, &Brief::of(columns.to, vec![text]));
    assert_eq!(checked.rows[0].text.as_deref(), Some("ID:0123"));

    let moved = sheet("ハーシスID,備考,携帯\n0123,,090-1111-1111\n");
    let columns = mapping.apply(&moved, template.fields()).unwrap();
    assert_eq!(
        (columns.to, columns.fields),
        (2, vec![Some(0)]),
        "by name, never by place"
    );

    let gone = sheet("携帯,HER-SYS ID\n090-1111-1111,0123\n");
    let problems = mapping.apply(&gone, template.fields()).unwrap_err();
    assert_eq!(
        problems[0].code().code(),
        "column.mapping_lost",
        "a choice is not quietly replaced"
    );
    assert!(problems[0].to_string().contains("「ハーシスID」"));

    let double = sheet("携帯,ハーシスID,ハーシスＩＤ\n090-1111-1111,0123,0124\n");
    let exact = mapping.apply(&double, template.fields()).unwrap();
    assert_eq!(exact.fields, [Some(1)]);
    let folded = Mapping::new("携帯").with_field("HER-SYS ID", "ﾊｰｼｽID");
    let problems = folded.apply(&double, template.fields()).unwrap_err();
    assert_eq!(problems[0].code().code(), "column.double");
}

#[test]
fn a_layout_is_known_by_its_headings_in_any_order() {
    assert_eq!(
        layout("ID,電話番号,,氏名").key(),
        layout("氏　名,ＩＤ,電話番号").key()
    );
    assert_ne!(layout("ID,電話番号").key(), layout("ID,電話番号,備考").key());
    assert_ne!(layout("ID,備考").key(), layout("ID,備考,備考").key());
    assert_eq!(format!("{:?}", layout("見本 花子")), "Layout(1 headings)");
}

#[test]
fn what_changed_is_told_and_only_columns_that_came_or_went_are_asked_about() {
    let last = layout("No,HER-SYS ID,氏名,電話番号,備考");
    let same = changed(&last, &layout("Ｎｏ,HER-SYS ID,氏　名,電話番号,備考"));
    assert!(same.is_empty() && !same.asks());

    let moved = changed(&last, &layout("No,電話番号,HER-SYS ID,氏名,備考"));
    assert_eq!(moved.moved, ["電話番号"]);
    assert!(!moved.asks() && !moved.is_empty());

    let renamed = changed(&last, &layout("No,ハーシスID,患者氏名,電話番号,備考,年齢"));
    let names = |from: &str, to: &str| Renamed {
        from: from.to_owned(),
        to: to.to_owned(),
    };
    assert!(renamed.renamed == [names("HER-SYS ID", "ハーシスID"), names("氏名", "患者氏名")]);
    assert_eq!(
        (renamed.added.as_slice(), renamed.removed.len()),
        (&["年齢".to_owned()][..], 0)
    );
    assert!(renamed.asks());

    let gone = changed(&last, &layout("No,HER-SYS ID,氏名,電話番号"));
    assert_eq!(gone.removed, ["備考"]);
    assert!(gone.asks());

    let twice = changed(&last, &layout("No,HER-SYS ID,氏名,電話番号,備考,備考"));
    assert_eq!(
        (twice.added.as_slice(), twice.asks()),
        (&["備考".to_owned()][..], true)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_shuffled_layout_never_asks_and_moves_as_little_as_needed(
        order in Just((0..8usize).collect::<Vec<_>>()).prop_shuffle(),
        dropped in prop::option::of(0..8usize),
    ) {
        let name = |column: &usize| format!("欄{}", ["甲", "乙", "丙", "丁", "戊", "己", "庚", "辛"][*column]);
        let last = Layout::new((0..8).map(|column| name(&column)));
        let now = Layout::new(order.iter().filter(|column| dropped != Some(**column)).map(name));
        let change = changed(&last, &now);
        prop_assert_eq!(change.asks(), dropped.is_some());
        prop_assert_eq!(change.moved.is_empty(), now.headings().is_sorted_by_key(|heading| {
            last.headings().iter().position(|other| other == heading)
        }));
        // What did not move stands as before.
        let stays: Vec<_> = now.headings().iter().filter(|heading| !change.moved.contains(heading)).collect();
        prop_assert!(stays.is_sorted_by_key(|heading| last.headings().iter().position(|other| other == *heading)));
        prop_assert_eq!(last.key() == now.key(), dropped.is_none());
    }
}

async fn each(test: impl AsyncFn(Db, Clock)) {
    for database in TestDatabase::each(&Clock::manual(1_790_000_000_000)).await {
        let options = db::OpenOptions {
            clock: Clock::manual(1_790_000_000_000),
            ..database.options.clone()
        };
        let db = Db::open(&options).await.unwrap();
        let clock = db.clock().clone();
        test(db, clock).await;
    }
}

#[tokio::test]
async fn every_statement_is_understood_by_both_databases() {
    each(async |db, _| {
        for (name, sql) in layouts::ALL {
            db.prepare(*sql)
                .await
                .unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    })
    .await;
}

#[tokio::test]
async fn choices_are_versioned_shared_and_kept_apart() {
    each(async |db, clock| {
        let key = layout("携帯,ハーシスID").key();
        assert_eq!(recall(&db, ORG, ASAKA, &key).await.unwrap(), None);
        let first = Mapping::new("携帯");
        let second = first.clone().with_field("HER-SYS ID", "ハーシスID");
        let keep = async |office, mapping: &Mapping| {
            remember(&db, ORG, office, &key, mapping.clone(), HANAKO)
                .await
                .unwrap()
        };
        assert_eq!(keep(ASAKA, &first).await, 1);
        assert_eq!(keep(ASAKA, &first).await, 1, "the same choice is no new version");
        clock.advance(HOUR);
        assert_eq!(keep(ASAKA, &second).await, 2);

        let shared = recall(&db, ORG, CHICHIBU, &key).await.unwrap().unwrap();
        assert_eq!(
            (&shared.mapping, shared.office, shared.version),
            (&second, ASAKA, 2)
        );
        clock.advance(HOUR);
        assert_eq!(keep(CHICHIBU, &first).await, 1);
        let own = recall(&db, ORG, ASAKA, &key).await.unwrap().unwrap();
        assert_eq!(
            (own.mapping, own.office),
            (second, ASAKA),
            "another office's newer choice does not push in"
        );

        let all = versions(&db, ORG, &key).await.unwrap();
        let told: Vec<(OfficeId, i64, StaffId)> =
            all.iter().map(|one| (one.office, one.version, one.by)).collect();
        assert_eq!(
            told,
            [(CHICHIBU, 1, HANAKO), (ASAKA, 2, HANAKO), (ASAKA, 1, HANAKO)]
        );
        let other = layout("携帯,ID").key();
        assert_eq!(recall(&db, ORG, ASAKA, &other).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn two_people_choosing_at_once_both_leave_a_version() {
    each(async |db, _| {
        let key = layout("携帯").key();
        let choices = (0..8).map(|n| {
            let (db, key) = (db.clone(), key.clone());
            let mapping = Mapping::new("携帯").with_field("番号", n.to_string());
            tokio::spawn(async move { remember(&db, ORG, ASAKA, &key, mapping, HANAKO).await.unwrap() })
        });
        let mut given = Vec::new();
        for choice in choices.collect::<Vec<_>>() {
            given.push(choice.await.unwrap());
        }
        given.sort_unstable();
        assert_eq!(given, (1..=8).collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test]
async fn the_last_layout_is_kept_by_office_and_kind() {
    each(async |db, _| {
        assert_eq!(last_layout(&db, ORG, ASAKA, "first_touch").await.unwrap(), None);
        for headings in ["ID,電話番号", "電話番号,ID,備考"] {
            set_last_layout(&db, ORG, ASAKA, "first_touch", &layout(headings), HANAKO)
                .await
                .unwrap();
        }
        let last = last_layout(&db, ORG, ASAKA, "first_touch")
            .await
            .unwrap()
            .unwrap();
        assert_eq!(last.layout.headings(), ["電話番号", "ID", "備考"]);
        assert_eq!(last_layout(&db, ORG, ASAKA, "result").await.unwrap(), None);
        assert_eq!(
            last_layout(&db, ORG, CHICHIBU, "first_touch").await.unwrap(),
            None
        );
    })
    .await;
}

#[test]
fn a_choice_for_fewer_fields_keeps_the_others() {
    let earlier = Mapping::new("電話")
        .with_field("ID", "ハーシスID")
        .with_field("氏名", "患者名");
    let now = Mapping::new("携帯").with_field("ID", "HER-SYS ID").over(&earlier);
    assert_eq!(
        (now.to(), now.field("ID"), now.field("氏名")),
        ("携帯", Some("HER-SYS ID"), Some("患者名"))
    );
}
