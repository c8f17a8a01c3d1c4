//! Offices: made by hand and from lists, closed without losing anything; a contractor's last day passes.

use accounts::{Name, OfficeKind, OfficeTerms, Role};
use axum::http::StatusCode;
use base::clock::DAY;
use base::date::CalendarDate;
use base::id::{OfficeId, OrgId};

use crate::browser::{Host, PASSWORD, on_each};

const ORG: OrgId = OrgId::FIRST;

async fn names(host: &Host) -> Vec<String> {
    let offices = host.accounts.offices(ORG).await.unwrap();
    offices.iter().map(|office| office.name.to_string()).collect()
}

#[tokio::test]
async fn offices_are_added_by_hand_and_from_the_sample() {
    on_each(async |host: Host| {
        let (_, mut admin) = host.administrator().await;
        let one = [
            ("name", "電話の委託先"),
            ("kind", "contractor"),
            ("last_day", "令和9年3月31日"),
        ];
        let seen = admin.submit("/offices", "/offices", &one).await;
        assert_eq!(seen.location(), "/offices?done=added", "{}", seen.body);
        let page = admin.get("/offices").await.body;
        assert!(page.contains("2027年3月31日"), "{page}");
        let again = admin.submit("/offices", "/offices", &one).await;
        assert_eq!(
            again.errors(),
            ["同じ名前の部署がすでにあります。別の名前にしてください。"]
        );
        let bare = [("name", ""), ("kind", "contractor"), ("last_day", "")];
        let seen = admin.submit("/offices", "/offices", &bare).await;
        assert_eq!(seen.errors().len(), 2, "{:?}", seen.errors());
        let head = [("name", "第二本庁"), ("kind", "head_office"), ("last_day", "")];
        assert_eq!(
            admin.submit("/offices", "/offices", &head).await.errors().len(),
            1
        );

        let sample = admin.get("/offices/sample.csv").await;
        assert!(
            sample.headers["content-disposition"]
                .to_str()
                .unwrap()
                .starts_with("attachment")
        );
        let seen = admin
            .upload("/offices", "/offices/many", "", sample.body.as_bytes())
            .await;
        assert_eq!(seen.location(), "/offices?done=added", "{}", seen.body);
        let all = names(&host).await;
        assert_eq!(all.len(), 1 + 1 + 17);
        let twice = admin
            .upload("/offices", "/offices/many", "新しい保健所\n朝霞保健所", b"")
            .await;
        assert!(twice.body.contains("2行目: 同じ名前"), "{}", twice.body);
        assert_eq!(names(&host).await, all, "all of them or none");
    })
    .await;
}

#[tokio::test]
async fn an_office_is_closed_when_nobody_works_there_and_can_be_opened_again() {
    on_each(async |host: Host| {
        let (_, mut admin) = host.administrator().await;
        let asaka = host.add_office("朝霞保健所").await;
        host.add_at("asaka", asaka, Role::Sender).await;
        let path = format!("/offices/{asaka}");
        let close = format!("{path}/close");
        let seen = admin.submit(&path, &close, &[]).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(seen.body.contains("人が1人います"), "{}", seen.body);
        admin.submit("/staff/2", "/staff/2/disable", &[]).await;
        assert_eq!(
            admin.submit(&path, &close, &[]).await.location(),
            "/offices?done=closed"
        );
        assert!(admin.get("/offices").await.body.contains("閉じた部署"));
        let enable = admin.submit("/staff/2", "/staff/2/enable", &[]).await;
        assert!(enable.body.contains("閉じているか"), "{}", enable.body);
        let new = [
            ("name", "新人"),
            ("login", "shinjin"),
            ("office", "2"),
            ("role", "sender"),
        ];
        let seen = admin.submit("/staff/new", "/staff", &new).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
        let reopened = admin.submit(&path, &format!("{path}/reopen"), &[]).await;
        assert_eq!(reopened.location(), "/offices?done=opened");
        assert_eq!(
            admin.submit("/staff/2", "/staff/2/enable", &[]).await.location(),
            "/staff/2?done=enabled"
        );
        let head = admin.submit("/offices/1", "/offices/1/close", &[]).await;
        assert_eq!(head.status, StatusCode::UNPROCESSABLE_ENTITY);
        let renamed = [("name", "対策本部"), ("kind", ""), ("last_day", "")];
        let seen = admin.submit("/offices/1", "/offices/1", &renamed).await;
        assert_eq!(seen.location(), "/offices?done=changed", "{}", seen.body);
        assert_eq!(names(&host).await, ["対策本部", "朝霞保健所"]);
    })
    .await;
}

/// Walkthrough: the last day of a contract passes.
#[tokio::test]
async fn a_contractor_works_until_midnight_of_the_last_day_and_is_told_why_it_ended() {
    on_each(async |host: Host| {
        let (_, mut admin) = host.administrator().await;
        let now = host.clock.now();
        let day = |after| CalendarDate::in_japan(now + after).unwrap();
        let typed = |day: CalendarDate| format!("{}/{}/{}", day.year(), day.month(), day.day());
        let last = day(DAY);
        let terms = OfficeTerms::parse(OfficeKind::Contractor, &typed(last)).unwrap();
        let name = Name::parse("電話の委託先").unwrap();
        let office = host.accounts.add_office_as(ORG, name, terms).await.unwrap();
        host.add_at("itaku", office, Role::Contractor).await;
        host.clock.advance(last.ends_in_japan() - now - 60_000);
        let mut itaku = host.signed_in_as("itaku").await;
        host.clock.advance(59_999);
        assert!(itaku.is_signed_in().await, "the last day counts");
        host.clock.advance(1);
        let seen = itaku.get("/lists/3").await;
        assert_eq!(seen.location(), "/sign-in?next=/lists/3&done=contract");
        let page = itaku.get(seen.location()).await.body;
        assert!(page.contains("委託契約の期間が終わりました"), "{page}");
        let refused = itaku.sign_in("itaku", PASSWORD).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let words = format!("{}年{}月{}日", last.year(), last.month(), last.day());
        assert!(refused.errors()[0].contains(&words), "{:?}", refused.errors());
        let stranger = itaku.sign_in("itaku", "違うパスワードを入力した人").await;
        assert!(stranger.errors()[0].starts_with("ログインIDまたはパスワードが違います"));
        assert!(!admin.is_signed_in().await, "a day without a request");

        let mut admin = host.signed_in_as("kanri").await;
        assert!(admin.get("/offices").await.body.contains("契約終了"));
        let path = format!("/offices/{office}");
        let later = typed(day(60 * DAY));
        let longer = [
            ("name", "電話の委託先"),
            ("kind", "contractor"),
            ("last_day", later.as_str()),
        ];
        let seen = admin.submit(&path, &path, &longer).await;
        assert_eq!(seen.location(), "/offices?done=changed", "{}", seen.body);
        assert!(host.signed_in_as("itaku").await.is_signed_in().await);
        assert_ne!(office, OfficeId::HEADQUARTERS);
    })
    .await;
}
