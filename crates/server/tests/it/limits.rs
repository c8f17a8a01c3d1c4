//! Limits bind the command line as well; what was set up begins in training and reaches nobody before the review.

use crate::support::carrier::Carrier;
use crate::support::list::people;
use crate::support::place::Place;
use crate::support::serving::{PASSWORD, SentList, Serving};
use crate::support::until_true;

#[test]
fn the_command_line_is_bound_by_the_limits_of_the_organisation() {
    for place in Place::each() {
        let add = [
            "account",
            "add",
            "kanri",
            "--name",
            "見本 花子",
            "--role",
            "administrator",
        ];
        place.admin(&add).input(PASSWORD).run().exits(0);
        {
            let serving = Serving::start(place.serve());
            let mut browser = serving.browser();
            browser.sign_in("kanri", PASSWORD);
            let page = "/organisation/limits";
            let saved = browser.submit(page, page, &[("day_parts", "4")]);
            assert_eq!(saved.leads_to(), "/organisation/limits?done=saved");
        }
        let carrier = Carrier::new();
        let send = |name: &str, range| {
            let list = place.list(name, &people(range));
            place.send(&list).args(&["--carrier", &carrier.url()]).run()
        };
        send("朝.csv", 0..3).exits(0);
        send("昼.csv", 3..5)
            .exits(1)
            .says("残りは1通")
            .says("この配信には2通が必要")
            .says("組織の管理者");
        assert_eq!(carrier.submits(), 3);
        send("夕.csv", 3..4).exits(0);
        assert_eq!(carrier.submits(), 4);
    }
}

#[test]
fn what_was_set_up_begins_in_training_and_reaches_no_carrier_before_the_review() {
    for place in Place::each() {
        let carrier = Carrier::new();
        let mut serving = Serving::start(place.serve().args(&["--carrier", &carrier.url(), "--hold", "0"]));
        let line = serving.process.line_with("初期設定コード");
        let code = line.rsplit(' ').next().unwrap();
        let mut browser = serving.browser();
        let first = [
            ("code", code),
            ("organisation", "さいたま県"),
            ("offices", "朝霞保健所"),
            ("name", "見本 花子"),
            ("login", "hanako"),
            ("password", PASSWORD),
            ("password_again", PASSWORD),
        ];
        assert_eq!(browser.submit("/setup", "/setup", &first).leads_to(), "/start");
        place.admin(&["second-factor", "off"]).run().exits(0);
        browser.get("/").shows("この組織は訓練中です");

        let approver = [
            "account",
            "add",
            "shonin",
            "--name",
            "見本 次郎",
            "--role",
            "approver",
        ];
        place.admin(&approver).input(PASSWORD).run().exits(0);
        let mut second = serving.browser();
        second.sign_in("shonin", PASSWORD);
        let exercise = SentList::approved(&mut browser, &mut second, "訓練.csv", &people(0..3));
        until_true("the simulated carrier has delivered", || {
            let page = browser.get(&exercise.broadcast).body();
            page.contains("訓練の配信です") && page.contains("配信の結果")
        });
        assert_eq!(carrier.submits(), 0, "nothing has reached the real carrier");
        let list = place.list("朝.csv", &people(0..3));
        let send = || place.send(&list).args(&["--carrier", &carrier.url()]).run();
        send().exits(1).says("利用審査が済んでいない");

        let note = ["--purpose", "first_touch", "--note", "依頼書と文面を確かめた"];
        place
            .admin(&[&["review", "open"][..], &note].concat())
            .run()
            .exits(0);
        let reviews = place.admin(&["review", "list"]).run().exits(0);
        assert!(
            reviews.stdout.contains("依頼書と文面を確かめた"),
            "{}",
            reviews.stdout
        );
        let home = browser.get("/").body();
        assert!(!home.contains("この組織は訓練中です"), "{home}");
        SentList::approved(&mut browser, &mut second, "本番.csv", &people(10..13));
        until_true("the real carrier has it", || carrier.submits() == 3);
        place
            .admin(&[&["review", "close"][..], &note].concat())
            .run()
            .exits(0);
        send().exits(1).says("利用審査が済んでいない");
    }
}
