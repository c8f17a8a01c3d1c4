//! Cases as staff see them.

use axum::http::StatusCode;
use base::id::CaseId;
use triage::case::CaseState;
use triage::store::search::{Filter, listed};

use crate::host::{Browser, Host, each_host};
use crate::people::{ORG, hanako, opened, person, take_in};

const LIST: &str = "\
整理番号,氏名,フリガナ,生年月日,電話番号,発病日,基礎疾患,好きな色
1,見本 花子,ミホン ハナコ,S60.4.3,090-1234-5678,R8.9.20,なし,赤
2,見本 太郎,ミホン タロウ,H27.5.5,090-1234-5678,85/4/3,,青
3,見本 花子,ミホン ハナコ,S60.4.3,090-1234-5678,R8.9.20,なし,赤
,※以下は翌日分,,,,,,
";

async fn register(browser: &mut Browser, list: &str) -> String {
    let taken = browser
        .upload("/intake/new", "/intake", "朝.csv", list.as_bytes())
        .await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.body);
    taken.location
}

async fn all(host: &Host) -> Vec<CaseId> {
    let (found, _) = listed(&host.db, ORG, Filter::default(), None).await.unwrap();
    found.into_iter().map(|case| case.id).collect()
}

#[tokio::test]
async fn a_list_is_checked_before_anybody_becomes_a_case() {
    each_host(async |host| {
        let mut asaka = host.browser("asaka").await;
        let check = register(&mut asaka, LIST).await;
        let page = asaka.get(&check).await;
        page.shows("3人を登録する");
        page.shows("年が読み取れません");
        page.shows("2行目と同じ人かもしれません");
        page.shows("合計や注記などが書かれています");
        page.shows("好きな色");
        page.hides("090-1234-5678");
        assert!(all(&host).await.is_empty(), "nobody is a case yet");
        let done = asaka.submit(&check, &format!("{check}/register"), &[]).await;
        assert!(done.location.contains("people=3&twins=1"), "{}", done.location);
        assert_eq!(all(&host).await.len(), 3);
        asaka.get(&done.location).await.shows("3人を登録しました");
        let again = asaka
            .submit("/cases/new", &format!("{check}/register"), &[])
            .await;
        assert!(again.location.ends_with("done=nothing"), "{}", again.location);
        assert_eq!(all(&host).await.len(), 3, "a second click makes nobody twice");
        asaka.get(&check).await.hides("人を登録する</button>");
        let mut kawaguchi = host.browser("kawaguchi").await;
        assert_eq!(kawaguchi.get(&check).await.status, StatusCode::NOT_FOUND);
        let mut honcho = host.browser("honcho").await;
        assert_eq!(honcho.get(&check).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_no_list_of_people_registers_nobody() {
    each_host(async |host| {
        let mut asaka = host.browser("asaka").await;
        let check = register(&mut asaka, "品名,数\nマスク,10\n").await;
        asaka
            .get(&check)
            .await
            .shows("発生届のリストとして読み取れません");
        let refused = asaka
            .submit("/cases/new", &format!("{check}/register"), &[])
            .await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let nothing = asaka.upload("/intake/new", "/intake", "空.csv", b"").await;
        assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    })
    .await;
}

#[tokio::test]
async fn the_record_is_masked_until_somebody_has_it_shown() {
    each_host(async |host| {
        let id = take_in(&host.db, host.asaka, vec![hanako()]).await.cases[0];
        let mut asaka = host.browser("asaka").await;
        let at = format!("/cases/{id}");
        let masked = asaka.get(&at).await;
        masked.shows("佐＊＊");
        masked.shows("保健所が電話");
        masked.hides("花子");
        masked.hides("090-1234-5678");
        let whole = asaka.submit(&at, &format!("{at}/reveal"), &[]).await;
        whole.shows("佐藤 花子");
        whole.shows("090-1234-5678");
        let mut kawaguchi = host.browser("kawaguchi").await;
        assert_eq!(kawaguchi.get(&at).await.status, StatusCode::NOT_FOUND);
        for action in ["reveal", "notes", "route", "correct", "hand-over"] {
            let seen = kawaguchi
                .submit("/cases/new", &format!("{at}/{action}"), &[])
                .await;
            assert_eq!(seen.status, StatusCode::NOT_FOUND, "{action}");
        }
    })
    .await;
}

#[tokio::test]
async fn notes_and_decisions_stand_in_the_line_of_time() {
    each_host(async |host| {
        let id = take_in(&host.db, host.asaka, vec![hanako()]).await.cases[0];
        let mut asaka = host.browser("asaka").await;
        let at = format!("/cases/{id}");
        asaka
            .submit(&at, &format!("{at}/notes"), &[("note", "母と同居")])
            .await;
        let version = asaka.get(&at).await.hidden("version");
        let fields = [("version", &*version), ("route", "centre_sms"), ("why", "")];
        let refused = asaka.submit(&at, &format!("{at}/route"), &fields).await;
        assert_eq!(
            refused.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "a reason has to be given"
        );
        let fields = [
            ("version", &*version),
            ("route", "centre_sms"),
            ("why", "本人の希望"),
        ];
        asaka.submit(&at, &format!("{at}/route"), &fields).await;
        let page = asaka.get(&at).await;
        page.shows("母と同居");
        page.shows("職員が変更: 本人の希望");
        page.shows("保健所が電話 → 保健所がSMS");
        let late = asaka
            .submit(
                &at,
                &format!("{at}/route"),
                &[("version", &*version), ("route", "physician"), ("why", "x")],
            )
            .await;
        assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.body);
    })
    .await;
}

#[tokio::test]
async fn a_record_is_corrected_and_handed_over() {
    each_host(async |host| {
        let id = take_in(&host.db, host.asaka, vec![hanako()]).await.cases[0];
        let mut asaka = host.browser("asaka").await;
        let at = format!("/cases/{id}");
        let correct = format!("{at}/correct");
        let form = asaka.get(&correct).await;
        form.shows("090-1234-5678");
        let version = form.hidden("version");
        let fields = [
            ("version", &*version),
            ("name", "佐藤 花子"),
            ("number1", "090-9999"),
        ];
        let wrong = asaka.submit(&at, &correct, &fields).await;
        wrong.shows("電話番号として読めません");
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        let fields = [
            ("version", &*version),
            ("name", "佐藤 花子"),
            ("number1", "080-2222-3333"),
            ("why", "電話で確認"),
        ];
        let done = asaka.submit(&at, &correct, &fields).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
        let page = asaka.get(&at).await;
        page.shows("電話番号を訂正");
        page.shows("電話で確認");
        page.hides("080-2222-3333");
        let version = page.hidden("version");
        let office = host.kawaguchi.to_string();
        let fields = [
            ("version", &*version),
            ("office", &*office),
            ("why", "所在地が川口市"),
        ];
        let done = asaka.submit(&at, &format!("{at}/hand-over"), &fields).await;
        assert_eq!(done.location, "/cases?done=handed-over");
        assert_eq!(asaka.get(&at).await.status, StatusCode::NOT_FOUND);
        let mut kawaguchi = host.browser("kawaguchi").await;
        kawaguchi.get(&at).await.shows("朝霞保健所 → 川口保健所");
    })
    .await;
}

#[tokio::test]
async fn one_person_is_found_by_whatever_they_say() {
    each_host(async |host| {
        let id = take_in(&host.db, host.asaka, vec![hanako()]).await.cases[0];
        let reference = opened(&host.db, id).await.reference.to_string();
        let (mut asaka, mut kawaguchi) = (host.browser("asaka").await, host.browser("kawaguchi").await);
        for words in [
            "０９０-１２３４-５６７８",
            "さとう はなこ",
            "サト",
            "佐藤花子",
            &reference,
        ] {
            let found = asaka.submit("/cases", "/cases/search", &[("words", words)]).await;
            found.shows(&format!("/cases/{id}\""));
            found.hides("花子</a>");
            let other = kawaguchi
                .submit("/cases", "/cases/search", &[("words", words)])
                .await;
            other.shows("見つかりませんでした");
        }
    })
    .await;
}

#[tokio::test]
async fn two_records_are_compared_merged_and_taken_apart() {
    each_host(async |host| {
        let one = take_in(&host.db, host.asaka, vec![hanako()]).await.cases[0];
        let two = take_in(&host.db, host.kawaguchi, vec![hanako()]).await.cases[0];
        let mut asaka = host.browser("asaka").await;
        asaka.get("/cases/twins").await.shows("氏名と生年月日");
        let at = format!("/cases/{one}/twins/{two}");
        let page = asaka.get(&at).await;
        page.shows("川口保健所");
        page.hides("花子");
        let done = asaka
            .submit(&at, &at, &[("verdict", &format!("keep-{one}"))])
            .await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
        assert_eq!(opened(&host.db, two).await.state, CaseState::Merged);
        asaka.submit(&at, &at, &[("verdict", "undo")]).await;
        assert_eq!(opened(&host.db, two).await.state, CaseState::Open);
        asaka.submit(&at, &at, &[("verdict", "distinct")]).await;
        asaka.get("/cases/twins").await.shows("見比べる組はありません");
        // Somebody who is no part of it does not learn of it.
        let third = take_in(
            &host.db,
            host.kawaguchi,
            vec![person("他 人", "", "1990/1/1", "070-1111-2222")],
        )
        .await;
        let at = format!("/cases/{one}/twins/{}", third.cases[0]);
        assert_eq!(asaka.get(&at).await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn one_person_is_typed_in() {
    each_host(async |host| {
        let mut asaka = host.browser("asaka").await;
        let empty = asaka.submit("/cases/new", "/cases", &[("name", "")]).await;
        assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
        let fields = [
            ("name", "見本 花子"),
            ("number1", "０９０１２３４５６７８"),
            ("birth", "昭和60年4月3日"),
        ];
        let done = asaka.submit("/cases/new", "/cases", &fields).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
        let case = opened(&host.db, all(&host).await[0]).await;
        assert_eq!(case.office, host.asaka);
        assert_eq!(case.notification.unwrap().person.mobiles.len(), 1);
        asaka.get("/cases").await.shows("見＊＊");
        asaka
            .get("/cases?contact=waiting&route=centre_phone")
            .await
            .shows("急ぐ人から");
        asaka
            .get("/cases?contact=delivered")
            .await
            .shows("条件に合う患者はいません");
    })
    .await;
}
