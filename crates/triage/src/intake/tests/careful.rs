//! What nobody could read, or what speaks of somebody else, makes nobody less careful.

use base::date::CalendarDate;

use super::{factors, read, read_all};
use crate::notification::{RiskFactor, Severity};

#[test]
fn only_what_is_said_not_to_be_there_is_not_there() {
    use RiskFactor as R;
    for none in [
        "基礎疾患：なし",
        "喫煙：なし",
        "肝疾患なし",
        "合併症なし",
        "病歴なし",
        "特に無",
        "(-)",
        "ＤＭ(-)、高血圧(-)",
        "高血圧症なし",
        "なし（花粉症のみ）",
        "健康",
        "喫煙なし",
        "糖尿病なし",
        "既往なし",
        "基礎疾患無",
        "非該当",
        "非喫煙者",
        "喫煙歴無",
        "糖尿病は無",
    ] {
        assert_eq!(factors(none), Some(vec![]), "{none}");
    }
    for (cell, found) in [
        ("非小細胞肺癌", R::Malignancy),
        ("非ホジキンリンパ腫", R::Malignancy),
        ("高血圧内服なし", R::Hypertension),
        ("糖尿病合併症無", R::Diabetes),
        ("腎不全（透析は無", R::ChronicKidney),
        ("非結核性抗酸菌症", R::Other),
        ("非アルコール性脂肪肝炎", R::Other),
        ("脾臓なし", R::Other),
        ("右腎無", R::Other),
    ] {
        assert_eq!(factors(cell), Some(vec![found]), "{cell}");
    }
    let kept = read("基礎疾患", "脾臓なし").0.illness.remarks.expect("kept");
    assert!(kept.contains("脾臓なし"), "{kept}");
}

/// What rules know of a row.
fn facts(cells: &[(&str, &str)]) -> crate::facts::Facts {
    let cells: Vec<(&str, &str)> = cells
        .iter()
        .copied()
        .chain([("電話番号", "090-1234-5678")])
        .collect();
    let (told, _) = read_all(&cells);
    let at = crate::facts::Circumstances {
        day: CalendarDate::new(2022, 2, 16).expect("a day"),
        office: base::id::OfficeId::HEADQUARTERS,
        exposed_on: None,
    };
    crate::facts::Facts::of(&told, at)
}

#[test]
fn nothing_is_concluded_in_the_place_of_what_nobody_could_read() {
    let mild = ("重症度", "軽症");
    assert_eq!(facts(&[mild]).needs_admission, Some(false));
    for admission in ["入院希望あり", "要検討", "？？", "不明", "確認中"] {
        let found = facts(&[mild, ("入院の必要", admission)]);
        assert_eq!(found.needs_admission, None, "{admission}");
    }
    for admission in ["要入院", "要（調整中）", "あり（○○病院）", "入院中"] {
        let found = facts(&[mild, ("入院の要否", admission)]);
        assert_eq!(found.needs_admission, Some(true), "{admission}");
    }
    let strange = facts(&[mild, ("入院に関する意見", "必要と思う")]);
    assert_eq!(strange.needs_admission, None, "a heading that nobody knows");
    assert_eq!(
        facts(&[mild, ("入院に関する意見", "なし")]).needs_admission,
        Some(false)
    );
    for severity in [
        "中等症",
        "重症かも",
        "軽症（中等症か）",
        "軽症（SpO2 90）",
        "不明",
    ] {
        let found = facts(&[("重症度", severity), ("症状", "なし")]);
        assert_eq!(
            (found.severity, found.needs_admission),
            (None, None),
            "{severity}"
        );
    }
    for oxygen in ["低下", "96%（O2 2L）", "9", "97..88"] {
        let found = facts(&[mild, ("SpO2", oxygen)]);
        assert_eq!((found.severity, found.needs_admission), (None, None), "{oxygen}");
    }
    assert_eq!(facts(&[mild, ("SpO2", "未測定")]).severity, Some(Severity::Mild));
}

#[test]
fn of_two_columns_the_worse_counts() {
    let both = |first: (&'static str, &'static str), second: (&'static str, &'static str)| {
        [facts(&[first, second]), facts(&[second, first])]
    };
    for found in both(("治療薬", "なし"), ("酸素投与", "あり")) {
        assert_eq!(found.needs_therapy, Some(true));
    }
    for found in both(("治療薬", "なし"), ("酸素投与", "2L")) {
        assert_eq!(found.needs_therapy, None, "nobody could read it");
    }
    for found in both(("妊娠", "なし"), ("妊娠有無", "あり")) {
        assert_eq!(found.pregnant, Some(true));
    }
    for found in both(("入院", "なし"), ("要入院", "○")) {
        assert_eq!(found.needs_admission, Some(true));
    }
    for found in both(("SpO2（安静時）", "97"), ("SpO2（労作後）", "88")) {
        assert_eq!(found.spo2, Some(88));
    }
}

#[test]
fn the_lowest_percentage_of_oxygen_is_read_whatever_stands_beside_it() {
    for (cell, spo2) in [
        ("90%(RA)", 90),
        ("88～90", 88),
        ("90台", 90),
        ("0.9", 90),
        ("0.97", 97),
        ("0.935", 93),
        ("97.8%", 97),
        ("98→92", 92),
        ("室内気 95％", 95),
        ("100", 100),
    ] {
        assert_eq!(read("SpO2", cell).0.illness.spo2, Some(spo2), "{cell}");
    }
    assert_eq!(
        read("重症度", "中等症Ⅱ（酸素5L）").0.illness.severity,
        Some(Severity::ModerateTwo)
    );
    assert_eq!(
        read("重症度", "重症（ICU）").0.illness.severity,
        Some(Severity::Severe)
    );
}

#[test]
fn an_age_that_contradicts_the_birth_date_is_not_known() {
    let found = facts(&[("年齢", "79"), ("生年月日", "H17.4.3")]);
    assert_eq!(found.age, None);
    let found = facts(&[("年齢", "17"), ("生年月日", "H17.4.3")]);
    assert_eq!(found.age, Some(16), "a birthday lies between");
    let found = facts(&[("年齢", "6"), ("生年月日", "H23.4.3")]);
    assert_eq!(found.age, Some(10), "a child by both");
    for (cell, age) in [("満３５歳", 35), ("1歳2か月", 1), ("18か月", 1), ("28.0", 28)] {
        assert_eq!(read("年齢", cell).0.person.stated_age, Some(age), "{cell}");
    }
    assert_eq!(read("年齢", "70代").0.person.stated_age, None);
}

#[test]
fn whoever_waits_for_a_bed_is_not_said_to_need_none() {
    let mild = ("重症度", "軽症");
    for (heading, cell) in [
        ("療養状況", "入院調整中"),
        ("療養状況", "自宅（入院待ち）"),
        ("療養状況", "入院中"),
        ("療養先", "見本病院"),
        ("対応方針", "入院調整"),
        ("自宅・宿泊・入院の別", "入院"),
        ("医師の意見", "要入院"),
        ("備考", "要入院。調整中"),
        ("備考", "既往歴なし。要入院"),
        ("備考", "接種歴3回、入院調整中"),
        ("備考", "11/20退院、再度要入院"),
        ("備考", "接触歴あり 入院予定"),
        ("備考", "入院不要ではない"),
        ("療養場所", "入院調整中（宿泊辞退）"),
    ] {
        assert_eq!(
            facts(&[mild, (heading, cell)]).needs_admission,
            None,
            "{heading} {cell}"
        );
    }
    for (heading, cell) in [
        ("療養状況", "自宅（入院不要）"),
        ("備考", "2020年に入院歴あり"),
        ("備考", "入院希望なし"),
        ("備考", "入院の必要性なし"),
        ("備考", "入院(-)"),
        ("備考", "入院・宿泊希望なし"),
        ("備考", "同居の祖母が入院中"),
        ("備考", "入院中の父の接触者"),
        ("療養先", "自宅"),
    ] {
        assert_eq!(
            facts(&[mild, (heading, cell)]).needs_admission,
            Some(false),
            "{heading} {cell}"
        );
    }
}

#[test]
fn a_risk_may_have_a_column_of_its_own() {
    use RiskFactor as R;
    for (heading, cell, found) in [
        ("透析", "あり", vec![R::ChronicKidney]),
        ("肥満（BMI30以上）", "○", vec![R::Obesity]),
        ("免疫抑制剤", "使用中", vec![R::Immunosuppression]),
        ("喫煙", "なし", vec![]),
        ("喫煙", "非喫煙者", vec![]),
        ("喫煙", "無（禁煙10年）", vec![]),
        ("高血圧", "既往なし", vec![]),
        ("BMI30以上", "22", vec![]),
        ("がん検診", "受診済", vec![]),
        ("透析", "", vec![]),
    ] {
        let factors = facts(&[("基礎疾患", "なし"), (heading, cell)])
            .risk_factors
            .expect("told");
        assert_eq!(factors.into_iter().collect::<Vec<_>>(), found, "{heading}");
    }
    assert_eq!(
        facts(&[("妊娠", "なし"), ("妊娠週数", "20週")]).pregnant,
        Some(true)
    );
    assert_eq!(facts(&[("妊娠", "(-)")]).pregnant, Some(false));
    assert_eq!(facts(&[("性別", "女"), ("年齢", "5")]).pregnant, Some(false));
    assert_eq!(facts(&[("性別", "Ｍ")]).pregnant, Some(false));
}

#[test]
fn no_symptoms_beside_symptoms_are_symptoms() {
    for (class, onset, symptoms, has) in [
        ("無症状病原体保有者", "", "", false),
        ("無症状病原体保有者", "", "なし", false),
        ("無症状病原体保有者", "2/14", "", true),
        ("無症状", "", "呼吸困難", true),
        ("無症状", "", "特記事項なし", false),
        ("無症状", "", "－", false),
    ] {
        let cells = [
            ("診断類型", class),
            ("発病日", onset),
            ("症状", symptoms),
            ("検査日", "2/15"),
            ("年齢", "30"),
        ];
        let (told, remarks) = read_all(&cells);
        assert_eq!(told.illness.symptomatic(), Some(has), "{class} {symptoms}");
        assert_eq!(remarks.iter().any(|one| one.sentence.contains("診断類型は")), has);
        let day_zero = if onset.is_empty() { 15 } else { 14 };
        assert_eq!(told.illness.day_zero(), CalendarDate::new(2022, 2, day_zero));
    }
    for class in ["無症状→発症", "有症状（無症状ではない）"] {
        assert_eq!(read("診断類型", class).0.illness.diagnosed_as, None, "{class}");
    }
}

#[test]
fn whoever_waits_for_a_bed_is_at_home() {
    use crate::period::Place;
    for (cell, place) in [
        ("自宅（入院待ち）", Some(Place::Home)),
        ("自宅療養（入院不要）", Some(Place::Home)),
        ("入院調整中", None),
        ("自宅（宿泊療養希望）", Some(Place::Home)),
        ("入院中", Some(Place::Hospital)),
        ("入院中（退院予定2/20）", Some(Place::Hospital)),
        ("入院（調整中）", None),
        ("宿泊療養", Some(Place::Hotel)),
    ] {
        assert_eq!(read("療養状況", cell).0.illness.place, place, "{cell}");
    }
}

#[test]
fn what_was_unclear_stays_so_until_somebody_says_it() {
    let number = ("電話番号", "090-1234-5678");
    let (before, _) = read_all(&[
        number,
        ("重症度", "軽症"),
        ("SpO2（安静時）", "97"),
        ("SpO2（労作後）", "低下"),
    ]);
    assert_eq!(before.illness.spo2, None, "the form asks for it");
    let corrected = |cells: &[(&str, &str)]| {
        let (mut told, _) = read_all(cells);
        told.illness.stay_unclear(&before.illness);
        told.illness.unclear.len()
    };
    assert_eq!(corrected(&[number, ("重症度", "軽症")]), 1, "nobody has said it");
    assert_eq!(corrected(&[number, ("重症度", "軽症"), ("SpO2", "96")]), 0);
    assert_eq!(corrected(&[number, ("重症度", "中等症Ⅰ")]), 0);
}

#[test]
fn what_offices_usually_write_for_no_is_read_as_no() {
    for (heading, cell) in [
        ("入院の必要", "なし（自宅療養）"),
        ("入院の必要", "入院の必要なし"),
        ("入院の必要", "外来"),
    ] {
        let found = facts(&[("重症度", "軽症（肺炎なし）"), (heading, cell)]);
        assert_eq!(
            (found.severity, found.needs_admission),
            (Some(Severity::Mild), Some(false)),
            "{cell}"
        );
    }
    for cell in ["投与なし", "なし（解熱剤のみ）", "未投与"] {
        assert_eq!(
            facts(&[("治療薬・酸素", cell)]).needs_therapy,
            Some(false),
            "{cell}"
        );
    }
    for cell in ["なし（要検討）", "なし（入院調整中）"] {
        assert_eq!(facts(&[("入院の必要", cell)]).needs_admission, None, "{cell}");
    }
    for cell in ["していない", "妊娠の可能性なし"] {
        assert_eq!(facts(&[("妊娠", cell)]).pregnant, Some(false), "{cell}");
    }
    for cell in ["3回済", "3回接種済", "接種済（3回）"] {
        assert_eq!(read("ワクチン回数", cell).0.illness.doses, Some(3), "{cell}");
    }
    assert_eq!(read("SpO2", "97%（自宅測定）").0.illness.spo2, Some(97));
}
