//! A case list that came before, whose values slipped, or whose headings nobody knows.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use axum::http::StatusCode;
use lists::read::{ReadOptions, read};
use lists::store::{NewList, Role, Settings, add_list};
use triage::case::Case;
use triage::store::search::{Filter, listed};

use crate::host::{Browser, Host, each_host};
use crate::people::{HANAKO, ORG};

async fn upload(browser: &mut Browser, list: &str) -> String {
    let taken = browser
        .upload("/intake/new", "/intake", "朝.csv", list.as_bytes())
        .await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.body);
    taken.location
}

/// Uploads and registers; says where that led.
async fn registered(browser: &mut Browser, list: &str) -> String {
    let check = upload(browser, list).await;
    let done = browser.submit(&check, &format!("{check}/register"), &[]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    done.location
}

async fn all(host: &Host) -> Vec<Case> {
    listed(&host.db, ORG, Filter::default(), None).await.unwrap().0
}

/// The list of August 2022; each number stands `down` rows below its person.
fn minimal(people: usize, down: usize) -> String {
    let mut text = "氏名,電話番号\n".to_owned();
    for (person, name) in KANJI.iter().enumerate().take(people) {
        let number = (person + people - down) % people;
        let _ = writeln!(text, "見本 {name},090-1234-{:04}", 5600 + number);
    }
    text
}

/// The same with birth dates.
fn full(people: usize, down: usize) -> String {
    let mut text = "氏名,生年月日,電話番号\n".to_owned();
    for (person, name) in KANJI.iter().enumerate().take(people) {
        let number = (person + people - down) % people;
        let _ = writeln!(
            text,
            "見本 {name},1985/4/{},090-1234-{:04}",
            person + 1,
            5600 + number
        );
    }
    text
}

const KANJI: [&str; 12] = [
    "一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "百", "千",
];

#[tokio::test]
async fn a_list_that_comes_again_registers_nobody_twice() {
    for list in [minimal, full] {
        each_host(async |host| {
            let mut asaka = host.browser("asaka").await;
            let done = registered(&mut asaka, &list(11, 0)).await;
            assert!(done.contains("people=11&twins=0"), "{done}");
            let check = upload(&mut asaka, &list(12, 0)).await;
            let page = asaka.get(&check).await;
            page.shows("登録済みと同じ内容の人</dt><dd>11人（登録しません。");
            page.shows("1人を登録する</button>");
            page.hides("同じ人かもしれません");
            let done = asaka.submit(&check, &format!("{check}/register"), &[]).await;
            assert!(done.location.contains("people=1&twins=0"), "{}", done.location);
            assert_eq!(all(&host).await.len(), 12);
            // Somebody may want it all the same.
            let check = upload(&mut asaka, &list(3, 0)).await;
            asaka.get(&check).await.shows("3人も登録する</a>");
            asaka
                .get(&format!("{check}?same=1"))
                .await
                .shows("3人を登録する</button>");
            let done = asaka
                .submit(
                    &format!("{check}?same=1"),
                    &format!("{check}/register"),
                    &[("same", "1")],
                )
                .await;
            assert!(done.location.contains("people=3&twins="), "{}", done.location);
            // Another office has people of its own.
            let mut kawaguchi = host.browser("kawaguchi").await;
            let theirs = registered(&mut kawaguchi, &list(2, 0)).await;
            assert!(theirs.contains("people=2&twins=2"), "{theirs}");
        })
        .await;
    }
}

#[tokio::test]
async fn somebody_of_whom_more_is_told_now_is_asked_about_and_written_to_once() {
    each_host(async |host| {
        let mut asaka = host.browser("asaka").await;
        registered(&mut asaka, &minimal(3, 0)).await;
        let check = upload(&mut asaka, &full(3, 0)).await;
        asaka
            .get(&check)
            .await
            .shows("登録済みの人と同じ人かもしれません");
        let done = asaka.submit(&check, &format!("{check}/register"), &[]).await;
        assert!(done.location.contains("people=3&twins=3"), "{}", done.location);
        asaka.get("/cases/twins").await.shows("電話番号と氏名");
    })
    .await;
}

#[tokio::test]
async fn a_column_that_slipped_registers_nobody() {
    for list in [minimal, full] {
        each_host(async |host| {
            let mut asaka = host.browser("asaka").await;
            registered(&mut asaka, &list(12, 0)).await;
            let check = upload(&mut asaka, &list(12, 1)).await;
            let page = asaka.get(&check).await;
            page.shows("このリストは登録できません");
            page.shows("1行ずつ");
            page.hides("090-1234");
            let register = format!("{check}/register");
            let refused = asaka.submit(&check, &register, &[("sure", " ")]).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
            refused.shows("何も登録していません");
            assert_eq!(all(&host).await.len(), 12);
            // Perhaps the list before was the wrong one.
            let sure = [("sure", "届出の原本と照らし合わせた")];
            let done = asaka.submit(&check, &register, &sure).await;
            assert!(done.location.contains("people=12"), "{}", done.location);
        })
        .await;
    }
}

#[tokio::test]
async fn nobody_knows_better_than_the_source_itself() {
    each_host(async |host| {
        let source = read("元.csv", full(12, 0).as_bytes(), &ReadOptions::default());
        let reference = NewList {
            role: Role::Reference,
            reference: None,
            office: host.asaka,
            sheet: source.unwrap(),
            settings: Settings::default(),
            by: HANAKO,
        };
        add_list(&host.db, ORG, reference).await.unwrap();
        let mut asaka = host.browser("asaka").await;
        let check = upload(&mut asaka, &full(12, 1)).await;
        let page = asaka.get(&check).await;
        page.shows("このリストは登録できません");
        page.hides("確かめたので");
        let sure = [("sure", "見た")];
        // The page has no button for it; somebody presses one of before.
        let refused = asaka
            .submit("/intake/new", &format!("{check}/register"), &sure)
            .await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(all(&host).await.is_empty());
        // And what the source says is right, even after a list that was not.
        let done = registered(&mut asaka, &full(12, 0)).await;
        assert!(done.contains("people=12"), "{done}");
    })
    .await;
}

const STRANGE: &str = "\
患者さん,でんわ,管理用,好きな色
見本 花子,090-1234-5678,A-1,赤
見本 太郎,090-1234-5679,A-2,青
";

#[tokio::test]
async fn what_strange_headings_mean_is_said_once_for_an_office() {
    each_host(async |host| {
        let mut asaka = host.browser("asaka").await;
        let check = upload(&mut asaka, STRANGE).await;
        let page = asaka.get(&check).await;
        page.shows("発生届のリストとして読み取れません");
        page.shows("「患者さん」の列");
        let said = [
            ("column0", "氏名"),
            ("column1", "電話番号"),
            ("column2", "unused"),
            ("column3", ""),
        ];
        let columns = format!("{check}/columns");
        let done = asaka.submit(&check, &columns, &said).await;
        assert_eq!(done.location, format!("{check}?done=columns"), "{}", done.body);
        asaka.get(&check).await.shows("2人を登録する</button>");
        let wrong = asaka.submit(&check, &columns, &[("column0", "夢")]).await;
        assert_eq!(wrong.status, StatusCode::BAD_REQUEST, "{}", wrong.body);

        let next = STRANGE.replace("見本", "例示").replace("1234", "4321");
        let done = registered(&mut asaka, &next).await;
        assert!(done.contains("people=2"), "{done}");
        let case = all(&host).await.into_iter().next().unwrap();
        let told = case.notification.unwrap();
        assert_eq!(told.person.name, "例示 太郎");
        assert_eq!(
            told.illness.remarks.as_deref(),
            Some("好きな色: 青"),
            "nothing is lost"
        );
        let mut kawaguchi = host.browser("kawaguchi").await;
        let theirs = upload(&mut kawaguchi, STRANGE).await;
        kawaguchi
            .get(&theirs)
            .await
            .shows("発生届のリストとして読み取れません");
        let not_theirs = kawaguchi.submit(&theirs, &columns, &said).await;
        assert_eq!(not_theirs.status, StatusCode::NOT_FOUND);
        // It can be taken back.
        asaka.submit(&check, &columns, &[("column0", "")]).await;
        asaka
            .get(&check)
            .await
            .shows("発生届のリストとして読み取れません");
    })
    .await;
}

#[tokio::test]
async fn headings_again_totals_and_slipped_rows_are_nobody() {
    let list = "\
氏名,カナ,年齢,電話番号,基礎疾患
山本 一,ヤマモトハジメ,30,090-3307-0001,なし
氏名,カナ,年齢,電話番号,基礎疾患
山本 二,ヤマモトニ,31,090-3307-0002,なし
合計,2名,,,
山本 三,ヤマモトサン,32,090-3307-0003,高血圧,糖尿病
作成者 佐々木,,,048-999-8888,
";
    each_host(async |host| {
        let mut asaka = host.browser("asaka").await;
        let check = upload(&mut asaka, list).await;
        let page = asaka.get(&check).await;
        page.shows("2人を登録する");
        page.shows("3行目: 見出しと同じ行です。");
        page.shows("6行目: 見出しより多くのセルがあり");
        page.shows("5行目: 氏名の欄に、合計や注記などが書かれています。");
        page.shows("7行目: 氏名の欄に");
        let done = asaka.submit(&check, &format!("{check}/register"), &[]).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
        let names = all(&host).await.into_iter();
        let mut names: Vec<String> = names.map(|case| case.notification.unwrap().person.name).collect();
        names.sort();
        assert_eq!(names, ["山本 一", "山本 二"]);
    })
    .await;
}

#[tokio::test]
async fn whose_a_number_is_may_stand_in_the_line_above() {
    let list = "\
氏名,カナ,年齢,性別,連絡先,,基礎疾患,,重症度
,,,,本人,保護者,有無,内容,
井上 一,イノウエハジメ,35,男,090-3502-0001,090-3502-9001,有,糖尿病,軽症
井上 二,イノウエジ,8,男,,090-3502-9002,無,,軽症
";
    each_host(async |host| {
        let mut asaka = host.browser("asaka").await;
        let check = upload(&mut asaka, list).await;
        asaka.get(&check).await.shows("2行にわたる");
        let done = asaka.submit(&check, &format!("{check}/register"), &[]).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
        let people = all(&host).await.into_iter();
        let mut people: Vec<_> = people.map(|case| case.notification.unwrap()).collect();
        people.sort_by_key(|told| told.person.stated_age);
        let numbers = people.iter().map(|told| {
            let all = |numbers: &[base::phone::PhoneNumber]| -> Vec<String> {
                numbers.iter().map(|number| number.national()).collect()
            };
            (all(&told.person.mobiles), all(&told.person.guardian_mobiles))
        });
        let one = |number: &str| vec![number.to_owned()];
        assert_eq!(
            numbers.collect::<Vec<_>>(),
            [
                (vec![], one("090-3502-9002")),
                (one("090-3502-0001"), one("090-3502-9001"))
            ]
        );
        let factors = people[1].illness.risk_factors.clone().unwrap();
        assert!(
            factors.contains(&triage::notification::RiskFactor::Diabetes),
            "{factors:?}"
        );
        assert_eq!(
            people[0].illness.risk_factors.as_ref().map(BTreeSet::len),
            Some(0)
        );
    })
    .await;
}

#[tokio::test]
async fn a_row_that_slipped_is_seen_by_where_its_cells_end() {
    let good = |n: u32| format!("見本 {n},ミホン,S60.4.{n},青葉市1-1,080-5602-900{n},090-5602-000{n}");
    let slipped = "見本 九,ミホン,S60.4.9,青葉市1-1,コーポ2,080-5602-9009,090-5602-0009";
    let headings = "氏名,フリガナ,生年月日,住所,保護者電話番号,電話番号";
    let lines = |end: &str, slipped: &str| {
        let good: Vec<String> = (1..=3).map(|n| format!("{}{end}", good(n))).collect();
        good.join("\n") + "\n" + slipped
    };
    let lists = [
        // The last cell is empty.
        format!("{headings},備考\n{}\n", lines(",", &format!("{slipped},"))),
        // As Excel saves it again: every line as long as the longest.
        format!("{headings},\n{}\n", lines(",", slipped)),
    ];
    let trailing = format!("{headings}\n{}\n", lines(",", &format!("{},", good(9))));
    each_host(async |host| {
        let mut asaka = host.browser("asaka").await;
        for list in &lists {
            let check = upload(&mut asaka, list).await;
            let page = asaka.get(&check).await;
            page.shows("3人を登録する");
            page.shows("5行目: 見出しより多くのセルがあり");
        }
        let check = upload(&mut asaka, &trailing).await;
        asaka.get(&check).await.shows("4人を登録する");
    })
    .await;
}
