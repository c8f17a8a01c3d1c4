mod careful;
mod whose;

use base::date::CalendarDate;

use super::*;
use crate::notification::{CaseNotification, DiagnosedAs, RiskFactor, Severity};

fn read(heading: &str, cell: &str) -> (CaseNotification, Vec<Remark>) {
    let headings: Vec<String> = ["氏名", "フリガナ", heading].map(str::to_owned).into();
    let around = Circumstances {
        received: CalendarDate::new(2022, 2, 16).expect("a day"),
        office: "朝霞保健所".to_owned(),
        is_typed: false,
    };
    let cells = ["見本 花子", "ミホン ハナコ", cell];
    match Columns::of(&headings).read(&around, |column| cells[column]) {
        ReadRow::Person(told, mut remarks) => {
            remarks.retain(|one| !one.heading.is_empty());
            (*told, remarks)
        }
        ReadRow::Nobody(why) => panic!("{why}"),
    }
}

fn factors(cell: &str) -> Option<Vec<RiskFactor>> {
    read("基礎疾患", cell)
        .0
        .illness
        .risk_factors
        .map(|all| all.into_iter().collect())
}

#[test]
fn risk_factors_are_found_in_words_and_none_is_made_up() {
    use RiskFactor as R;
    assert_eq!(factors(""), None, "nothing said is not nothing there");
    assert_eq!(factors("不明"), None);
    assert_eq!(factors("なし"), Some(vec![]));
    assert_eq!(factors("特になし"), Some(vec![]));
    assert_eq!(
        factors("高血圧、糖尿病"),
        Some(vec![R::Diabetes, R::Hypertension])
    );
    assert_eq!(factors("喫煙なし・ＤＭ"), Some(vec![R::Diabetes]));
    assert_eq!(factors("あり"), Some(vec![R::Other]), "there is something");
    assert_eq!(factors("リウマチ"), Some(vec![R::Other]));
}

#[test]
fn what_cannot_be_read_stays_unknown_and_is_kept_as_it_was_written() {
    let (told, remarks) = read("生年月日", "85/4/3");
    assert_eq!((told.person.birth, remarks.len()), (None, 1));
    let kept = told.illness.remarks.expect("kept");
    assert!(kept.contains("85/4/3"), "{kept}");
    let (told, remarks) = read("重症度", "中等症");
    assert_eq!(
        (told.illness.severity, remarks.len()),
        (None, 1),
        "one of two is not chosen"
    );
    let (told, remarks) = read("妊娠", "たぶん");
    assert_eq!((told.illness.pregnant, remarks.len()), (None, 1));
    let (told, remarks) = read("SpO2", "9");
    assert_eq!((told.illness.spo2, remarks.len()), (None, 1));
}

#[test]
fn cells_are_read_as_offices_write_them() {
    assert_eq!(read("SpO2", "９６％").0.illness.spo2, Some(96));
    assert_eq!(
        read("重症度", "中等症Ⅱ").0.illness.severity,
        Some(Severity::ModerateTwo)
    );
    assert_eq!(read("妊娠", "32週").0.illness.pregnant, Some(true));
    assert_eq!(read("妊娠", "無").0.illness.pregnant, Some(false));
    assert_eq!(read("ワクチン回数", "未接種").0.illness.doses, Some(0));
    let both = read("ワクチン回数/最終接種日", "3回 R4.1.10").0.illness;
    assert_eq!(
        (both.doses, both.last_dose),
        (Some(3), CalendarDate::new(2022, 1, 10))
    );
    assert_eq!(
        read("発病日", "2/14").0.illness.onset,
        CalendarDate::new(2022, 2, 14)
    );
    assert_eq!(
        read("発病日", "12/30").0.illness.onset,
        CalendarDate::new(2021, 12, 30)
    );
    assert_eq!(
        read("発病日", "6/1").0.illness.onset,
        None,
        "nobody knows of which year"
    );
    assert_eq!(read("年齢", "8か月").0.person.stated_age, Some(0));
    assert_eq!(read("年齢", "４５歳").0.person.stated_age, Some(45));
    assert_eq!(
        read("HER-SYS ID", "'０123456").0.person.register_id.as_deref(),
        Some("0123456")
    );
    assert_eq!(
        read("言語", "ベトナム語").0.person.language.as_deref(),
        Some("vi")
    );
    assert_eq!(
        read("診断類型", "無症状病原体保有者").0.illness.diagnosed_as,
        Some(DiagnosedAs::Asymptomatic)
    );
    let two = read("電話番号", "090-1234-5678／048-123-4567").0.person;
    assert!(
        two.mobiles.is_empty() && two.landlines.len() == 1,
        "whose they are nobody guesses"
    );
}

/// Reads a row of these headings and cells.
fn read_all(cells: &[(&str, &str)]) -> (CaseNotification, Vec<Remark>) {
    let headings: Vec<String> = ["氏名"]
        .into_iter()
        .chain(cells.iter().map(|(heading, _)| *heading))
        .map(str::to_owned)
        .collect();
    let around = Circumstances {
        received: CalendarDate::new(2022, 2, 16).expect("a day"),
        office: "朝霞保健所".to_owned(),
        is_typed: false,
    };
    let cell = |column: usize| match column {
        0 => "見本 花子",
        column => cells[column - 1].1,
    };
    match Columns::of(&headings).read(&around, cell) {
        ReadRow::Person(told, remarks) => (*told, remarks),
        ReadRow::Nobody(why) => panic!("{why}"),
    }
}

#[test]
fn an_address_is_kept_whatever_stands_beside_it() {
    use crate::period::Place;
    let home = "埼玉県川口市青木2-1-1";
    for (location, whereabouts, place) in [
        ("", home, None),
        ("自宅", home, Some(Place::Home)),
        ("同上", home, None),
        ("宿泊療養", home, Some(Place::Hotel)),
        ("蕨市中央5-1", "蕨市中央5-1", None),
    ] {
        let (told, _) = read_all(&[("住所", home), ("所在地", location)]);
        assert_eq!(told.person.address.as_deref(), Some(home), "{location}");
        assert_eq!(told.person.whereabouts(), Some(whereabouts), "{location}");
        assert_eq!(told.illness.place, place, "{location}");
        let kept = Some(location).filter(|text| !text.is_empty());
        assert_eq!(told.person.location.as_deref(), kept, "as it was written");
    }
    let (told, remarks) = read_all(&[
        ("住所", home),
        ("療養場所", "入院中"),
        ("電話番号", "090-1234-5678"),
    ]);
    assert_eq!(
        (told.person.whereabouts(), told.illness.place),
        (Some(home), Some(Place::Hospital))
    );
    assert!(remarks.is_empty(), "{remarks:?}");
    let (told, _) = read_all(&[("療養場所", "戸田市新曽1-1"), ("電話番号", "090-1234-5678")]);
    assert_eq!(told.person.whereabouts(), Some("戸田市新曽1-1"));
    let (told, remarks) = read_all(&[("療養場所", "離れ"), ("電話番号", "090-1234-5678")]);
    assert!(remarks.iter().any(|one| one.unread), "{remarks:?}");
    assert!(told.illness.remarks.expect("kept").contains("離れ"));
}

#[test]
fn no_symptoms_beside_the_severity_are_no_symptoms() {
    let (told, remarks) = read("重症度", "無症状");
    assert_eq!((told.illness.symptomatic(), remarks.len()), (Some(false), 0));
    let (told, remarks) = read_all(&[("重症度", "無症状"), ("発病日", "2/14"), ("年齢", "30")]);
    assert_eq!(told.illness.symptomatic(), Some(true), "the careful side");
    assert!(remarks.iter().any(|one| one.sentence.contains("無症状")));
    assert_eq!(read("重症度", "不明").0.illness.symptomatic(), None);
}

#[test]
fn that_there_is_no_facility_is_known() {
    for (cell, kept, is_somewhere) in [
        ("なし", Some("なし"), Some(false)),
        ("無し", Some("なし"), Some(false)),
        ("該当なし", Some("なし"), Some(false)),
        ("不明", None, None),
        (
            "特別養護老人ホーム見本苑",
            Some("特別養護老人ホーム見本苑"),
            Some(true),
        ),
    ] {
        let facility = read("入所施設", cell).0.person.facility;
        assert_eq!(facility.as_deref(), kept, "{cell}");
        assert_eq!(
            facility.as_deref().and_then(crate::facts::is_somewhere),
            is_somewhere,
            "{cell}"
        );
    }
}

#[test]
fn whose_a_number_is_stays_known() {
    use crate::reach::own_number;
    let numbers = [
        ("緊急連絡先", "080-1111-2222、080-1111-3333(父)"),
        ("電話番号", "090-1234-5678"),
    ];
    let today = CalendarDate::new(2022, 2, 16).expect("a day");
    let written = |age: &str, numbers: &[(&str, &str)]| {
        let cells: Vec<(&str, &str)> = numbers.iter().copied().chain([("年齢", age)]).collect();
        let (told, _) = read_all(&cells);
        own_number(&told.person, today).map(base::phone::PhoneNumber::national)
    };
    let (told, remarks) = read_all(&numbers);
    assert_eq!(
        (told.person.mobiles.len(), told.person.guardian_mobiles.len()),
        (1, 2),
        "{remarks:?}"
    );
    let number = |text: &str| Some(text.to_owned());
    assert_eq!(
        written("8", &numbers),
        number("080-1111-2222"),
        "a phone of a child"
    );
    assert_eq!(written("40", &numbers), number("090-1234-5678"));
    assert_eq!(written("", &numbers), number("090-1234-5678"));
    let landline = [("緊急連絡先", "080-1111-2222"), ("電話番号", "048-123-4567")];
    assert_eq!(
        written("40", &landline),
        None,
        "a relative is not told of a disease"
    );
    assert_eq!(written("8", &landline), number("080-1111-2222"));
    let dialled = read_all(&[("保護者電話番号", "048-123-4567")]).0.person;
    assert_eq!(dialled.landlines, ["048-123-4567"], "whoever telephones has it");
}

#[test]
fn what_the_form_of_the_law_asks_for_is_read() {
    let day = |day| CalendarDate::new(2022, 2, day);
    let (told, remarks) = read_all(&[
        ("電話番号", "090-1234-5678"),
        ("初診年月日", "2/12"),
        ("診断年月日", "2/14"),
        ("推定感染年月日", "2/9"),
        ("感染原因", "飲食店での会食"),
        ("感染経路", "飛沫"),
        ("感染地域", "埼玉県内"),
        ("遠隔診療", "あり"),
    ]);
    assert!(remarks.is_empty(), "{remarks:?}");
    let illness = told.illness;
    assert_eq!(
        (illness.first_visit, illness.diagnosed, illness.infected),
        (day(12), day(14), day(9))
    );
    assert_eq!(illness.infection_route.as_deref(), Some("飲食店での会食、飛沫"));
    assert_eq!(illness.infection_region.as_deref(), Some("埼玉県内"));
    assert_eq!(illness.remote_visit, Some(true));
}

#[test]
fn a_column_that_nobody_knows_is_kept_as_far_as_it_is_short() {
    let long = "長".repeat(crate::limits::UNKNOWN_LETTERS + 1);
    let (told, _) = read_all(&[("電話番号", "090-1234-5678"), ("好きな色", "赤"), ("日記", &long)]);
    let kept = told.illness.remarks.expect("kept");
    assert!(kept.starts_with("好きな色: 赤\n日記: 長"), "{kept}");
    assert!(kept.ends_with("長…") && kept.chars().count() < 130, "{kept}");
}
