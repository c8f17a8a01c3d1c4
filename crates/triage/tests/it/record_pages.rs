//! One person's record as staff see it and work on it.

use accounts::{Name, OfficeKind, OfficeTerms};
use axum::http::StatusCode;

use crate::host::each_host;
use crate::people::{ORG, hanako, opened, take_in};

#[tokio::test]
async fn a_record_is_closed_opened_again_and_visited_by_hand() {
    each_host(async |host| {
        let id = take_in(&host.db, host.asaka, vec![hanako()]).await.cases[0];
        let mut asaka = host.browser("asaka").await;
        let at = format!("/cases/{id}");
        let visit = format!("{at}/visit");
        let fields = [
            ("day", "2026/9/20"),
            ("who", "鈴木"),
            ("result", "absent"),
            ("words", "留守だった"),
        ];
        let done = asaka.submit(&visit, &visit, &fields).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
        let page = asaka.get(&at).await;
        page.shows("訪問: 不在だった");
        page.shows("初回の連絡がついたときとします");
        let only = asaka.get(&format!("{at}?kind=note")).await;
        only.hides("訪問: 不在だった");
        only.shows("この種類の経過はまだありません");

        let close = format!("{at}/close");
        let version = asaka.get(&close).await.hidden("version");
        let missing = [("version", &*version), ("from", "あした")];
        let wrong = asaka.submit(&close, &close, &missing).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        wrong.shows("終了の理由を選んでください");
        let fields = [
            ("version", &*version),
            ("why", "admitted"),
            ("from", "R8.9.20"),
            ("words", ""),
        ];
        let done = asaka.submit(&close, &close, &fields).await;
        assert!(done.location.ends_with("done=closed"), "{}", done.body);
        let page = asaka.get(&at).await;
        page.shows("終了: 入院");
        page.shows("令和8年9月20日");
        page.hides("この人にSMSを送る");
        assert_eq!(asaka.get(&close).await.status, StatusCode::CONFLICT);
        let reopen = format!("{at}/reopen");
        let version = asaka.get(&reopen).await.hidden("version");
        let fields = [
            ("version", &*version),
            ("from", "2026-09-21"),
            ("words", "退院した"),
        ];
        let done = asaka.submit(&reopen, &reopen, &fields).await;
        assert!(done.location.ends_with("done=reopened"), "{}", done.body);
        let mut kawaguchi = host.browser("kawaguchi").await;
        for path in [
            &visit,
            &close,
            &reopen,
            &format!("{at}/course"),
            &format!("{at}/export"),
        ] {
            assert_eq!(kawaguchi.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_staff_decided_is_taken_back_with_one_button() {
    each_host(async |host| {
        let id = take_in(&host.db, host.asaka, vec![hanako()]).await.cases[0];
        let mut asaka = host.browser("asaka").await;
        let at = format!("/cases/{id}");
        asaka.get(&at).await.hides("振り分け規則の判断に戻す");
        let version = asaka.get(&at).await.hidden("version");
        let fields = [
            ("version", &*version),
            ("route", "head_office_sms"),
            ("why", "本人の希望"),
        ];
        asaka.submit(&at, &format!("{at}/route"), &fields).await;
        let page = asaka.get(&at).await;
        page.shows("1人を振り分け規則の判断に戻す");
        let back = format!("{at}/decide");
        let late = asaka.submit(&at, &back, &[("version", &*version)]).await;
        assert_eq!(late.status, StatusCode::CONFLICT);
        let version = page.hidden("version");
        let done = asaka.submit(&at, &back, &[("version", &*version)]).await;
        assert!(done.location.ends_with("done=decided"), "{}", done.body);
        let page = asaka.get(&at).await;
        page.hides("振り分け規則の判断に戻す");
        page.shows("本庁がSMS → 保健所が電話");
        let mut kawaguchi = host.browser("kawaguchi").await;
        let refused = kawaguchi.submit("/cases/new", &back, &[("version", "3")]).await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn nobody_hands_a_person_over_to_doctors_who_judge() {
    each_host(async |host| {
        let terms = OfficeTerms::parse(OfficeKind::Doctors, "").unwrap();
        let name = Name::parse("県医師会").unwrap();
        let doctors = host.accounts.add_office_as(ORG, name, terms).await.unwrap();
        let id = take_in(&host.db, host.asaka, vec![hanako()]).await.cases[0];
        let mut asaka = host.browser("asaka").await;
        let over = format!("/cases/{id}/hand-over");
        let page = asaka.get(&over).await;
        page.shows("川口保健所");
        page.hides("県医師会");
        let (version, doctors) = (page.hidden("version"), doctors.to_string());
        let fields = [
            ("version", &*version),
            ("office", &*doctors),
            ("why", "診てほしい"),
        ];
        let refused = asaka.submit(&over, &over, &fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    })
    .await;
}

#[tokio::test]
async fn who_is_overtaken_sees_both_versions() {
    each_host(async |host| {
        let id = take_in(&host.db, host.asaka, vec![hanako()]).await.cases[0];
        let (mut asaka, mut honcho) = (host.browser("asaka").await, host.browser("honcho").await);
        let at = format!("/cases/{id}");
        let course = format!("{at}/course");
        let version = asaka.get(&course).await.hidden("version");
        let opened_too = honcho.get(&course).await;
        opened_too.shows("職員 はじめさん（朝霞保健所）がたった今から開いています");
        let fields = [("version", &*version), ("relieved", "2100/1/1")];
        let refused = honcho.submit(&course, &course, &fields).await;
        assert_eq!(
            refused.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "that day has not come"
        );
        let fields = [("version", &*version), ("relieved", "2026/9/19")];
        let done = honcho.submit(&course, &course, &fields).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
        let fields = [
            ("version", &*version),
            ("relieved", "2026/9/18"),
            ("place", "home"),
        ];
        let late = asaka.submit(&course, &course, &fields).await;
        assert_eq!(late.status, StatusCode::CONFLICT);
        late.shows("2026-09-19");
        late.shows("2026/9/18");
        let newer = late.hidden("version");
        assert_ne!(newer, version);
        let fields = [("version", &*newer), ("relieved", "2026/9/18"), ("place", "home")];
        let knowingly = asaka.submit(&course, &course, &fields).await;
        assert_eq!(knowingly.status, StatusCode::SEE_OTHER, "{}", knowingly.body);
        asaka.get(&at).await.shows("症状軽快日: 2026年9月19日");
    })
    .await;
}

#[tokio::test]
async fn the_receiving_office_confirms_whom_it_was_handed() {
    each_host(async |host| {
        let id = take_in(&host.db, host.asaka, vec![hanako()]).await.cases[0];
        let mut asaka = host.browser("asaka").await;
        let at = format!("/cases/{id}");
        let over = format!("{at}/hand-over");
        let version = opened(&host.db, id).await.version.to_string();
        let office = host.kawaguchi.to_string();
        let fields = [("version", &*version), ("office", &*office), ("why", "転居")];
        asaka.submit(&over, &over, &fields).await;
        let mut kawaguchi = host.browser("kawaguchi").await;
        kawaguchi
            .get("/cases")
            .await
            .shows("ほかの部署から引き継がれた人: 1人");
        kawaguchi
            .get("/cases?arrived=yes")
            .await
            .shows(&format!("/cases/{id}\""));
        kawaguchi.get(&at).await.shows("1人の引き継ぎを受け取る");
        let done = kawaguchi.submit(&at, &format!("{at}/taken"), &[]).await;
        assert!(done.location.ends_with("done=taken"), "{}", done.location);
        kawaguchi
            .get("/cases")
            .await
            .hides("ほかの部署から引き継がれた人");
    })
    .await;
}

#[tokio::test]
async fn a_long_record_asks_the_database_no_more_than_a_short_one() {
    each_host(async |host| {
        let id = take_in(&host.db, host.asaka, vec![hanako()]).await.cases[0];
        let mut asaka = host.browser("asaka").await;
        let at = format!("/cases/{id}");
        let note = format!("{at}/notes");
        asaka.submit(&at, &note, &[("note", "1回目")]).await;
        asaka.get(&at).await;
        let before = host.db.statements();
        asaka.get(&at).await;
        let short = host.db.statements() - before;
        for _ in 0..20 {
            asaka.submit(&at, &note, &[("note", "もう一度")]).await;
        }
        asaka.get(&at).await;
        let before = host.db.statements();
        asaka.get(&at).await;
        let long = host.db.statements() - before;
        assert!(long <= short && short <= 40, "{short} {long}");
    })
    .await;
}

#[tokio::test]
async fn a_case_worker_takes_one_persons_record_out_with_a_purpose_and_a_fresh_proof() {
    each_host(async |host| {
        let id = take_in(&host.db, host.asaka, vec![hanako()]).await.cases[0];
        let mut asaka = host.browser("asaka").await;
        let at = format!("/cases/{id}");
        let export = format!("{at}/export");
        asaka
            .submit(&at, &format!("{at}/notes"), &[("note", "入院先を確かめた")])
            .await;
        asaka.get(&export).await.hides("佐藤 花子");
        let unsaid = asaka
            .submit(&export, &export, &[("purpose", " "), ("form", "csv")])
            .await;
        assert_eq!(unsaid.status, StatusCode::UNPROCESSABLE_ENTITY);
        unsaid.shows("何のために使うかを");
        unsaid.hides("佐藤 花子");
        let purpose = ("purpose", "入院先に渡すため");
        let csv = asaka.submit(&export, &export, &[purpose, ("form", "csv")]).await;
        assert_eq!(csv.status, StatusCode::OK);
        for part in [
            "佐藤 花子",
            "入院先を確かめた",
            "目的: 入院先に渡すため",
            "朝霞保健所",
        ] {
            csv.shows(part);
        }
        let paper = asaka
            .submit(&export, &export, &[purpose, ("form", "paper")])
            .await;
        paper.shows("佐藤 花子");
        paper.shows("目的: 入院先に渡すため");
        host.db.clock().advance(6 * base::clock::MINUTE);
        let stale = asaka.submit(&export, &export, &[purpose, ("form", "csv")]).await;
        assert_eq!(stale.status, StatusCode::SEE_OTHER, "{}", stale.body);
        stale.hides("佐藤 花子");
    })
    .await;
}

#[tokio::test]
async fn of_two_who_correct_or_hand_over_at_once_one_is_told() {
    each_host(async |host| {
        let id = take_in(&host.db, host.asaka, vec![hanako()]).await.cases[0];
        let (mut asaka, mut honcho) = (host.browser("asaka").await, host.browser("honcho").await);
        let at = format!("/cases/{id}");
        let correct = format!("{at}/correct");
        let version = asaka.get(&correct).await.hidden("version");
        let fields = |number: &'static str| {
            [
                ("version", version.as_str()),
                ("name", "佐藤 花子"),
                ("number1", number),
                ("why", "電話で確認"),
            ]
        };
        let first = honcho.submit(&correct, &correct, &fields("080-2222-3333")).await;
        assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.body);
        let late = asaka.submit(&correct, &correct, &fields("080-4444-5555")).await;
        assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.body);
        late.shows("080-4444-5555");
        let over = format!("{at}/hand-over");
        let office = host.kawaguchi.to_string();
        let fields = [("version", &*version), ("office", &*office), ("why", "転居")];
        let late = asaka.submit(&over, &over, &fields).await;
        assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.body);
        assert_eq!(
            opened(&host.db, id).await.office,
            host.asaka,
            "nothing was handed over"
        );
    })
    .await;
}
