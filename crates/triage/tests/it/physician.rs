//! Whoever rules send to a physician waits on somebody's home page.

use accounts::{Login, Permission, Role};
use base::date::CalendarDate;
use base::id::OfficeId;
use triage::decision::{Decided, Route, Rules};
use triage::notification::CaseNotification;
use triage::pages::home_tiles;
use triage::store::cases::add;

use crate::host::{add_account, each_host};
use crate::people::{ORG, by_form, hanako};

struct ToPhysician;

impl Rules for ToPhysician {
    fn decide(&self, _: &CaseNotification, _: OfficeId, _: CalendarDate) -> Decided {
        Decided {
            route: Route::Physician,
            priority: 90,
            reasons: vec!["症状がある接触者".to_owned()],
            rules: Some(1),
            isolation_ends: None,
        }
    }
}

#[tokio::test]
async fn a_physician_of_the_office_finds_whom_to_look_at_from_the_home_page() {
    each_host(async |host| {
        add_account(&host.accounts, host.asaka, "isha", Role::Physician).await;
        add_account(&host.accounts, OfficeId::HEADQUARTERS, "hantei", Role::Doctor).await;
        let new = vec![by_form(host.asaka, hanako())];
        let added = add(&host.db, ORG, 1, &ToPhysician, None, new).await.unwrap();
        let tiles = async |login: &str| {
            let login = Login::parse(login).unwrap();
            let (_, id) = host.accounts.whose(&login).await.unwrap();
            let staff = host.accounts.staff_by_id(ORG, id).await.unwrap().unwrap();
            let may = staff.may(Permission::SeeCases) && staff.may(Permission::WorkCases);
            (home_tiles(&host.db, &staff).await.unwrap().len(), may)
        };
        assert_eq!(tiles("isha").await, (1, true));
        assert_eq!(tiles("kawaguchi").await, (0, true), "nobody waits there");
        assert_eq!(
            tiles("hantei").await,
            (0, false),
            "whoever judges applications sees no records"
        );
        let waiting = "/cases?contact=waiting&route=physician";
        let page = host.browser("isha").await.get(waiting).await;
        page.shows(&format!("/cases/{}\"", added.cases[0]));
    })
    .await;
}
