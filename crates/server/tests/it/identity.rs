//! Signing in with an identity provider that nobody here wrote.

use std::net::SocketAddr;

use crate::support::browser::{Browser, Seen};
use crate::support::foreign::{Peer, Tools, identity_tools};
use crate::support::one_time::code;
use crate::support::place::Place;
use crate::support::serving::{PASSWORD, Serving, add_account};
use crate::support::tls::Authority;

const SECRET: &str = "a secret: of ours+/%";
const LABEL: &str = "さいたま県の職員アカウント";

/// An installation and its provider, which speaks https with a certificate of an authority of its own.
struct Scene {
    place: Place,
    serving: Serving,
    peer: Peer,
    authority: Authority,
}

impl Scene {
    /// `provider`: flags of the provider's program; `more`: flags of `todoke admin oidc set`.
    fn new(tools: &Tools, place: Place, provider: &[&str], more: &[&str]) -> Self {
        let authority = Authority::new();
        let trusted = authority.file(&place);
        let serving = Serving::start(place.serve().arg("--oidc-ca").arg(trusted));
        Self::beside(tools, place, serving, authority, provider, more)
    }

    fn beside(
        tools: &Tools,
        place: Place,
        serving: Serving,
        authority: Authority,
        provider: &[&str],
        more: &[&str],
    ) -> Self {
        let files = authority.issue(&place, "provider", "127.0.0.1");
        let back = format!("http://{}/sign-in/identity/callback", serving.staff);
        let program = tools
            .node("identity-provider.mjs")
            .args(&["--redirect-uri", &back, "--secret", SECRET])
            .arg("--certificate")
            .arg(files.certificate)
            .arg("--key")
            .arg(files.key)
            .args(provider);
        let peer = Peer::start(program);
        let issuer = format!("https://127.0.0.1:{}", peer.port);
        place
            .admin(&[
                "oidc",
                "set",
                "--issuer",
                &issuer,
                "--client-id",
                "todoke",
                "--label",
                LABEL,
            ])
            .args(more)
            .input(SECRET)
            .run()
            .exits(0);
        Self {
            place,
            serving,
            peer,
            authority,
        }
    }

    /// A browser that knows nobody at the provider.
    fn there(&self) -> Browser {
        let address = SocketAddr::from(([127, 0, 0, 1], u16::try_from(self.peer.port).unwrap()));
        Browser::secure(address, self.authority.client())
    }

    /// From the button to the provider and back: the address of the way back, not yet asked for.
    fn way_back(&self, browser: &mut Browser, person: &str) -> String {
        let mut there = self.there();
        assert_eq!(there.get(&format!("/person?{person}")).status, 200);
        let page = browser.get("/sign-in?next=/templates");
        page.shows(LABEL);
        let body = page.body();
        let (_, rest) = body.split_once("href=\"/sign-in/identity/").unwrap();
        let button = format!("/sign-in/identity/{}", rest.split('"').next().unwrap());
        let mut at = path(browser.get(&button).leads_to());
        for _ in 0..5 {
            let answer = there.get(&at);
            at = path(answer.leads_to());
            if at.starts_with("/sign-in/identity/callback") {
                return at;
            }
        }
        panic!("the provider leads round in circles: {at}");
    }

    fn sign_in(&self, browser: &mut Browser, person: &str) -> Seen {
        let back = self.way_back(browser, person);
        browser.get(&back)
    }

    #[track_caller]
    fn nobody(&self, person: &str, words: &str) {
        let mut browser = self.serving.browser();
        let seen = self.sign_in(&mut browser, person);
        is_refused(&mut browser, &seen, words);
    }
}

#[track_caller]
fn is_refused(browser: &mut Browser, seen: &Seen, words: &str) {
    assert_eq!(seen.status, 422, "{}", seen.body());
    seen.shows(words);
    assert!(browser.get("/").leads_to().starts_with("/sign-in"));
}

/// Path and query of an address, whichever host it names.
fn path(address: &str) -> String {
    match address.split_once("://") {
        Some((_, rest)) => rest[rest.find('/').unwrap()..].to_owned(),
        None => address.to_owned(),
    }
}

#[test]
fn whom_the_provider_vouches_for_is_signed_in_and_nobody_else() {
    let Some(tools) = identity_tools() else { return };
    let ways = [
        (vec!["--alg", "RS256"], vec![], "hanako"),
        (
            vec!["--alg", "ES256", "--auth-method", "client_secret_post"],
            vec!["--claim", "email"],
            "hanako@pref.example.lg.jp",
        ),
    ];
    // One way on each database, or both on the one that there is.
    let mut places = Place::each();
    places.resize_with(ways.len(), Place::sqlite);
    for ((provider, more, login), place) in ways.iter().zip(places) {
        add_account(&place, login, None);
        let scene = Scene::new(&tools, place, provider, more);
        let mut browser = scene.serving.browser();
        let entered = scene.sign_in(&mut browser, "name=hanako&amr=pwd,mfa");
        assert_eq!(entered.status, 200, "{}", entered.body());
        assert_eq!(entered.header("refresh"), Some("0; url=/templates"));
        let strict = entered.header("set-cookie").unwrap();
        assert!(
            strict.contains("SameSite=Strict") && strict.contains("HttpOnly"),
            "{strict}"
        );
        browser.get("/").shows("見本 花子");

        scene.nobody("name=taro", "アカウントがありません");
        scene.nobody("name=hanako&decline", "取りやめ");
    }
}

#[test]
fn an_answer_fits_one_browser_and_one_time() {
    let Some(tools) = identity_tools() else { return };
    let place = Place::sqlite();
    add_account(&place, "hanako", None);
    let scene = Scene::new(&tools, place, &[], &[]);
    let mut browser = scene.serving.browser();
    let back = scene.way_back(&mut browser, "name=hanako");

    // Carried to another browser: the victim would work in the attacker's account.
    let mut victim = scene.serving.browser();
    let seen = victim.get(&back);
    is_refused(&mut victim, &seen, "ログインの受付が終わりました");
    // Its state changed, from another issuer, or without one although it says one.
    let other = back.replace("state=", "state=A");
    let seen = browser.get(&other);
    is_refused(&mut browser, &seen, "ログインの受付が終わりました");
    for iss in ["", "&iss=https%3A%2F%2Fevil.example"] {
        let forged = format!("{}{iss}", back.split("&iss=").next().unwrap());
        let seen = browser.get(&forged);
        is_refused(&mut browser, &seen, "確かめられない");
    }

    assert_eq!(browser.get(&back).status, 200);
    browser.get("/").shows("見本 花子");
    // A second time, as a thief of the address would: the attempt's cookie is gone.
    let mut again = scene.serving.browser();
    let seen = again.get(&back);
    is_refused(&mut again, &seen, "ログインの受付が終わりました");
}

#[test]
fn asvs_9_1_1_a_provider_with_other_keys_or_another_algorithm_signs_nobody_in() {
    let Some(tools) = identity_tools() else { return };
    for (provider, keys) in [(vec![], "/keys?other"), (vec!["--alg", "ES384"], "/keys")] {
        let place = Place::sqlite();
        add_account(&place, "hanako", None);
        let scene = Scene::new(&tools, place, &provider, &[]);
        assert_eq!(scene.there().get(keys).status, 200);
        scene.nobody("name=hanako", "確かめられない");
    }
}

#[test]
fn asvs_12_3_2_a_provider_whose_certificate_nobody_trusts_is_not_asked() {
    let Some(tools) = identity_tools() else { return };
    let place = Place::sqlite();
    add_account(&place, "hanako", None);
    let serving = Serving::start(place.serve());
    let scene = Scene::beside(&tools, place, serving, Authority::new(), &[], &[]);
    let mut browser = scene.serving.browser();
    let seen = browser.get("/sign-in/identity/1");
    is_refused(&mut browser, &seen, "接続できません");
}

#[test]
fn asvs_6_3_3_a_provider_that_asked_for_one_factor_does_not_stand_for_two() {
    let Some(tools) = identity_tools() else { return };
    let place = Place::sqlite();
    add_account(&place, "hanako", None);
    let scene = Scene::new(&tools, place, &[], &["--factors-acr", "gold"]);
    scene.place.admin(&["second-factor", "on"]).run().exits(0);
    for (person, enough) in [
        ("name=hanako&amr=pwd", false),
        ("name=hanako", false),
        ("name=hanako&acr=silver", false),
        ("name=hanako&amr=pwd,mfa", true),
        ("name=hanako&acr=gold", true),
    ] {
        let mut browser = scene.serving.browser();
        assert_eq!(scene.sign_in(&mut browser, person).status, 200);
        let home = browser.get("/");
        if enough {
            assert_eq!(home.status, 200, "{person}");
        } else {
            assert_eq!(home.leads_to(), "/me/factors?done=required", "{person}");
        }
    }
}

#[test]
fn asvs_6_3_3_whoever_has_a_factor_here_shows_it_after_the_provider() {
    let Some(tools) = identity_tools() else { return };
    for place in Place::each() {
        add_account(&place, "hanako", None);
        let scene = Scene::new(&tools, place, &[], &[]);
        scene.place.admin(&["second-factor", "on"]).run().exits(0);
        let person = "name=hanako&amr=pwd";
        let mut first = scene.serving.browser();
        assert_eq!(scene.sign_in(&mut first, person).status, 200);
        assert_eq!(first.get("/").leads_to(), "/me/factors?done=required");
        let page = "/me/factors/totp";
        let secret = first.get(page).hidden("secret");
        let fields = [("secret", secret.as_str()), ("code", &code(&secret))];
        assert_eq!(
            first.submit(page, page, &fields).leads_to(),
            "/me/factors?done=added"
        );
        let page = "/me/factors/codes";
        let codes = first.submit(page, page, &[]).body();
        let (_, rest) = codes.split_once("<ol class=\"codes\"").unwrap();
        let (_, rest) = rest.split_once("<li>").unwrap();
        let recovery = rest.split('<').next().unwrap();

        let mut browser = scene.serving.browser();
        let vouched = scene.sign_in(&mut browser, person);
        let second = "/sign-in/second?next=/templates";
        assert_eq!(
            vouched.header("refresh"),
            Some(format!("0; url={second}").as_str())
        );
        assert!(browser.get("/").leads_to().starts_with("/sign-in"));
        let wrong = browser.submit(second, "/sign-in/second", &[("code", "AAAA-BBBB-CCCC")]);
        assert_eq!(wrong.status, 422);
        assert!(browser.get("/").leads_to().starts_with("/sign-in"));
        let done = browser.submit(second, "/sign-in/second", &[("code", recovery)]);
        assert_eq!(done.status, 303, "{}", done.body());
        browser.get("/").shows("見本 花子");
    }
}

#[test]
fn an_account_belongs_to_the_person_who_came_first() {
    let Some(tools) = identity_tools() else { return };
    for place in Place::each() {
        add_account(&place, "hanako", None);
        let administrator = ["--name", "管理 太郎", "--role", "administrator"];
        place
            .admin(&["account", "add", "kanri"])
            .args(&administrator)
            .input(PASSWORD)
            .run()
            .exits(0);
        let scene = Scene::new(&tools, place, &[], &[]);
        for _ in 0..2 {
            let mut browser = scene.serving.browser();
            assert_eq!(scene.sign_in(&mut browser, "name=hanako").status, 200);
            browser.get("/").shows("見本 花子");
        }
        let successor = "name=hanako&sub=successor";
        scene.nobody(successor, "別の人に結び付いている");

        let mut admin = scene.serving.browser();
        admin.sign_in("kanri", PASSWORD);
        let people = admin.get("/staff").body();
        let (_, rest) = people.split_once("href=\"/staff/").unwrap();
        let ids = rest.split("href=\"/staff/").chain([rest]);
        let page = ids
            .filter_map(|rest| rest.split('"').next()?.parse::<i64>().ok())
            .map(|id| format!("/staff/{id}/factors"))
            .find(|page| admin.get(page).body().contains("見本 花子さんの結び付けを解く"))
            .unwrap();
        let trail = admin.get("/audit").body();
        assert!(trail.contains("アカウントを組織の認証サーバーの本人に結び付けた"));
        assert!(trail.contains("the account belongs to another person"));
        let unpin = page.replace("/factors", "/identity/unpin");
        let done = admin.submit(&page, &unpin, &[]);
        assert_eq!(done.leads_to(), format!("{page}?done=unpinned"));

        let mut browser = scene.serving.browser();
        assert_eq!(scene.sign_in(&mut browser, successor).status, 200);
        browser.get("/").shows("見本 花子");
        scene.nobody("name=hanako", "別の人に結び付いている");
        admin
            .get("/audit")
            .shows("組織の認証サーバーとの結び付けを解いた");
    }
}

#[test]
fn the_organisations_addresses_hold_for_this_way_in_too() {
    let Some(tools) = identity_tools() else { return };
    let place = Place::sqlite();
    add_account(&place, "hanako", None);
    let scene = Scene::new(&tools, place, &[], &[]);
    scene
        .place
        .admin(&["addresses", "set", "192.0.2.0/24", "2001:db8::/32"])
        .run()
        .exits(0);
    scene.nobody("name=hanako", "ここからログインできるアカウントがありません");
    let shown = scene.place.admin(&["addresses", "show"]).run().exits(0).stdout;
    assert_eq!(shown, "192.0.2.0/24\n2001:db8::/32\n");
    scene.place.admin(&["addresses", "clear"]).run().exits(0);
    let mut browser = scene.serving.browser();
    assert_eq!(scene.sign_in(&mut browser, "name=hanako").status, 200);
}

#[test]
fn the_command_keeps_the_secret_and_refuses_what_cannot_be_asked_safely() {
    let place = Place::sqlite();
    let set = |issuer: &str, more: &[&str], secret: &str| {
        place
            .admin(&[
                "oidc",
                "set",
                "--client-id",
                "todoke",
                "--label",
                LABEL,
                "--issuer",
                issuer,
            ])
            .args(more)
            .input(secret)
            .run()
    };
    for unsafe_issuer in [
        "http://id.example.lg.jp",
        "http://169.254.169.254/latest",
        "ftp://id.example.lg.jp",
        "https://id.example.lg.jp/?tenant=1",
    ] {
        set(unsafe_issuer, &[], SECRET).exits(64).says("--issuer");
    }
    set("https://id.example.lg.jp", &[], " ").exits(64);
    set("https://id.example.lg.jp", &["--organisation", "7"], SECRET)
        .exits(64)
        .says("組織「7」がありません");
    let done = set(
        "https://id.example.lg.jp/pref",
        &["--host", "Keys.example.lg.jp"],
        SECRET,
    )
    .exits(0);
    let shown = place.admin(&["oidc", "show"]).run().exits(0);
    assert!(
        shown.stdout.contains("https://id.example.lg.jp/pref") && shown.stdout.contains("keys.example.lg.jp")
    );
    assert!(!shown.stdout.contains(SECRET) && !done.stdout.contains(SECRET));
    let database = std::fs::read(place.path("todoke.db")).unwrap();
    let there = database
        .windows(SECRET.len())
        .any(|bytes| bytes == SECRET.as_bytes());
    assert!(!there, "the secret stands in the database as it is");

    place.admin(&["oidc", "remove"]).run().exits(0);
    let shown = place.admin(&["oidc", "show"]).run().exits(0).stdout;
    assert!(shown.contains("登録されていません"), "{shown}");
    let serving = Serving::start(place.serve());
    assert_eq!(serving.browser().get("/sign-in/identity/1").status, 404);
    assert_eq!(serving.browser().get("/sign-in/identity/x").status, 404);
}
