//! Photos at the browser: a form with one picture, or part by part; what is refused says so and loses nothing.

use std::io::Cursor;
use std::sync::Arc;

use accounts::{Accounts, Name};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use base::clock::Clock;
use base::date::CalendarDate;
use base::id::{ApplicationId, OfficeId, StaffId};
use db::Db;
use db::testing::TestDatabase;
use desk::application::Content;
use desk::document::{DeskDocument, shipped};
use desk::limits::UPLOAD_PART;
use desk::pages::{FormDesk, PhotoDesk, photo_pages};
use desk::photos::Studio;
use desk::store::{self, NewApplication};
use image::{ImageFormat, Rgb, RgbImage};
use photo::Worker;
use web::Language;

use crate::browser::{Browser, Seen};
use crate::host::{HELP, ORG, START};

/// A desk that asks for pictures, and somebody who was let in.
struct Desk {
    db: Db,
    browser: Browser,
    application: ApplicationId,
    path: String,
    _database: TestDatabase,
}

impl Desk {
    async fn each(worker: Worker) -> Vec<Self> {
        let mut all = Vec::new();
        for database in TestDatabase::each(&Clock::manual(START)).await {
            all.push(Self::on(database, worker.clone()).await);
        }
        all
    }

    async fn on(mut database: TestDatabase, worker: Worker) -> Self {
        database.options.clock = Clock::manual(START);
        let db = database.open().await.unwrap();
        let accounts = Accounts::new(db.clone(), false);
        let name = Name::parse("みどり県").unwrap();
        accounts.set_organisation_name(ORG, name).await.unwrap();
        let document = shipped()
            .into_iter()
            .map(|one| one.document)
            .find(|one| !one.document().photos.is_empty())
            .unwrap();
        let begun = begin(&db, &document).await;
        let form = FormDesk {
            db: db.clone(),
            accounts,
            help: HELP.to_owned(),
            https: true,
        };
        let pages = photo_pages(PhotoDesk {
            form,
            studio: Studio::new(worker, 2),
            let_in: Arc::new(|_, headers| {
                let let_in = headers
                    .get(header::COOKIE)
                    .is_some_and(|cookie| cookie == "in=yes");
                Box::pin(async move { Ok(let_in) })
            }),
        });
        let pages: Router = pages.layer(axum::middleware::from_fn_with_state(true, web::headers::layer));
        let mut browser = Browser::of(pages);
        browser.jar.insert("in".to_owned(), "yes".to_owned());
        Self {
            db,
            browser,
            application: begun.id,
            path: format!("{}/photos/test", begun.token.path()),
            _database: database,
        }
    }

    async fn send(&mut self, bytes: &[u8], replaces: Option<&str>) -> Seen {
        let (to, form) = (self.path.clone(), multipart(bytes, replaces));
        self.send_form(&to, form).await
    }

    async fn send_form(&mut self, to: &str, form: Vec<u8>) -> Seen {
        let request = Request::post(to)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=XX")
            .header(header::CONTENT_LENGTH, form.len());
        self.browser.send(request.body(Body::from(form)).unwrap()).await
    }

    async fn part(&mut self, to: &str, bytes: &[u8]) -> StatusCode {
        let request = Request::post(format!("{}{to}", self.path)).header("sec-fetch-site", "same-origin");
        self.browser
            .send(request.body(Body::from(bytes.to_vec())).unwrap())
            .await
            .status
    }

    async fn kept(&self) -> usize {
        store::kept_photos(&self.db, ORG, self.application)
            .await
            .unwrap()
            .len()
    }
}

async fn begin(db: &Db, document: &DeskDocument) -> store::Begun {
    let (author, approver) = (StaffId::new(1), StaffId::new(2));
    let day = CalendarDate::new(2026, 11, 1).unwrap();
    let new = ("最初".to_owned(), day, document);
    let desk = store::add_desk(db, ORG, OfficeId::HEADQUARTERS, new, author);
    let desk = desk.await.unwrap().unwrap();
    assert!(
        store::approve_desk(db, ORG, (desk, 1), 1, approver)
            .await
            .unwrap()
    );
    let new = NewApplication {
        desk,
        version: 1,
        office: OfficeId::HEADQUARTERS,
        language: Language::Japanese,
        content: Content::default(),
    };
    store::begin(db, ORG, new).await.unwrap()
}

fn multipart(bytes: &[u8], replaces: Option<&str>) -> Vec<u8> {
    let mut form = Vec::new();
    if let Some(old) = replaces {
        form.extend(b"--XX\r\nContent-Disposition: form-data; name=\"replaces\"\r\n\r\n");
        form.extend(old.as_bytes());
        form.extend(b"\r\n");
    }
    form.extend(b"--XX\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"IMG_1.jpg\"\r\n\r\n");
    form.extend(bytes);
    form.extend(b"\r\n--XX--\r\n");
    form
}

fn worker() -> Worker {
    Worker::new(env!("CARGO_BIN_EXE_desk-photo-worker"), &[])
}

/// A picture with a fine grid on it.
fn scene(width: u32, height: u32, light: u8) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, y| {
        let line = x % 9 == 0 || y % 7 == 0;
        Rgb([
            if line { light / 3 } else { light },
            light / 2,
            u8::try_from(x % 200).unwrap(),
        ])
    });
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

/// The number of the picture that a redirect names.
fn added(seen: &Seen) -> String {
    assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.body);
    let (_, rest) = seen.location().split_once("added=").unwrap();
    rest.split('#').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_picture_is_sent_looked_at_taken_again_and_taken_away_without_javascript() {
    for mut desk in Desk::each(worker()).await {
        let path = desk.path.clone();
        let page = desk.browser.get(&path).await;
        page.shows("<h1>写真：検査の結果</h1>");
        page.shows("1枚以上、2枚まで");
        page.shows("まだ写真がありません。");
        page.hides("次へ進む");
        // Small and dark: taken, with a word about it.
        let first = added(&desk.send(&scene(500, 400, 40), None).await);
        let page = desk.browser.get(&format!("{path}?added={first}")).await;
        for words in [
            "送った写真（1枚）",
            "暗いようです。",
            "小さい写真です。",
            "このまま使う",
            "次へ進む",
        ] {
            page.shows(words);
        }
        let image = desk.browser.get(&format!("{path}/{first}/image")).await;
        assert_eq!(image.header("content-type"), "image/jpeg");
        assert_eq!(
            image.header("content-security-policy"),
            "sandbox; default-src 'none'"
        );
        assert_eq!(image.header("cross-origin-resource-policy"), "same-origin");
        assert_eq!(image.header("x-content-type-options"), "nosniff");
        assert_eq!(image.header("cache-control"), "private, no-store");
        assert!(
            image
                .header("content-disposition")
                .starts_with("inline; filename=")
        );
        let opened = Request::get(format!("{path}/{first}/image")).header("sec-fetch-dest", "document");
        let opened = desk.browser.send(opened.body(Body::empty()).unwrap()).await;
        assert_eq!(opened.status, StatusCode::NOT_FOUND, "never a document of ours");

        let page = desk.browser.get(&format!("{path}?again={first}")).await;
        page.shows("1枚目を撮り直す");
        page.shows(&format!(r#"name="replaces" value="{first}""#));
        let second = added(&desk.send(&scene(1_200, 900, 200), Some(&first)).await);
        let page = desk.browser.get(&format!("{path}?added={second}")).await;
        page.shows("送った写真（1枚）");
        page.hides("暗いようです。");
        added(&desk.send(&scene(1_000, 900, 210), None).await);
        let page = desk.browser.get(&path).await;
        page.shows("送れる枚数になりました。");
        page.hides("enctype");
        let removed = desk.browser.post(&format!("{path}/{second}/remove"), &[]).await;
        assert_eq!(removed.status, StatusCode::SEE_OTHER);
        desk.browser.get(&path).await.shows("送った写真（1枚）");
        let page = desk.browser.get(&format!("{path}?back=check")).await;
        page.shows(&format!(r#"href="{}""#, path.replace("photos/test", "next")));
        page.shows("remove?back=check");
        page.shows("&#38;back=check#add");
        let page = desk.browser.get(&path).await;
        page.shows(&format!(r#"href="{}""#, path.replace("test", "package")));
        let lacking = desk.browser.get(&path.replace("/test", "")).await;
        assert!(
            lacking.location().ends_with("/photos/identity"),
            "{}",
            lacking.location()
        );
    }
}

#[tokio::test]
async fn what_is_no_photo_is_refused_in_words_and_what_was_sent_before_stays() {
    for mut desk in Desk::each(worker()).await {
        let kept = added(&desk.send(&scene(1_000, 900, 200), None).await);
        let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
        let mut huge = scene(700, 700, 200);
        let frame = huge.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
        huge[frame + 5..frame + 9].copy_from_slice(&[0xff; 4]);
        let too_long = vec![0xff; 17 * 1024 * 1024];
        let refusals: [(&[u8], &str); 6] = [
            (heic, "HEICという形式の写真は読み取れません。"),
            (b"<svg onload=alert(1)>", "写真ではないようです。"),
            (b"", "写真を選んでください。"),
            (&huge, "写真の縦横の画素数が大きすぎます。"),
            (&scene(700, 700, 200)[..300], "写真を読み取れませんでした。"),
            (&too_long, "写真が大きすぎます"),
        ];
        for (bytes, words) in refusals {
            let seen = desk.send(bytes, Some(&kept)).await;
            assert!(seen.status.is_client_error(), "{words}: {}", seen.status);
            seen.shows(words);
            seen.shows("送った写真（1枚）");
            seen.shows(&format!(r#"name="replaces" value="{kept}""#));
        }
        // The line breaks in the middle.
        let whole = multipart(&scene(900, 900, 200), None);
        let path = desk.path.clone();
        let seen = desk.send_form(&path, whole[..whole.len() / 2].to_vec()).await;
        seen.shows("送る途中で切れました。入力した内容は残っています。");
        assert_eq!(desk.kept().await, 1);
    }
}

#[tokio::test]
async fn who_was_not_let_in_or_comes_from_elsewhere_sees_and_sends_nothing() {
    for mut desk in Desk::each(worker()).await {
        let kept = added(&desk.send(&scene(1_000, 900, 200), None).await);
        let path = desk.path.clone();
        let forged = desk
            .browser
            .post_from_elsewhere(&format!("{path}/{kept}/remove"), &[])
            .await;
        assert_eq!(forged.status, StatusCode::FORBIDDEN);
        desk.browser.jar.clear();
        let link = path.trim_end_matches("/photos/test");
        for page in ["", "/1/image", "/1/preview"] {
            let seen = desk.browser.get(&format!("{path}{page}")).await;
            assert_eq!(
                (seen.status, seen.location()),
                (StatusCode::SEE_OTHER, link),
                "{page}"
            );
        }
        let seen = desk.send(&scene(1_000, 900, 100), None).await;
        assert_eq!(seen.location(), link);
        assert_eq!(desk.kept().await, 1);
        let unknown = desk.browser.get("/a/AAAAAAAAAAAAAAAAAAAAAA/photos/test").await;
        assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_picture_comes_part_by_part_and_goes_on_after_a_break() {
    for mut desk in Desk::each(worker()).await {
        let mut bytes = scene(2_400, 1_800, 200);
        // What follows a picture's end is no part of it.
        bytes.resize(bytes.len().max(2 * UPLOAD_PART + 100), 0);
        let length = bytes.len().to_string();
        let about = [("mark", "abc"), ("bytes", length.as_str()), ("masked", "true")];
        let path = desk.path.clone();
        let uploads = format!("{path}/uploads");
        let begun = desk.browser.post(&uploads, &about).await;
        begun.shows(r#""arrived":[]"#);
        let (_, rest) = begun.body.split_once("\"upload\":").unwrap();
        let upload = rest.split(',').next().unwrap().to_owned();
        let at = |n: usize| format!("/uploads/{upload}/parts/{n}");
        let parts: Vec<&[u8]> = bytes.chunks(UPLOAD_PART).collect();
        assert_eq!(desk.part(&at(0), parts[0]).await, StatusCode::NO_CONTENT);
        let early = desk.browser.post(&format!("{uploads}/{upload}/done"), &[]).await;
        assert_eq!(early.status, StatusCode::GONE);
        let again = desk.browser.post(&uploads, &about).await;
        again.shows(r#""arrived":[0]"#);
        for (n, part) in parts.iter().enumerate().skip(1) {
            assert_eq!(desk.part(&at(n), part).await, StatusCode::NO_CONTENT);
        }
        let done = desk.browser.post(&format!("{uploads}/{upload}/done"), &[]).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.body);
        done.shows("added=");
        assert_eq!(desk.kept().await, 1);
        let over = desk.browser.post(&format!("{uploads}/{upload}/done"), &[]).await;
        assert_eq!(over.status, StatusCode::GONE, "its parts are gone");
        let long = [("mark", "x"), ("bytes", "99999999"), ("masked", "false")];
        let long = desk.browser.post(&uploads, &long).await;
        assert_eq!(long.status, StatusCode::UNPROCESSABLE_ENTITY);
        long.shows("写真が大きすぎます");
    }
}

#[tokio::test]
async fn a_house_that_cannot_read_pictures_says_that_it_is_not_the_picture() {
    for mut desk in Desk::each(Worker::new("/nowhere/worker", &[])).await {
        let seen = desk.send(&scene(1_000, 900, 200), None).await;
        assert_eq!(seen.status, StatusCode::SERVICE_UNAVAILABLE);
        seen.shows("入力した内容は残っています。");
        assert_eq!(desk.kept().await, 0);
    }
}

#[tokio::test]
async fn asvs_5_2_1_memory_for_pictures_that_arrive_is_bounded_and_given_back() {
    let studio = Studio::new(worker(), 1);
    let whole = 17 * 1024 * 1024;
    let rooms: Vec<_> = std::iter::from_fn(|| studio.room(whole)).collect();
    assert_eq!(rooms.len(), 15, "256 MiB");
    assert!(studio.room(whole).is_none());
    drop(rooms);
    assert!(studio.room(whole).is_some());
}
