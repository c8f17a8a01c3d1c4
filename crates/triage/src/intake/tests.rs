use base::date::CalendarDate;

use super::*;
use crate::notification::{CaseNotification, DiagnosedAs, RiskFactor, Severity};

fn read(heading: &str, cell: &str) -> (CaseNotification, Vec<Remark>) {
    let headings: Vec<String> = ["氏名", "フリガナ", heading].map(str::to_owned).into();
    let around = Circumstances {
        received: CalendarDate::new(2022, 2, 16).expect("a day"),
        office: "朝霞保健所".to_owned(),
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
