//! Whose a number, a name and a row are.

use base::date::CalendarDate;

use super::{read, read_all};
use crate::intake::{Circumstances, Columns, ReadRow};

#[test]
fn a_number_that_is_said_to_be_somebody_else_s_is_never_the_person_s_own() {
    for cell in [
        "090-1234-5678（父）",
        "なし（母の携帯 090-1234-5678）",
        "090-1234-5678（保護者）",
    ] {
        let person = read("電話番号", cell).0.person;
        assert_eq!(
            (person.mobiles.len(), person.guardian_mobiles.len()),
            (0, 1),
            "{cell}"
        );
    }
    for cell in [
        "090-1234-5678（妻）",
        "090-1234-5678 友人",
        "090-1234-5678（配偶者）",
        "090-1234-5678（ケアマネ）",
        "090-1234-5678（旧番号）",
        "090-1234-5678（母の友人）",
        "勤務先 090-1234-5678",
        "090-1234-5678×使われていない",
        "090-1234-5678 ×",
        "SMS不可 090-1234-5678",
    ] {
        let person = read("電話番号", cell).0.person;
        assert!(
            person.mobiles.is_empty() && person.guardian_mobiles.is_empty(),
            "{cell}"
        );
        assert_eq!(person.landlines, [cell], "whoever telephones sees it");
    }
    for cell in [
        "本人携帯 090-1234-5678",
        "090-1234-5678（18時以降）",
        "携帯090ー1234ー5678",
        "第1連絡先 090-1234-5678",
        "090-1234-5678（SMS可・平日の昼）",
        "090-1234-5678（午前中希望）",
        "090-1234-5678（ドコモ）",
        "本人様 090-1234-5678",
    ] {
        let (told, remarks) = read("電話番号", cell);
        assert_eq!(
            (told.person.mobiles.len(), remarks.len()),
            (1, 0),
            "{cell}: {remarks:?}"
        );
    }
    assert_eq!(read("電話番号", "489990001").0.person.landlines, ["0489990001"]);
    let cut = read("電話番号", "901234567").0.person;
    assert!(
        cut.landlines.is_empty(),
        "a mobile number that is too short is none"
    );
    let guardian = read("保護者", "090-1234-5678").0.person;
    assert_eq!((guardian.guardian, guardian.guardian_mobiles.len()), (None, 1));
    let both = read("保護者", "見本 太郎（父）090-1234-5678").0.person;
    assert!(both.guardian.is_some_and(|name| name.contains("見本 太郎")));
    assert_eq!(both.guardian_mobiles.len(), 1);
    let school = read("緊急連絡先", "090-1234-5678（担任・学校）").0.person;
    assert_eq!((school.guardian_mobiles.len(), school.landlines.len()), (0, 1));
}

#[test]
fn a_name_stands_in_one_column_or_in_two() {
    let headings = ["姓", "名", "セイ", "メイ", "電話番号"];
    let found = row(&headings, &["見本", "花子", "ミホン", "ハナコ", "090-1234-5678"]).expect("a person");
    let found = found.person;
    assert_eq!(
        (found.name.as_str(), found.kana.as_deref()),
        ("見本　花子", Some("ミホン　ハナコ"))
    );
    for (headings, cells) in [
        (["氏名", "姓", "名", "年齢"], ["見本 花子", "見本", "花子", "3"]),
        (["姓", "名", "氏名", "年齢"], ["見本", "花子", "見本花子", "3"]),
        (["患者姓", "患者名", "備考", "年齢"], ["見本", "花子", "", "3"]),
        (
            ["氏名（姓）", "氏名（名）", "備考", "年齢"],
            ["見本", "花子", "", "3"],
        ),
    ] {
        let found = row(&headings, &cells).expect("a person");
        assert_eq!(found.person.name.replace(['　', ' '], ""), "見本花子");
    }
    for name in ["合計", "小計１名", "2名", "計", "作成者 佐々木", "以上"] {
        let found = row(&["氏名", "年齢", "電話番号"], &[name, "3", "090-1234-5678"]);
        assert!(found.is_err(), "{name} is nobody");
    }
    let row_of = |name: &str, age: &str| row(&["氏名", "年齢", "電話番号"], &[name, age, "090-1234-5678"]);
    assert!(row_of("※電話番号のない方は固定電話へ", "").is_err());
    assert!(row_of("※見本 花子", "30").is_ok(), "somebody is marked");
    for name in ["以上 花子", "計良 一郎", "平野 均", "見本\n花子"] {
        assert!(
            row(&["氏名", "年齢", "電話番号"], &[name, "3", ""]).is_ok(),
            "{name}"
        );
    }
}

#[test]
fn the_dead_and_the_withdrawn_are_written_to_by_nobody() {
    use crate::notification::DiagnosedAs;
    for (name, heading, cell) in [
        ("見本 太一（死亡）", "備考", ""),
        ("見本 太一", "転帰", "死亡（2/14）"),
        ("見本 太一", "死亡日", "2/14"),
        ("見本 太一", "状態", "死亡"),
        (
            "見本 太一",
            "診断（検案）した者（死体）の類型",
            "感染症死亡者の死体",
        ),
    ] {
        let told = row(&["氏名", heading, "年齢"], &[name, cell, "80"]).expect("a person");
        assert_eq!(
            told.illness.diagnosed_as,
            Some(DiagnosedAs::Dead),
            "{name} {heading}"
        );
    }
    for name in ["【取消】見本 太二", "見本 太三（重複のため削除）"] {
        assert!(row(&["氏名", "年齢"], &[name, "30"]).is_err(), "{name}");
    }
}

#[test]
fn a_number_that_another_cell_calls_somebody_else_s_is_not_the_person_s() {
    for (heading, cell) in [
        ("緊急連絡先", "090-1234-5678（息子）"),
        ("連絡先2", "090-1234-5678（妻）"),
    ] {
        let person = read_all(&[("電話番号", "090-1234-5678"), (heading, cell)])
            .0
            .person;
        assert!(
            person.mobiles.is_empty() && !person.landlines.is_empty(),
            "{heading}"
        );
    }
    let own = [("年齢", "8"), ("電話番号", "090-1234-5678")];
    for cell in [
        "080-1111-2222（隣人）",
        "080-1111-2222（民生委員）",
        "080-1111-2222（母の友人）",
    ] {
        let person = read_all(&[own[0], own[1], ("緊急連絡先", cell)]).0.person;
        assert!(
            person.guardian_mobiles.is_empty(),
            "{cell}: a child is not written to there"
        );
        assert_eq!(person.landlines, [cell]);
    }
    let mother = read_all(&[own[0], own[1], ("緊急連絡先", "見本 花江（母）080-1111-2222")])
        .0
        .person;
    assert_eq!(mother.guardian_mobiles.len(), 1);
    let own_again = [
        ("電話番号", "090-1234-5678"),
        ("緊急連絡先", "090-1234-5678（本人）"),
    ];
    assert_eq!(read_all(&own_again).0.person.mobiles.len(), 1);
    let cells = [
        ("連絡先1", "090-1111-1111（本人）、090-1234-5678（妻）"),
        ("連絡先2", "090-1234-5678"),
    ];
    assert!(
        read_all(&cells).0.person.mobiles.is_empty(),
        "the cell calls it the wife's"
    );
    for (heading, cell) in [
        ("SMS送信可否", "不可"),
        ("SMS送信可否", "×"),
        ("備考", "SMS送信不可"),
    ] {
        let person = read_all(&[("電話番号", "090-1234-5678"), (heading, cell)])
            .0
            .person;
        assert_eq!(
            (person.mobiles.len(), person.landlines.len()),
            (0, 1),
            "{heading} {cell}"
        );
    }
    let kept = read("電話番号", "姉に連絡のこと")
        .0
        .illness
        .remarks
        .expect("kept");
    assert!(kept.contains("姉に連絡のこと"), "{kept}");
}

/// A row as a list has it.
fn row(headings: &[&str], cells: &[&str]) -> Result<crate::notification::CaseNotification, &'static str> {
    let around = Circumstances {
        received: CalendarDate::new(2022, 2, 16).expect("a day"),
        office: "朝霞保健所".to_owned(),
        is_typed: false,
    };
    let headings: Vec<String> = headings.iter().map(|one| (*one).to_owned()).collect();
    match Columns::of(&headings).read(&around, |column| cells[column]) {
        ReadRow::Person(told, _) => Ok(*told),
        ReadRow::Nobody(why) => Err(why),
    }
}

#[test]
fn a_number_in_the_remarks_beside_words_for_a_number_is_a_slip() {
    let headings = ["氏名", "住所", "緊急連絡先", "電話番号", "備考"];
    let slipped = [
        "見本 花子",
        "青葉市1-1",
        "コーポ2",
        "080-1111-2222",
        "090-1234-5678",
    ];
    assert!(row(&headings, &slipped).is_err());
    let second = [
        "見本 花子",
        "青葉市1-1",
        "080-1111-2222",
        "090-1234-5678",
        "090-2222-3333",
    ];
    assert!(row(&headings, &second).is_ok());
}
