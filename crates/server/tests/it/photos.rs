//! Photos of applications for staff, made by the program's own child process: who sees them, how they are served, and
//! how a part is covered for good.

use accounts::Role;
use base::date::CalendarDate;
use base::id::{OfficeId, OrgId, StaffId};
use desk::application::Content;
use desk::photos::WORKER_COMMAND;
use desk::store::{self, NewApplication, NewPhoto, PhotoAdded};
use image::{ImageFormat, Rgb, RgbImage};
use photo::{Task, Worker};
use web::Language;

use crate::support::browser::{Browser, Seen, Sent};
use crate::support::place::Place;
use crate::support::runtime;
use crate::support::serving::{PASSWORD, Serving};

const IMAGE: &str = "/applications/1/photos/1/image";
const PREVIEW: &str = "/applications/1/photos/1/preview";
const MASK: &str = "/applications/1/photos/1/mask";

/// A white picture, sent with an application at the head office.
fn send_a_photo(place: &Place) {
    let white = RgbImage::from_pixel(1_000, 800, Rgb([250, 250, 250]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    white.write_to(&mut bytes, ImageFormat::Png).unwrap();
    let worker = Worker::new(env!("CARGO_BIN_EXE_todoke"), &[WORKER_COMMAND]);
    let picture = worker.develop(&bytes.into_inner(), Task::default()).unwrap();
    let sent = async {
        let (db, org, office) = (
            place.database.open().await.unwrap(),
            OrgId::FIRST,
            OfficeId::HEADQUARTERS,
        );
        let all = desk::document::shipped().into_iter().map(|one| one.document);
        let document = all.into_iter().find(|one| !one.document().photos.is_empty());
        let document = document.unwrap();
        let day = CalendarDate::new(2026, 11, 1).unwrap();
        let new = ("最初".to_owned(), day, &document);
        let desk = store::add_desk(&db, org, office, new, StaffId::new(1)).await;
        let new = NewApplication {
            desk: desk.unwrap().unwrap(),
            version: 1,
            office,
            language: Language::Japanese,
            content: Content::default(),
        };
        let begun = store::begin(&db, org, new).await.unwrap();
        let new = NewPhoto {
            rule: document.document().photos[0].key.clone(),
            picture,
            replaces: None,
            masked: false,
        };
        let added = store::add_photo(&db, org, begun.id, &document, new)
            .await
            .unwrap();
        assert!(matches!(added, PhotoAdded::Added(_)));
    };
    runtime().block_on(sent);
}

fn signed_in(place: &Place, serving: &Serving, role: Role) -> Browser {
    let add = [
        "account",
        "add",
        role.code(),
        "--name",
        "見本 花子",
        "--role",
        role.code(),
    ];
    place.admin(&add).input(PASSWORD).run().exits(0);
    let mut browser = serving.browser();
    browser.sign_in(role.code(), PASSWORD);
    browser
}

fn as_page(browser: &mut Browser, path: &str) -> Seen {
    let headers = [("sec-fetch-dest", "document"), ("sec-fetch-mode", "navigate")];
    browser.ask(
        "GET",
        path,
        Sent {
            headers: &headers,
            body: b"",
        },
    )
}

/// How light a place of a picture is, in percent of its edges.
fn light(seen: &Seen, x: u32, y: u32) -> u8 {
    let picture = image::load_from_memory_with_format(&seen.bytes, ImageFormat::Jpeg).unwrap();
    let picture = picture.into_luma8();
    picture
        .get_pixel(picture.width() * x / 100, picture.height() * y / 100)
        .0[0]
}

#[test]
fn asvs_3_2_1_a_photo_is_served_as_a_picture_and_covered_for_good() {
    for place in Place::each() {
        send_a_photo(&place);
        let serving = Serving::start(place.serve().args(&["--simulate", "--hold", "0"]));
        let mut clerk = signed_in(&place, &serving, Role::DeskClerk);
        // Whoever sends results sees which pictures there are, and reads nothing on them.
        let mut sender = signed_in(&place, &serving, Role::Sender);
        let mut caller = signed_in(&place, &serving, Role::Caller);
        for (path, sees) in [(IMAGE, 404), (PREVIEW, 200), (MASK, 404)] {
            assert_eq!(sender.get(path).status, sees, "{path}");
            assert_eq!(caller.get(path).status, 404, "{path}");
            assert_eq!(clerk.get(path).status, 200, "{path}");
        }
        let image = clerk.get(IMAGE);
        let says = |name| image.header(name).unwrap_or_default().to_owned();
        assert_eq!(says("content-type"), "image/jpeg");
        assert_eq!(says("content-security-policy"), "sandbox; default-src 'none'");
        assert_eq!(says("x-content-type-options"), "nosniff");
        assert_eq!(says("cross-origin-resource-policy"), "same-origin");
        assert_eq!(says("cache-control"), "private, max-age=60");
        assert!(says("content-disposition").starts_with("inline; filename=\""));
        assert_eq!(
            clerk.get(PREVIEW).header("cache-control"),
            Some("private, no-store")
        );
        for path in [IMAGE, PREVIEW] {
            assert_eq!(as_page(&mut clerk, path).status, 404, "{path}");
        }
        assert_eq!(clerk.get("/applications/2/photos/1/image").status, 404);
        assert!(light(&image, 20, 20) > 240);

        let area = [("left", "１０"), ("top", "10"), ("width", "30"), ("height", "30")];
        let wrong = [("left", "80"), ("top", "10"), ("width", "30"), ("height", "30")];
        let refused = clerk.submit(MASK, MASK, &wrong);
        assert_eq!(refused.status, 422);
        refused.shows("隠す所が写真からはみ出すか");
        let done = clerk.submit(MASK, MASK, &area).leads_to().to_owned();
        clerk.get(&done).shows("隠しました");
        for path in [IMAGE, PREVIEW] {
            let seen = clerk.get(path);
            assert!(light(&seen, 20, 20) < 15 && light(&seen, 80, 80) > 240, "{path}");
        }
        let mut doctor = signed_in(&place, &serving, Role::Doctor);
        assert_eq!(doctor.get(IMAGE).status, 200);
        let mut auditor = signed_in(&place, &serving, Role::Auditor);
        let trail = auditor.get("/audit");
        for words in ["申請の写真を見た", "写真の一部を隠した", "写真1"] {
            trail.shows(words);
        }
    }
}
