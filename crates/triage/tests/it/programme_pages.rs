//! Programmes as people at the browser see, write, try and approve them.

use axum::http::StatusCode;
use base::date::CalendarDate;
use base::id::{CaseId, ProgrammeId, StaffId};
use triage::case::{CaseSource, NewCase};
use triage::decision::{Route, WithoutRules};
use triage::notification::CaseNotification;
use triage::programme::{Scope, examples};
use triage::store::changes::{Changed, Hand, overrule};
use triage::store::{cases, programmes as kept};

use crate::programme_host::{Browser, Host, ORG, hosts};

const NEW: &str = "/programmes/new";

/// Takes the example of 2022 over; gives its address.
async fn install(browser: &mut Browser) -> String {
    let fields = [("name", ""), ("example", "covid19_2022")];
    browser
        .submit(NEW, "/programmes", &fields)
        .await
        .leads_to()
        .to_owned()
}

/// An empty programme; gives the address of its first version.
async fn blank(browser: &mut Browser) -> String {
    let fields = [("name", "風しん"), ("example", "")];
    let edit = browser
        .submit(NEW, "/programmes", &fields)
        .await
        .leads_to()
        .to_owned();
    edit.strip_suffix("/edit").unwrap().to_owned()
}

async fn approve(browser: &mut Browser, version: &str) -> StatusCode {
    let page = browser.get(version).await;
    let (csrf, revision) = (page.hidden("csrf"), page.hidden("revision"));
    let fields = [("csrf", csrf.as_str()), ("revision", revision.as_str())];
    browser.post(&format!("{version}/approve"), &fields).await.status
}

async fn version_of(host: &Host, address: &str) -> kept::VersionRow {
    let words: Vec<&str> = address.split('/').collect();
    let id: ProgrammeId = words[2].parse().unwrap();
    let at = (id, words[4].parse().unwrap());
    kept::version(&host.db, ORG, at).await.unwrap().unwrap()
}

#[tokio::test]
async fn an_example_becomes_rules_once_somebody_else_has_approved_it() {
    for host in hosts().await {
        let (mut head, mut approver) = (host.browser("honcho").await, host.browser("shonin").await);
        head.get("/programmes")
            .await
            .shows("振り分け規則はまだありません");
        head.get(NEW)
            .await
            .shows("新型コロナウイルス感染症（2022年の例）");
        let programme = install(&mut head).await;
        let page = head.get(&programme).await;
        page.shows("いま使われている規則はありません");
        page.shows("下書き（承認待ち）");
        page.shows("発生届の対象を4つの類型に限る");
        let version = format!("{programme}/versions/5");
        head.get(&version).await.shows("65歳以上（分からない人を含む）");
        let own = head
            .submit(&version, &format!("{version}/approve"), &[("revision", "1")])
            .await;
        assert_eq!(own.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", own.body);
        own.shows("自分が書いた版は承認できません");
        assert_eq!(approve(&mut approver, &version).await, StatusCode::SEE_OTHER);
        let page = head.get(&programme).await;
        page.shows("いまの規則");
        page.shows("妊娠している");
        page.shows("https://www.pref.chiba.lg.jp/shippei/tetsuzuki/kansenshou.html");
        head.get("/programmes")
            .await
            .shows("発生届の対象を4つの類型に限る");
        // What was approved is not written any more.
        let edit = head.get(&format!("{version}/edit")).await;
        assert_eq!(edit.status, StatusCode::CONFLICT);
        let withdrawn = head
            .submit(
                &version,
                &format!("{version}/withdraw"),
                &[("reason", "確認のため")],
            )
            .await;
        assert_eq!(withdrawn.leads_to(), version);
        head.get(&programme)
            .await
            .shows("いま使われている規則はありません");
        head.get(&version).await.shows("取り下げました（確認のため）");
    }
}

#[tokio::test]
async fn a_draft_is_written_line_by_line_without_a_script() {
    for host in hosts().await {
        let mut head = host.browser("honcho").await;
        let version = blank(&mut head).await;
        let edit = format!("{version}/edit");
        // A rule more, before the last; nothing is saved by that.
        let more = head.change(&edit, &[("action", "add")]).await;
        assert_eq!(more.status, StatusCode::OK);
        more.shows("規則2を消す");
        assert_eq!(version_of(&host, &version).await.revision, 1);
        let mut form = more.form();
        for (name, value) in [
            ("title", "65歳以上は電話"),
            ("from", "2026/12/1"),
            ("rule-0-name", "高齢"),
            ("rule-0-kind-0", "age"),
            ("rule-0-value-0", "６５歳以上"),
            ("rule-1-name", "そのほか"),
            ("rule-1-route", "head_office_sms"),
            ("rule-1-priority", "10"),
            ("period-0-days", "7"),
            ("period-0-hours", "24"),
            ("period-0-watch", "10"),
            ("contact_by", "delivery"),
            ("contact_hours", "6"),
            ("close_after", "watch"),
            ("notice", "yes"),
            ("sources", "県の通知 https://www.example.lg.jp/a"),
            ("action", "save"),
        ] {
            form.insert(name.to_owned(), value.to_owned());
        }
        let fields: Vec<(&str, &str)> = form
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(head.post(&edit, &fields).await.leads_to(), version);
        let page = head.get(&version).await;
        for words in [
            "65歳以上",
            "7日目まで、かつ症状が軽くなってから24時間",
            "SMSが届いたとき",
            "県の通知",
        ] {
            page.shows(words);
        }
        // The form that is sent back unchanged means the same.
        let before = version_of(&host, &version).await;
        assert_eq!(
            head.change(&edit, &[("action", "save")]).await.leads_to(),
            version
        );
        let after = version_of(&host, &version).await;
        assert_eq!((after.revision, after.draft), (before.revision + 1, before.draft));
        // Somebody who has an older page in front of them is told.
        let late = head.change(&edit, &[("action", "save"), ("revision", "1")]).await;
        assert_eq!(late.status, StatusCode::CONFLICT);
        late.shows("ほかの人が先に、この版を直したか、承認しました");
        // Lines move and go.
        let moved = head.change(&edit, &[("action", "down-0")]).await.form();
        assert_eq!(moved["rule-1-value-0"], "65以上");
        let fewer = head.change(&edit, &[("action", "remove-0")]).await.form();
        assert_eq!(fewer["rule-0-name"], "そのほか");
    }
}

#[tokio::test]
async fn mistakes_stand_at_their_fields_in_words() {
    for host in hosts().await {
        let mut head = host.browser("honcho").await;
        let version = install(&mut head).await + "/versions/5";
        let edit = format!("{version}/edit");
        let wrong = [
            ("title", ""),
            ("from", "そのうち"),
            ("rule-1-value-0", "六十五"),
            ("contact_hours", "0"),
            ("period-0-days", "七"),
            ("action", "save"),
        ];
        let seen = head.change(&edit, &wrong).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
        for words in [
            "名前を入力してください",
            "始まりの日を「2022/9/26」",
            "規則2の条件1: 範囲がありません",
            "電話リストに移すまでの時間は",
            "療養期間の規則1: 数字を入力",
            r#"value="六十五""#,
        ] {
            seen.shows(words);
        }
        // A rule that is less careful than the one below it.
        let order = head
            .change(&edit, &[("rule-0-route", "centre_sms"), ("action", "save")])
            .await;
        assert_eq!(order.status, StatusCode::UNPROCESSABLE_ENTITY);
        order.shows("規則2: 「保健所が電話」は、前の規則の「保健所がSMS」より慎重です");
        assert_eq!(version_of(&host, &version).await.revision, 1);
        let nameless = head
            .submit(NEW, "/programmes", &[("name", " "), ("example", "")])
            .await;
        assert_eq!(nameless.status, StatusCode::UNPROCESSABLE_ENTITY);
        nameless.shows("名前を入力してください");
    }
}

#[tokio::test]
async fn an_office_writes_its_own_rules_and_sees_nobody_elses() {
    for host in hosts().await {
        let mut head = host.browser("honcho").await;
        let (mut asaka, mut kawaguchi) = (host.browser("asaka").await, host.browser("kawaguchi").await);
        let programme = install(&mut head).await;
        let all = format!("{programme}/versions");
        // The organisation's rules are read, and written by the head office only.
        assert_eq!(asaka.get(&format!("{all}/1")).await.status, StatusCode::OK);
        assert_eq!(
            asaka.get(&format!("{all}/1/edit")).await.status,
            StatusCode::NOT_FOUND
        );
        assert_eq!(asaka.get(NEW).await.status, StatusCode::NOT_FOUND);
        let everybodys = asaka
            .submit(&programme, &all, &[("copy", "5"), ("scope", "")])
            .await;
        assert_eq!(everybodys.status, StatusCode::UNPROCESSABLE_ENTITY);
        let own = [("copy", "5"), ("scope", &*host.asaka.to_string())];
        let edit = asaka.submit(&programme, &all, &own).await.leads_to().to_owned();
        assert_eq!(edit, format!("{all}/6/edit"));
        asaka.get(&programme).await.shows("朝霞保健所");
        kawaguchi.get(&programme).await.hides("朝霞保健所");
        for path in ["", "/edit", "/try"] {
            let path = format!("{all}/6{path}");
            assert_eq!(kawaguchi.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
            assert_eq!(head.get(&path).await.status, StatusCode::OK, "{path}");
        }
        for path in ["approve", "withdraw", "edit"] {
            let fields = [("reason", "x"), ("revision", "1")];
            let seen = kawaguchi
                .submit(&programme, &format!("{all}/6/{path}"), &fields)
                .await;
            assert_eq!(seen.status, StatusCode::NOT_FOUND, "{path}");
        }
        let theirs = [("copy", "6"), ("scope", "")];
        let copied = kawaguchi.submit(&programme, &all, &theirs).await;
        assert_eq!(copied.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_version_is_tried_on_somebody_made_up_and_on_yesterdays_cases() {
    for host in hosts().await {
        let mut head = host.browser("honcho").await;
        let programme = install(&mut head).await;
        let version = format!("{programme}/versions/5");
        let nobody = head.get(&format!("{version}/try")).await;
        nobody.shows("昨日の届出はありません");
        let query = "age=72&pregnant=no&mobile=yes&risk_factors=0&therapy=no&admission=no&symptoms=yes&onset=2022/9/26\
                     &place=home&relieved=2022/9/28&on=2022/9/27";
        let seen = head.get(&format!("{version}/try?{query}")).await;
        for words in [
            "保健所が電話",
            "65歳以上: 65歳以上（72歳）",
            "2022年10月4日から療養は終わりです",
            "健康観察は2022年10月6日まで",
        ] {
            seen.shows(words);
        }
        let unknown = head
            .get(&format!("{version}/try?age=20&admission=no&pregnant=no"))
            .await;
        unknown.shows("薬または酸素の必要が分からないため");
        unknown.shows("情報が足りないため、慎重なほうにしています");
        let wrong = head.get(&format!("{version}/try?age=old")).await;
        wrong.shows("数字を入力してください");
        // Somebody whom no rules were for yesterday, and whom this version would write to.
        let id: ProgrammeId = programme.rsplit('/').next().unwrap().parse().unwrap();
        let person = NewCase {
            office: host.asaka,
            source: CaseSource::Form,
            notification: harmless(),
        };
        let added = cases::add(&host.db, ORG, id.get(), &WithoutRules, None, vec![person]);
        assert_eq!(added.await.unwrap().cases.len(), 1);
        host.clock.advance(base::clock::DAY);
        let tried = host.browser("honcho").await.get(&format!("{version}/try")).await;
        tried.shows("1人のうち、実際の振り分けと変わる人は1人です");
        tried.shows("保健所が電話から本庁がSMSへ");
        // Nobody of another programme, and nobody of another office.
        let other = blank(&mut host.browser("honcho").await).await;
        host.browser("honcho")
            .await
            .get(&format!("{other}/try"))
            .await
            .shows("昨日の届出はありません");
        let kawaguchi = host
            .browser("kawaguchi")
            .await
            .get(&format!("{version}/try"))
            .await;
        kawaguchi.shows("昨日の届出はありません");
    }
}

async fn take_in(host: &Host, programme: i64) -> CaseId {
    let person = NewCase {
        office: host.asaka,
        source: CaseSource::Form,
        notification: harmless(),
    };
    let added = cases::add(&host.db, ORG, programme, &WithoutRules, None, vec![person]);
    added.await.unwrap().cases[0]
}

#[tokio::test]
async fn a_trial_leaves_out_whom_the_version_would_not_have_decided_about_and_says_so() {
    for host in hosts().await {
        // Nobody had a programme yesterday.
        take_in(&host, 0).await;
        let programme = install(&mut host.browser("honcho").await).await;
        let id: ProgrammeId = programme.rsplit('/').next().unwrap().parse().unwrap();
        let changed = take_in(&host, id.get()).await;
        let hand = Hand {
            scope: None,
            case: changed,
            version: 1,
            by: StaffId::new(1),
            office: host.asaka,
        };
        let why = "本人の希望".to_owned();
        let done = overrule(&host.db, ORG, hand, Route::CentreSms, why).await;
        assert_eq!(done.unwrap(), Changed::Done);
        host.clock.advance(base::clock::DAY);
        let try_it = format!("{programme}/versions/5/try");
        let tried = host.browser("honcho").await.get(&try_it).await;
        tried.shows("1人のうち、実際の振り分けと変わる人は1人です");
        tried.shows("職員が振り分けを変えた1人は、試していません");
        tried.hides("自分の規則がある部署");
        // With rules of its own, the organisation's decide about nobody there.
        let own = kept::Draft {
            title: "朝霞の区切り".to_owned(),
            from: CalendarDate::new(2022, 5, 1).unwrap(),
            content: examples().remove(0).versions.remove(2).content,
        };
        let new = (Scope::Office(host.asaka), own);
        let own = kept::add_version(&host.db, ORG, id, new, StaffId::new(1))
            .await
            .unwrap();
        assert!(
            kept::approve(&host.db, ORG, (id, own), 1, StaffId::new(99))
                .await
                .unwrap()
        );
        let tried = host.browser("honcho").await.get(&try_it).await;
        tried.shows("試せる届出はありません");
        tried.shows("自分の規則がある部署の2人は、この版では振り分けないため、試していません");
    }
}

#[tokio::test]
async fn an_older_version_of_an_office_is_named_where_a_newer_one_begins() {
    for host in hosts().await {
        let programme = install(&mut host.browser("honcho").await).await;
        let id: ProgrammeId = programme.rsplit('/').next().unwrap().parse().unwrap();
        let mut own = examples().remove(0).versions.remove(2);
        own.from = CalendarDate::new(2022, 5, 10).unwrap();
        let draft = kept::Draft {
            title: own.title,
            from: own.from,
            content: own.content,
        };
        let new = (Scope::Office(host.asaka), draft);
        let own = kept::add_version(&host.db, ORG, id, new, StaffId::new(1))
            .await
            .unwrap();
        for version in [own, 5] {
            let approved = kept::approve(&host.db, ORG, (id, version), 1, StaffId::new(99));
            assert!(approved.await.unwrap());
        }
        let (mut head, mut asaka) = (host.browser("honcho").await, host.browser("asaka").await);
        let newer = format!("{programme}/versions/5");
        let page = head.get(&newer).await;
        page.shows("自分の規則が先に使われる部署があります");
        page.shows("朝霞保健所（第6版、2022年5月10日から）");
        head.get(&format!("{programme}/versions/2"))
            .await
            .hides("自分の規則が先に使われる部署があります");
        host.browser("kawaguchi")
            .await
            .get(&newer)
            .await
            .hides("朝霞保健所");
        // Its own cut-off, and everybody's time at home.
        let now = asaka.get(&programme).await;
        now.shows("49歳以下で基礎疾患がなく");
        now.shows("部署の規則より新しい、組織全体（第5版、2022年9月26日から）の療養期間を使います");
        now.shows("7日目まで、かつ症状が軽くなってから24時間");
    }
}

fn harmless() -> CaseNotification {
    let mut one = CaseNotification::default();
    one.person.stated_age = Some(30);
    one.person.sex = Some("男".to_owned());
    one.person.mobiles.extend(
        base::phone::parse("090-1000-0001")
            .ok()
            .map(|parsed| parsed.number),
    );
    one.illness.needs_admission = Some(false);
    one.illness.risk_factors = Some(std::collections::BTreeSet::new());
    one
}
