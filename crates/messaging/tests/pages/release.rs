//! The pages of the safe send: the rule, the confirmation, the approval, what waits says until when.

use axum::http::StatusCode;
use base::clock::{DAY, HOUR, MINUTE, SECOND, japan_midnight};
use messaging::message::Outcome;
use messaging::release::{ApprovalRule, FirstWaveRule, SendRule};
use messaging::store;

use crate::host::{Browser, Host, ORG, START};

async fn rule(host: &Host, rule: SendRule) {
    let kept = store::send_rules(&host.db, ORG, 1).await.unwrap();
    let seen = kept.first().map_or(0, |one| one.version);
    store::save_send_rule(&host.db, ORG, seen, &rule, host.db.now(), None)
        .await
        .unwrap();
}

fn above(people: u32) -> SendRule {
    SendRule {
        approval: ApprovalRule {
            above: Some(people),
            ..ApprovalRule::default()
        },
        ..SendRule::first().at_any_time()
    }
}

async fn press(browser: &mut Browser, list: base::id::ListId, more: &[(&str, &str)]) -> crate::host::Seen {
    let page = browser.get(&format!("/lists/{list}/confirm")).await;
    let (csrf, seal, seen) = (page.hidden("csrf"), page.hidden("seal"), page.hidden("seen"));
    let mut fields = vec![("csrf", &*csrf), ("seal", &*seal), ("seen", &*seen)];
    fields.extend(more);
    browser.post(&format!("/lists/{list}/send"), &fields).await
}

#[tokio::test]
async fn a_large_list_is_looked_at_by_somebody_else_at_other_rows() {
    let host = Host::new().await;
    rule(&host, above(60)).await;
    let (mut sender, mut head) = (host.asaka().await, host.browser("honcho").await);
    let list = host.good_list(61).await;
    let check = sender.get(&format!("/lists/{list}")).await;
    check.shows("無作為に選んだ3人の文面");
    let confirm = sender.get(&format!("/lists/{list}/confirm")).await;
    confirm.shows("61人への送信の承認を求める");
    confirm.shows("理由: 送る人数が多いため");
    let id = host.send(&mut sender, list).await;
    let page = sender.get(&format!("/broadcasts/{id}")).await;
    page.shows("ほかの人の承認を待っています");
    page.shows("承認が要ります（送る人数が多いため）");
    sender.get("/").await.shows("承認待ち");
    sender
        .get("/approvals")
        .await
        .shows("あなたが承認を求めているもの");
    let own = sender.get(&format!("/broadcasts/{id}/approval")).await;
    own.shows("自分の送信は承認できません");
    own.hides("送信を承認する");
    // Nobody needs a button to press one.
    let refused = sender
        .submit(
            &format!("/broadcasts/{id}"),
            &format!("/broadcasts/{id}/approve"),
            &[("looked", "yes")],
        )
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);

    host.clock.advance(12 * MINUTE);
    let waiting = head.get("/approvals").await;
    waiting.shows("12分");
    waiting.shows("朝霞.csv");
    let approval = head.get(&format!("/broadcasts/{id}/approval")).await;
    approval.shows("61人への送信を承認する");
    approval.shows("最大 61通");
    approval.shows("この文面は、まだ一度も承認されていません。");
    let shown = approval.hidden("shown");
    let asked = store::asked(&host.db, ORG, id).await.unwrap().unwrap();
    let lines: Vec<u32> = shown.split(',').map(|line| line.parse().unwrap()).collect();
    assert_eq!(lines.len(), 5);
    assert!(asked.seen_lines.len() >= 4, "{:?}", asked.seen_lines);
    for line in &lines {
        assert!(
            !asked.seen_lines.contains(line),
            "row {line} was shown to the sender"
        );
        check.hides(&format!("preview?row={line}\""));
        approval.shows(&format!("{line}行目"));
    }

    let (page, approve) = (
        format!("/broadcasts/{id}/approval"),
        format!("/broadcasts/{id}/approve"),
    );
    for fields in [
        &[("shown", &*shown)][..],
        &[("looked", "yes"), ("shown", "2")][..],
    ] {
        let refused = head.submit(&page, &approve, fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        refused.shows("文面を見てから、印を付けてください。");
    }
    let done = head
        .submit(&page, &approve, &[("looked", "yes"), ("shown", &shown)])
        .await;
    assert_eq!(done.location(), format!("/broadcasts/{id}?done=approved"));
    let page = head.get(done.location()).await;
    page.shows("送信を承認しました");
    page.shows("まもなく配信が始まります");
    head.get("/approvals")
        .await
        .shows("あなたの承認を待っている送信はありません");
    let late = head.get(&format!("/broadcasts/{id}/approval")).await;
    assert_eq!(late.location(), format!("/broadcasts/{id}"));
    host.clock.advance(30 * SECOND);
    assert_eq!(host.carrier().await.claim(100).await.len(), 61);
    // The text counts as approved; the next large list says so.
    let template = sender.get(&format!("/templates/{}", host.template)).await;
    template.shows("が承認しました。");
}

#[tokio::test]
async fn what_is_given_back_says_why_and_the_list_goes_again() {
    let host = Host::new().await;
    rule(&host, above(1)).await;
    let (mut sender, mut head) = (host.asaka().await, host.browser("honcho").await);
    let list = host.good_list(2).await;
    let id = host.send(&mut sender, list).await;
    let (page, back) = (
        format!("/broadcasts/{id}/approval"),
        format!("/broadcasts/{id}/return"),
    );
    head.get(&page).await.hides("人分の文面を見ました");
    let refused = head.submit(&page, &back, &[("reason", " ")]).await;
    refused.shows("差し戻す理由を入力してください。");
    let done = head
        .submit(&page, &back, &[("reason", "名簿が昨日のものです")])
        .await;
    assert_eq!(done.location(), format!("/broadcasts/{id}?done=returned"));
    let page = sender.get(&format!("/broadcasts/{id}")).await;
    page.shows("送信は差し戻されました");
    page.shows("名簿が昨日のものです");
    page.shows(&format!("/lists/{list}"));
    sender.get("/").await.shows("差し戻し");
    let again = host.send(&mut sender, list).await;
    assert_ne!(again, id);
    // The sender takes it back.
    let at = format!("/broadcasts/{again}");
    let done = sender.submit(&at, &format!("{at}/discard"), &[]).await;
    sender.get(done.location()).await.shows("1通も送っていません");
    let late = head
        .submit("/templates/new", &format!("{at}/approve"), &[("looked", "yes")])
        .await;
    assert_eq!(late.location(), format!("{at}?done=nothing"));
}

#[tokio::test]
async fn another_office_neither_sees_nor_approves() {
    let host = Host::new().await;
    rule(&host, above(1)).await;
    let mut sender = host.asaka().await;
    let list = host.good_list(2).await;
    let id = host.send(&mut sender, list).await;
    let mut other = host.browser("kawaguchi").await;
    other.get("/approvals").await.hides("朝霞.csv");
    let seen = other.get(&format!("/broadcasts/{id}/approval")).await;
    assert_eq!(seen.status, StatusCode::NOT_FOUND);
    for action in ["approve", "return", "any-time"] {
        let seen = other
            .submit(
                "/templates/new",
                &format!("/broadcasts/{id}/{action}"),
                &[("reason", "x")],
            )
            .await;
        assert_eq!(seen.status, StatusCode::NOT_FOUND, "{action}");
    }
}

#[tokio::test]
async fn a_moment_is_chosen_and_every_page_says_until_when() {
    let host = Host::new().await;
    let mut sender = host.asaka().await;
    let list = host.good_list(8).await;
    let tomorrow = (japan_midnight(START) + DAY) / MINUTE;
    let (day, wrong) = (tomorrow.to_string(), "8時半頃");
    let refused = press(&mut sender, list, &[("day", &day), ("time", wrong)]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    refused.shows("時刻を「9:00」のように入力してください。");
    refused.shows(wrong);
    let refused = press(
        &mut sender,
        list,
        &[
            ("day", &day),
            ("time", "8:00"),
            ("last_day", &day),
            ("last_time", "7:59"),
        ],
    )
    .await;
    refused.shows("送り始める時刻より後にしてください");
    let sent = press(
        &mut sender,
        list,
        &[
            ("day", &day),
            ("time", "８：００"),
            ("last_day", &day),
            ("last_time", "9:00"),
            ("first_wave", "yes"),
        ],
    )
    .await;
    let at = sent.location().to_owned();
    let page = sender.get(&at).await;
    page.shows("明日 8:00 に送り始めます");
    page.shows("配信を予約しています");
    sender.get("/").await.shows("明日 8:00 に送り始めます");
    sender.get("/?day=2026-11-23").await.shows("朝霞.csv");
    let carrier = host.carrier().await;
    host.clock
        .advance((tomorrow + 480) * MINUTE - host.clock.now() - 1);
    assert!(carrier.claim(10).await.is_empty());
    host.clock.advance(1);
    let mut sender = host.asaka().await;
    let first = carrier.claim(10).await;
    assert_eq!(first.len(), 5);
    sender.get(&at).await.shows("最初の5人の結果を待っています");
    for one in &first[..4] {
        carrier.finish(one.part, Outcome::Delivered, "000").await;
    }
    carrier.finish(first[4].part, Outcome::Undelivered, "001").await;
    carrier.tidy().await;
    let page = sender.get(&at).await;
    page.shows("最初の5人に届いたことを確かめられないため、止めました。まだ送っていない人: 3人");
    sender.get("/").await.shows("最初の数人で停止");
    // Nobody decides in time.
    host.clock.advance(HOUR);
    carrier.tidy().await;
    let mut sender = host.asaka().await;
    let page = sender.get(&at).await;
    page.shows("期限を過ぎたため、3人には送っていません");
    page.shows("期限切れで取消あり");
    let listed = sender
        .submit(&at, &format!("{at}/calls"), &[("group", "cancelled")])
        .await;
    sender.get(listed.location()).await.shows("090-****-0002");
}

#[tokio::test]
async fn outside_of_the_hours_it_waits_unless_somebody_says_why_not() {
    let host = Host::new().await;
    rule(
        &host,
        SendRule {
            approval: ApprovalRule::default(),
            ..SendRule::first()
        },
    )
    .await;
    host.clock.advance(japan_midnight(START) + 21 * HOUR - START);
    let limit = store::NewLimit {
        office: Some(host.office),
        kind: messaging::allowance::LimitKind::DayParts,
        amount: Some(50),
        from_day: japan_midnight(START),
    };
    store::set_limits(&host.db, ORG, vec![limit], None).await.unwrap();
    let mut sender = host.asaka().await;
    let list = host.good_list(2).await;
    // It is the morning's limit that it will take from.
    let confirm = sender.get(&format!("/lists/{list}/confirm")).await;
    confirm.shows("部署の11月23日 50通");
    let confirm = sender.get(&format!("/lists/{list}/confirm")).await;
    confirm.shows("いまは送信できる時間（8:00〜20:00）ではありません。明日 8:00 に送り始めます。");
    let refused = press(&mut sender, list, &[("any_time", "yes")]).await;
    refused.shows("時間の外でも送る理由を入力してください。");
    let sent = press(&mut sender, list, &[]).await;
    host.clock.advance(30 * SECOND);
    let at = sent.location().to_owned();
    let page = sender.get(&at).await;
    page.shows("送れる時間を待っています");
    page.shows("明日 8:00 に送り始めます");
    sender.get("/").await.shows("明日 8:00 に送り始めます");
    let carrier = host.carrier().await;
    assert!(carrier.claim(10).await.is_empty());
    let any = format!("{at}/any-time");
    let refused = sender.submit(&at, &any, &[("any_time_reason", " ")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let opened = sender
        .submit(&at, &any, &[("any_time_reason", "停電のお知らせ")])
        .await;
    sender
        .get(opened.location())
        .await
        .shows("送信できる時間の外でも送ると決めました: 停電のお知らせ");
    assert_eq!(carrier.claim(10).await.len(), 2);
}

#[tokio::test]
async fn the_rule_has_a_page_with_its_history() {
    let host = Host::new().await;
    let mut admin = host.browser("honcho").await;
    let at = "/organisation/sending";
    let page = admin.get(at).await;
    page.shows("決まりはまだありません");
    let fields = [
        ("version", "0"),
        ("above", "２００"),
        ("new_version", "yes"),
        ("patience", "15"),
        ("hold-survey", "300"),
        ("opens-0", "9:00"),
        ("closes-0", "17:30"),
        ("office-1", "2"),
        ("opens-1", "7:00"),
        ("closes-1", "21:00"),
    ];
    let saved = admin.submit(at, at, &fields).await;
    assert_eq!(saved.location(), format!("{at}?done=saved"));
    let page = admin.get(at).await;
    for words in [
        "承認: 200人を超える送信、承認されたことのない文面",
        "調査・アンケート）: 5分",
        "9:00〜17:30",
        "朝霞保健所・すべての目的）: 7:00〜21:00",
        "いまの決まり",
    ] {
        page.shows(words);
    }
    // Somebody else saved meanwhile; then one for later.
    let late = admin.submit(at, at, &fields).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    late.shows("ほかの人が先に送信の決まりを変えました");
    let day = ((japan_midnight(START) + 2 * DAY) / MINUTE).to_string();
    let ahead = [
        ("version", "1"),
        ("always", "yes"),
        ("patience", "15"),
        ("from", &day),
    ];
    admin.submit(at, at, &ahead).await;
    let page = admin.get(at).await;
    page.shows("これから");
    page.shows("2026年11月24日(火) 0:00".replace(" 0:00", " 00:00").as_str());
    assert_eq!(
        store::send_rule(&host.db, ORG)
            .await
            .unwrap()
            .unwrap()
            .approval
            .above,
        Some(200)
    );
    host.clock.advance(2 * DAY);
    assert!(
        store::send_rule(&host.db, ORG)
            .await
            .unwrap()
            .unwrap()
            .approval
            .always
    );
    let mut admin = host.browser("honcho").await;
    let wrong = admin
        .submit(at, at, &[("version", "2"), ("above", "百"), ("patience", "15")])
        .await;
    wrong.shows("数字を入力してください。");
}

#[tokio::test]
async fn a_text_is_approved_by_itself_by_somebody_else() {
    let host = Host::new().await;
    rule(
        &host,
        SendRule {
            approval: ApprovalRule {
                new_version: true,
                ..ApprovalRule::default()
            },
            first_wave: FirstWaveRule {
                above: Some(50),
                patience: MINUTE,
            },
            ..SendRule::first().at_any_time()
        },
    )
    .await;
    let (mut author, mut head) = (host.asaka().await, host.browser("honcho").await);
    let list = host.good_list(2).await;
    author
        .get(&format!("/lists/{list}/confirm"))
        .await
        .shows("まだ承認されたことのない文面のため");
    let at = format!("/templates/{}", host.template);
    author.get(&at).await.hides("第1版を承認する");
    let own = author
        .submit(&at, &format!("{at}/approve"), &[("version", "1")])
        .await;
    assert_eq!(own.status, StatusCode::UNPROCESSABLE_ENTITY);
    head.get(&at).await.shows("第1版を承認する");
    head.submit(&at, &format!("{at}/approve"), &[("version", "1")])
        .await;
    author.get(&at).await.shows("手本 太郎 が承認しました。");
    let confirm = author.get(&format!("/lists/{list}/confirm")).await;
    confirm.shows("2人に送信する");
    let missing = head
        .submit(&at, &format!("{at}/approve"), &[("version", "7")])
        .await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}
