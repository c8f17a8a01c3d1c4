//! Doctors at their pages: one application after another, nobody twice, nothing typed lost, nothing seen too early.

use axum::http::StatusCode;
use base::clock::{MINUTE, SECOND};
use desk::application::{LEASE, LEAVING, PROVISIONAL, State};
use desk::document::SecondLook as Rule;
use desk::store::{self, Precheck};

use crate::house::{CLERK, ORG, kind, not_needed};
use crate::staff::{AT, Office, with_doctor};

#[tokio::test]
async fn of_two_doctors_one_judges_and_what_the_other_typed_is_kept() {
    for office in Office::each(with_doctor()).await {
        let id = office.house.apply(1).await;
        let (mut anna, mut ben) = (office.browser("anna").await, office.browser("ben").await);
        assert_eq!(anna.next().await, id);
        let page = format!("{AT}/{id}");
        let hers = anna.get(&page).await;
        hers.shows("担当はあなたです");
        let review = hers.hidden("review");

        let his = ben.get(&page).await;
        his.shows("医師 あんなさんが確認中です（残り");
        his.hides(r#"value="confirmed""#);
        let taken = ben.post(&format!("{page}/take"), &[]).await;
        assert!(taken.location().ends_with("done=taken"), "{}", taken.location());
        office.house.clock.advance(LEASE);
        assert_eq!(ben.post(&format!("{page}/take"), &[]).await.opened(), id);

        let fields = [
            ("review", &*review),
            ("comment", "線がうすい"),
            ("act", "confirmed"),
        ];
        let late = anna.post(&format!("{page}/act"), &fields).await;
        assert_eq!(late.status, StatusCode::CONFLICT);
        late.shows("医師 べんさんが確認中です");
        late.shows("線がうすい");
        late.shows("今回の判定は記録していません");
        let done = ben.press(id, "K01", "").await;
        assert!(done.location().ends_with("?done=last"), "{}", done.location());
        let later = anna.post(&format!("{page}/act"), &fields).await;
        assert_eq!(later.status, StatusCode::CONFLICT);
        later.shows("医師 べんさんが「対象でない」と判定しています");
        anna.get(&format!("/applications/{id}"))
            .await
            .shows("医師 あんな: 線がうすい");
        let seen = office.house.see(id).await;
        assert_eq!(seen.decided.unwrap().decision, not_needed());
    }
}

#[tokio::test]
async fn what_is_typed_stays_when_the_page_is_closed_and_somebody_else_goes_on() {
    for office in Office::each(with_doctor()).await {
        let id = office.house.apply(1).await;
        let mut anna = office.browser("anna").await;
        anna.next().await;
        let page = format!("{AT}/{id}");
        let review = anna.get(&page).await.hidden("review");
        let typed = |words, quiet| [("review", review.clone()), ("comment", words), ("quiet", quiet)];
        let renew = async |anna: &mut crate::staff::Browser, to: &str, words: &str, quiet: &str| {
            let fields = typed(words.to_owned(), quiet.to_owned());
            let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
            anna.post(&format!("{page}/{to}"), &fields).await
        };
        office.house.clock.advance(LEASE - SECOND);
        let alive = renew(&mut anna, "renew", "線が", "yes").await;
        assert_eq!(alive.body, r#"{"lost":false,"seconds":300}"#);
        let kept = renew(&mut anna, "renew", "線がうすい", "").await;
        assert!(kept.location().ends_with("done=kept"), "{}", kept.location());
        assert_eq!(
            renew(&mut anna, "leave", "線がうすいか", "yes").await.status,
            StatusCode::NO_CONTENT
        );
        // A page that loads itself again is back in time.
        anna.get(&page).await.shows("線がうすいか</textarea>");
        let mut ben = office.browser("ben").await;
        let nothing = ben.post(&format!("{AT}/next"), &[]).await;
        assert!(
            nothing.location().ends_with("done=nothing"),
            "{}",
            nothing.location()
        );
        office.house.clock.advance(LEAVING);
        assert_eq!(ben.next().await, id);
        let lost = renew(&mut anna, "renew", "線がうすい", "yes").await;
        assert_eq!(lost.body, r#"{"lost":true,"seconds":0}"#);
        ben.get(&page).await.shows("医師 あんな: 線がうすい");
    }
}

#[tokio::test]
async fn a_judgement_is_taken_back_for_two_minutes_and_not_longer() {
    for office in Office::each(with_doctor()).await {
        let (first, second) = (office.house.apply(1).await, office.house.apply(2).await);
        let mut anna = office.browser("anna").await;
        assert_eq!(anna.next().await, first);
        let next = anna.press(first, "confirmed", "").await;
        assert_eq!(next.opened(), second, "the next one at once");
        let page = anna.get(&format!("{AT}/{second}")).await;
        page.shows(r#"data-left="120""#);
        page.shows(&format!("{AT}/{first}/undo"));
        office.house.clock.advance(PROVISIONAL - 1);
        let undone = anna.post(&format!("{AT}/{first}/undo"), &[("number", "1")]).await;
        assert!(
            undone.location().ends_with("done=undone"),
            "{}",
            undone.location()
        );
        let again = anna.press(first, "K01", "").await;
        assert_eq!(again.opened(), second, "still theirs");
        office.house.clock.advance(PROVISIONAL);
        let late = anna.post(&format!("{AT}/{first}/undo"), &[("number", "2")]).await;
        assert!(late.location().ends_with("?done=late"), "{}", late.location());
        anna.get(late.location()).await.shows("もう取り消せません");
        anna.get(AT).await.shows("取り消しました");
        assert_eq!(office.house.settle().await, 1);
        assert_eq!(office.house.see(first).await.state, State::Final);
    }
}

#[tokio::test]
async fn every_key_is_shown_until_they_are_switched_off() {
    for office in Office::each(with_doctor()).await {
        let id = office.house.apply(1).await;
        let mut anna = office.browser("anna").await;
        anna.next().await;
        let page = format!("{AT}/{id}");
        let on = anna.get(&page).await;
        for key in ["1", "2", "3", "4", "5", "H", "T", "C", "?"] {
            on.shows(&format!(r#"data-key="{key}" aria-keyshortcuts="{key}""#));
            on.shows(&format!("<kbd>{key}</kbd>"));
        }
        let fields = [("keys", "off"), ("back", page.as_str())];
        let off = anna.post("/review/keys", &fields).await;
        assert_eq!(off.location(), page);
        let off = anna.get(&page).await;
        off.hides("data-key");
        off.hides("<kbd>");
        off.shows("キー操作をオンにする");
        // Hers alone, and everything has its button.
        anna.press(id, "hold", "また見る").await;
        let mut ben = office.browser("ben").await;
        ben.get(AT).await.shows("キー操作をオフにする");
        // Their own page says so, and has the same button.
        anna.get("/me").await.shows("オフ <form");
        let there = [("keys", "on"), ("back", "/me")];
        assert_eq!(anna.post("/review/keys", &there).await.location(), "/me");
        anna.get("/me").await.shows("キー操作をオフにする");
        let mut sender = office.browser("sender").await;
        sender.get("/me").await.hides("キー操作");
        let elsewhere = [("keys", "on"), ("back", "https://evil.example/")];
        assert_eq!(anna.post("/review/keys", &elsewhere).await.location(), "/review");
    }
}

#[tokio::test]
async fn the_next_one_is_set_aside_as_long_as_there_is_another_for_others() {
    for office in Office::each(with_doctor()).await {
        let mut ids = Vec::new();
        for n in 0..4 {
            ids.push(office.house.apply(n).await);
            office.house.clock.advance(SECOND);
        }
        let (mut anna, mut ben) = (office.browser("anna").await, office.browser("ben").await);
        assert_eq!(anna.next().await, ids[0]);
        assert_eq!(
            ben.next().await,
            ids[2],
            "the second waits for whoever has the first"
        );
        assert_eq!(anna.press(ids[0], "confirmed", "").await.opened(), ids[1]);
        let mut carl = office.browser("carl").await;
        assert_eq!(carl.next().await, ids[3], "set aside for Ben, who is busy");
        let nothing = ben.press(ids[2], "confirmed", "").await;
        assert!(
            nothing.location().ends_with("?done=last"),
            "{}",
            nothing.location()
        );
    }
}

#[tokio::test]
async fn a_second_look_is_blind_and_a_difference_keeps_the_result_back() {
    let mut says = with_doctor();
    says.review.second_look = Rule {
        percent: 100,
        refusals: false,
    };
    for office in Office::each(says).await {
        let id = office.house.apply(1).await;
        let mut anna = office.browser("anna").await;
        anna.next().await;
        anna.press(id, "K01", "対象外と思う").await;
        office.house.settle().await;
        let looks = format!("{AT}/looks");
        let hers = anna.get(&looks).await;
        hers.shows("確認を待つ申請はありません");
        assert_eq!(
            anna.get(&format!("{looks}/{id}")).await.status,
            StatusCode::CONFLICT,
            "not one's own"
        );

        let mut ben = office.browser("ben").await;
        ben.get(&looks).await.shows(&format!("{looks}/{id}"));
        for blind in [format!("{looks}/{id}"), format!("/applications/{id}")] {
            let page = ben.get(&blind).await;
            page.hides("最初の判定</dt>");
            page.hides("対象外と思う");
            page.hides("医師 あんなさんが「対象でない」");
            page.hides("<strong>対象でない</strong>");
        }
        let fields = [("number", "1"), ("comment", "線が見える"), ("act", "confirmed")];
        let done = ben.post(&format!("{looks}/{id}"), &fields).await;
        assert!(done.location().ends_with("done=looked"), "{}", done.location());
        let both = ben.get(&format!("{looks}/{id}")).await;
        both.shows("判定が分かれました");
        both.shows("<strong>対象でない</strong>");
        assert_eq!(office.house.lock(&kind(not_needed(), false)).await, None);

        let mut sender = office.browser("sender").await;
        let page = sender.get("/applications/desks/test_kits/differences").await;
        page.shows("線が見える");
        page.shows("「対象でない」のままにする");
        let empty = [("number", "1"), ("comment", " ")];
        let upheld = format!("/applications/{id}/uphold");
        assert_eq!(
            sender.post(&upheld, &empty).await.status,
            StatusCode::UNPROCESSABLE_ENTITY
        );
        let why = [("number", "1"), ("comment", "写真を見直した")];
        assert!(
            sender
                .post(&upheld, &why)
                .await
                .location()
                .ends_with("done=upheld")
        );
        assert!(office.house.lock(&kind(not_needed(), false)).await.is_some());
    }
}

#[tokio::test]
async fn the_day_says_what_waits_and_counts_only_ones_own() {
    for office in Office::each(with_doctor()).await {
        let (first, _) = (office.house.apply(1).await, office.house.apply(2).await);
        let (mut anna, mut ben) = (office.browser("anna").await, office.browser("ben").await);
        anna.next().await;
        anna.press(first, "confirmed", "").await;
        office.house.clock.advance(5 * MINUTE);
        let hers = anna.get("/review").await;
        hers.shows("あなたが判定した申請は<strong>1件</strong>");
        hers.shows("この1時間に1件、1人で判定");
        let his = ben.get("/review").await;
        his.shows("あなたが判定した申請は<strong>0件</strong>");
        his.hides("あんな");
        let kept = store::decided_since(&office.house.db, ORG, base::id::StaffId::new(99), 0).await;
        assert_eq!(kept.unwrap(), 0);
    }
}

#[tokio::test]
async fn the_home_page_opens_the_next_one_for_doctors_and_counts_for_clerks() {
    let mut says = with_doctor();
    says.review.precheck = true;
    for office in Office::each(says).await {
        let (mut anna, mut clerk) = (office.browser("anna").await, office.browser("clerk").await);
        let empty = anna.get("/").await;
        empty.shows("判定待ち</dt><dd>0件");
        empty.hides("次の案件を開く");
        let id = office.house.apply(1).await;
        let his = clerk.get("/").await;
        his.shows("事前確認を待つ申請");
        his.hides("次の案件を開く");
        let looked = (CLERK, String::new());
        let passed = Precheck::Pass { priority: 0 };
        let changes = office.house.see(id).await.changes;
        store::precheck(&office.house.db, ORG, (id, changes), passed, looked)
            .await
            .unwrap();
        office.house.clock.advance(3 * MINUTE);
        let hers = anna.get("/").await;
        hers.shows("判定待ち</dt><dd>1件（最も古いものは3分前から）");
        hers.shows(&format!(r#"action="{AT}/next""#));
        for denied in ["事前確認を待つ", "/lists", "/broadcasts", "/cases", "/outcomes"] {
            hers.hides(denied);
        }
        assert_eq!(anna.next().await, id);
    }
}
