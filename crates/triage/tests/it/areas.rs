//! A person belongs to the office of the place where they are, wherever they were notified.

use accounts::Name;
use axum::http::StatusCode;
use base::id::OfficeId;
use triage::case::{Case, FirstContact};
use triage::store::areas::set_areas;
use triage::store::search::{Filter, listed};

use crate::host::{Browser, Host, each_host};
use crate::people::ORG;

const LIST: &str = "\
氏名,生年月日,電話番号,住所,所在地
見本 一,1985/4/3,090-1234-5601,埼玉県朝霞市本町1-1,
見本 二,1985/4/4,090-1234-5602,埼玉県朝霞市本町1-2,埼玉県川口市青木2-1
見本 三,1985/4/5,090-1234-5603,川口市青木2-2,
見本 四,1985/4/6,090-1234-5604,越谷市越ヶ谷4-2,
";

async fn of(host: &Host, name: &str) -> Case {
    let (found, _) = listed(&host.db, ORG, Filter::default(), None).await.unwrap();
    let named = |case: &Case| {
        case.notification
            .as_ref()
            .is_some_and(|told| told.person.name == name)
    };
    found.into_iter().find(named).unwrap()
}

/// The head office says which municipalities are whose.
async fn say(host: &Host, honcho: &mut Browser) {
    let fields = [
        (format!("office-{}", host.asaka), "朝霞市、 志木市,和光市"),
        (format!("office-{}", host.kawaguchi), "川口市"),
    ];
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), *value))
        .collect();
    let saved = honcho.submit("/intake/areas", "/intake/areas", &fields).await;
    assert_eq!(saved.location, "/intake/areas?done=saved", "{}", saved.body);
}

#[tokio::test]
async fn those_of_a_list_who_are_elsewhere_go_to_that_office_with_one_button() {
    each_host(async |host| {
        let (mut asaka, mut honcho) = (host.browser("asaka").await, host.browser("honcho").await);
        say(&host, &mut honcho).await;
        asaka.get("/intake/areas").await.shows("朝霞市、志木市、和光市");
        let refused = asaka.submit("/cases/new", "/intake/areas", &[]).await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND, "a centre does not say it");

        let taken = asaka
            .upload("/intake/new", "/intake", "朝.csv", LIST.as_bytes())
            .await;
        let check = taken.location;
        let page = asaka.get(&check).await;
        page.shows("所在地が川口保健所の管内の人</dt><dd>2人");
        page.hides("管内の部署に引き継ぐ");
        let done = asaka.submit(&check, &format!("{check}/register"), &[]).await;
        assert_eq!(done.location, format!("{check}?done=registered&people=4&twins=0"));
        asaka.get(&done.location).await.shows("2人を管内の部署に引き継ぐ");
        let case = of(&host, "見本 二").await;
        asaka
            .get(&format!("/cases/{}", case.id))
            .await
            .shows("今いる所は、川口保健所の管内です");

        let moved = asaka.submit(&check, &format!("{check}/move"), &[]).await;
        assert_eq!(moved.location, format!("{check}?done=handed-over&people=2"));
        for (name, office) in [
            ("見本 一", host.asaka),
            ("見本 二", host.kawaguchi),
            ("見本 三", host.kawaguchi),
            ("見本 四", host.asaka),
        ] {
            let case = of(&host, name).await;
            assert_eq!(
                (case.office, case.contact),
                (office, FirstContact::Waiting),
                "{name}"
            );
            assert_eq!(case.arrived_at.is_some(), office == host.kawaguchi, "{name}");
        }
        let mut kawaguchi = host.browser("kawaguchi").await;
        let seen = kawaguchi.get(&format!("/cases/{}", case.id)).await;
        seen.shows("所在地が管内のため");
        seen.hides("今いる所は、");
        let again = asaka.submit("/cases/new", &format!("{check}/move"), &[]).await;
        assert_eq!(
            again.location,
            format!("{check}?done=handed-over&people=0"),
            "once"
        );
        let nobody = asaka.get(&again.location).await;
        nobody.shows("引き継ぐ人はいません");
        nobody.hides("管内の部署に引き継ぐ");
        let old = asaka.get(&done.location).await;
        old.shows("4人を登録しました");
        old.hides("ほかの部署の管内の人がいます");
    })
    .await;
}

/// Corrects where somebody is.
async fn is_at(host: &Host, browser: &mut Browser, name: &str, location: &str) {
    let case = of(host, name).await;
    let correct = format!("/cases/{}/correct", case.id);
    let version = case.version.to_string();
    let fields = [
        ("version", version.as_str()),
        ("name", name),
        ("birth", "1985/4/4"),
        ("location", location),
    ];
    let done = browser.submit(&correct, &correct, &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
}

/// Hands somebody over by hand.
async fn goes_to(host: &Host, browser: &mut Browser, name: &str, office: OfficeId) {
    let case = of(host, name).await;
    let over = format!("/cases/{}/hand-over", case.id);
    let (version, office) = (case.version.to_string(), office.to_string());
    let fields = [("version", version.as_str()), ("office", &office), ("why", "")];
    let done = browser.submit(&over, &over, &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
}

#[tokio::test]
async fn the_record_says_who_is_handed_over_and_whom_somebody_gave_back_stays() {
    each_host(async |host| {
        let (mut asaka, mut honcho) = (host.browser("asaka").await, host.browser("honcho").await);
        let mut kawaguchi = host.browser("kawaguchi").await;
        say(&host, &mut honcho).await;
        let taken = asaka
            .upload("/intake/new", "/intake", "朝.csv", LIST.as_bytes())
            .await;
        let check = taken.location;
        asaka.submit(&check, &format!("{check}/register"), &[]).await;
        is_at(&host, &mut asaka, "見本 二", "朝霞市本町1-2").await;
        is_at(&host, &mut asaka, "見本 四", "川口市青木2-4").await;
        goes_to(&host, &mut asaka, "見本 三", host.kawaguchi).await;
        goes_to(&host, &mut kawaguchi, "見本 三", host.asaka).await;

        asaka.get(&check).await.shows("1人を管内の部署に引き継ぐ");
        let moved = asaka.submit(&check, &format!("{check}/move"), &[]).await;
        assert_eq!(moved.location, format!("{check}?done=handed-over&people=1"));
        for (name, office) in [
            ("見本 一", host.asaka),
            ("見本 二", host.asaka),
            ("見本 三", host.asaka),
            ("見本 四", host.kawaguchi),
        ] {
            assert_eq!(of(&host, name).await.office, office, "{name}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_office_that_has_closed_claims_nothing() {
    each_host(async |host| {
        let (mut asaka, mut honcho) = (host.browser("asaka").await, host.browser("honcho").await);
        say(&host, &mut honcho).await;
        let name = Name::parse("旧川口保健所").unwrap();
        let old = host.accounts.add_office(ORG, name).await.unwrap();
        let line = vec![(old, "川口市".to_owned())];
        set_areas(&host.db, ORG, line).await.unwrap();
        let fields = [
            ("name", "見本 五"),
            ("birth", "1985/4/3"),
            ("location", "川口市本町1"),
        ];
        asaka.submit("/cases/new", "/cases", &fields).await;
        let record = format!("/cases/{}", of(&host, "見本 五").await.id);
        asaka.get(&record).await.hides("今いる所は、");
        host.accounts.close_office(ORG, old).await.unwrap();
        asaka.get(&record).await.shows("今いる所は、川口保健所の管内です");
    })
    .await;
}

#[tokio::test]
async fn the_form_of_a_hand_over_knows_whose_the_place_is() {
    each_host(async |host| {
        let (mut asaka, mut honcho) = (host.browser("asaka").await, host.browser("honcho").await);
        say(&host, &mut honcho).await;
        let fields = [
            ("name", "見本 五"),
            ("birth", "1985/4/3"),
            ("location", "川口市本町1"),
        ];
        let added = asaka.submit("/cases/new", "/cases", &fields).await;
        assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
        let case = of(&host, "見本 五").await;
        let form = asaka.get(&format!("/cases/{}/hand-over", case.id)).await;
        form.shows(&format!(
            r#"<option value="{}" selected>川口保健所"#,
            host.kawaguchi
        ));
        form.shows("所在地が管内のため");
    })
    .await;
}

const AT_HOME: &str = "\
氏名,生年月日,電話番号,住所,所在地
見本 一,1985/4/3,090-1234-5601,埼玉県川口市青木2-1-1,自宅
見本 二,1987/4/3,090-1234-5602,埼玉県川口市青木2-1-1,同上
見本 三,1988/4/3,090-1234-5603,埼玉県朝霞市本町1-1,宿泊療養
見本 四,1989/4/3,090-1234-5604,埼玉県朝霞市本町1-2,川口市青木3-3
";

#[tokio::test]
async fn who_is_at_home_is_where_the_address_says() {
    each_host(async |host| {
        let (mut asaka, mut honcho) = (host.browser("asaka").await, host.browser("honcho").await);
        say(&host, &mut honcho).await;
        let taken = asaka
            .upload("/intake/new", "/intake", "朝.csv", AT_HOME.as_bytes())
            .await;
        let check = taken.location;
        asaka
            .get(&check)
            .await
            .shows("所在地が川口保健所の管内の人</dt><dd>3人");
        asaka.submit(&check, &format!("{check}/register"), &[]).await;
        asaka.submit(&check, &format!("{check}/move"), &[]).await;
        let (one, two) = (of(&host, "見本 一").await, of(&host, "見本 二").await);
        let three = of(&host, "見本 三").await;
        assert_eq!((one.office, two.office), (host.kawaguchi, host.kawaguchi));
        assert_eq!(one.household, two.household, "one address, one family name");
        assert_eq!(three.office, host.asaka);
        assert_eq!(three.course.place, Some(triage::period::Place::Hotel));
        let mut kawaguchi = host.browser("kawaguchi").await;
        let seen = kawaguchi.get(&format!("/cases/{}", one.id)).await;
        seen.shows("住所");
        seen.shows("川口市＊＊");
        let at = format!("/cases/{}", one.id);
        let whole = kawaguchi.submit(&at, &format!("{at}/reveal"), &[]).await;
        whole.shows("埼玉県川口市青木2-1-1");
        whole.shows("自宅");
    })
    .await;
}
