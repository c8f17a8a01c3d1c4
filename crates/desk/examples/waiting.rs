//! Fills a new database with applications that wait for doctors, two pictures each, for bench/judging.py.
//!
//! `cargo run --release -p desk --example waiting -- DATABASE KEY PEOPLE`. Doctors judge at the desk for test kits, with
//! the pictures of the one for self-tests; nothing that is sent waits for a second person or for an hour. Prints the
//! number of the desk.
#![expect(clippy::unwrap_used, reason = "what people answer is shared with the tests")]

#[path = "../tests/answers/mod.rs"]
mod answers;

use std::error::Error;
use std::path::PathBuf;

use base::clock::Clock;
use base::date::CalendarDate;
use base::id::{DeskId, OfficeId, OrgId, StaffId};
use db::{Db, OpenOptions};
use desk::application::{Content, Given};
use desk::document::{DeskDocument, Document, ReleaseRule, Reviewer, SecondLook, shipped};
use desk::store::{self, ApplicationSubmitted, NewApplication, NewPhoto, PhotoAdded};
use desk::texts::publish;
use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};
use messaging::release::{ApprovalRule, SendRule};
use photo::Picture;
use web::Language;

type Outcome<T> = Result<T, Box<dyn Error>>;

const ORG: OrgId = OrgId::FIRST;
const AUTHOR: StaffId = StaffId::new(1);
const APPROVER: StaffId = StaffId::new(2);

#[tokio::main]
async fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().ok_or("DATABASE wanted")?.parse()?;
    let key_file = PathBuf::from(arguments.next().ok_or("KEY wanted")?);
    let people: u32 = arguments.next().ok_or("PEOPLE wanted")?.parse()?;
    let db = Db::open(&OpenOptions {
        url,
        key_file,
        clock: Clock::System,
    })
    .await?;
    let rule = SendRule {
        approval: ApprovalRule::default(),
        ..SendRule::first().at_any_time()
    };
    messaging::store::save_send_rule(&db, ORG, 0, &rule, db.now(), None).await?;
    let document = DeskDocument::of(says()?).map_err(|mistakes| format!("{mistakes:?}"))?;
    let desk = desk(&db, &document).await?;
    let pictures = [picture(1)?, picture(2)?];
    for n in 0..people {
        apply(&db, (desk, &document), &pictures, n).await?;
    }
    println!("{desk}");
    Ok(())
}

fn says() -> Outcome<Document> {
    let all: Vec<Document> = shipped()
        .into_iter()
        .map(|one| one.document.document().clone())
        .collect();
    let kits = all.iter().find(|says| says.confirmed.delivers).ok_or("no kits")?;
    let asks = all
        .iter()
        .find(|says| !says.photos.is_empty())
        .ok_or("no photos")?;
    let mut says = kits.clone();
    says.photos.clone_from(&asks.photos);
    says.hours.capacity = None;
    says.review.by = Reviewer::Doctor;
    says.review.precheck = false;
    says.review.shows_name = false;
    says.review.second_look = SecondLook::default();
    says.release = ReleaseRule::Locked;
    Ok(says)
}

async fn desk(db: &Db, document: &DeskDocument) -> Outcome<DeskId> {
    let day = CalendarDate::new(2026, 1, 1).ok_or("a day")?;
    let new = ("最初".to_owned(), day, document);
    let id = store::add_desk(db, ORG, OfficeId::HEADQUARTERS, new, AUTHOR).await?;
    let id = id.ok_or("the desk stands already: give a new database")?;
    store::approve_desk(db, ORG, (id, 1), 1, APPROVER).await?;
    let row = store::desk(db, ORG, id).await?.ok_or("a desk")?;
    publish(db, ORG, (&row, document), AUTHOR, Some(APPROVER)).await?;
    Ok(id)
}

async fn apply(
    db: &Db,
    (desk, document): (DeskId, &DeskDocument),
    pictures: &[Picture],
    n: u32,
) -> Outcome<()> {
    let new = NewApplication {
        desk,
        version: 1,
        office: OfficeId::HEADQUARTERS,
        language: Language::Japanese,
        content: Content {
            consent: Some(Given {
                version: document.document().consent.version.clone(),
                at: db.now(),
            }),
            eligibility: answers::eligible(document),
            applicant: answers::applicant(n),
            answers: answers::answered(document.form()),
            kit: None,
            known_by_link: false,
        },
    };
    let begun = store::begin(db, ORG, new).await?;
    let needed = document.document().photos.iter().filter(|rule| rule.least > 0);
    for (rule, picture) in needed.zip(pictures) {
        let new = NewPhoto {
            rule: rule.key.clone(),
            picture: Picture {
                came_as: photo::hash(format!("{n} {}", rule.key).as_bytes()),
                ..picture.clone()
            },
            replaces: None,
            masked: false,
        };
        let added = store::add_photo(db, ORG, begun.id, document, new).await?;
        if !matches!(added, PhotoAdded::Added(_)) {
            return Err(format!("{added:?}").into());
        }
    }
    let submitted = store::submit_application(db, ORG, begun.id, document).await?;
    if !matches!(submitted, ApplicationSubmitted::Received(_)) {
        return Err(format!("{submitted:?}").into());
    }
    Ok(())
}

/// As large as one is after it was made anew, with the grain that a phone's camera leaves on it.
fn picture(seed: u32) -> Outcome<Picture> {
    let (width, height) = (2_048, 1_536);
    let mut grain = seed.wrapping_mul(2_654_435_761) | 1;
    let large = RgbImage::from_fn(width, height, |x, y| {
        grain ^= grain << 13;
        grain ^= grain >> 17;
        grain ^= grain << 5;
        let soft = ((x / 40 * (seed + 3)) ^ (y / 30)) % 160 + 40;
        let light = |more: u32| u8::try_from((soft + more + grain % 12).min(255)).unwrap_or(u8::MAX);
        Rgb([light(0), light(20), light(seed * 5)])
    });
    let small = image::imageops::thumbnail(&large, 240, 180);
    Ok(Picture {
        jpeg: jpeg(&large, 82)?,
        preview: jpeg(&small, 70)?,
        width,
        height,
        came_as: photo::hash(b""),
        print: None,
        hints: Vec::new(),
    })
}

fn jpeg(picture: &RgbImage, quality: u8) -> Outcome<Vec<u8>> {
    let mut bytes = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, quality))?;
    Ok(bytes)
}
