//! Applications at the desk where doctors judge, for visitors who want to see how that goes. Nobody of them exists.

use base::clock::{DAY, MINUTE};
use base::date::CalendarDate;
use base::id::{ApplicationId, OrgId, StaffId};
use base::phone::PhoneNumber;
use db::Db;
use desk::application::{Address, Applicant, Content, Given, KitChosen};
use desk::document::{DeskDocument, Reviewer, Verdict};
use desk::form::{Answer, Decimal, Filling, Form, Key, Kind, Question};
use desk::store::{self, NewApplication, NewPhoto, Precheck};
use photo::Picture;
use web::Language;

use super::Failure;

/// One of so many is still to be looked at by a clerk; the others wait for a doctor.
const STILL_TO_CHECK: u32 = 4;

/// Somebody of the demo applies in another language now and then.
const LANGUAGES: [Language; 5] = [
    Language::Japanese,
    Language::Japanese,
    Language::English,
    Language::Japanese,
    Language::Vietnamese,
];

/// Lets `count` people apply at the desk with a doctor, which is open already.
pub(super) async fn seed(db: &Db, clerk: StaffId, count: u32) -> Result<(), Failure> {
    let org = OrgId::FIRST;
    let today = CalendarDate::in_japan(db.now()).expect("a day of our time");
    for row in store::desks(db, org).await? {
        let rule = store::now_in_force(db, org, row.id).await?;
        let rule = rule.filter(|one| one.document.document().review.by == Reviewer::Doctor);
        let Some(rule) = rule else { continue };
        for n in 0..count {
            let new = NewApplication {
                desk: row.id,
                version: rule.version,
                office: row.office,
                language: LANGUAGES[n as usize % LANGUAGES.len()],
                content: content(db, &rule.document, today, n),
            };
            let begun = store::begin(db, org, new).await?;
            add_photos(db, begun.id, &rule.document).await?;
            store::submit_application(db, org, begun.id, &rule.document).await?;
            if n % STILL_TO_CHECK != 0 {
                pass(db, begun.id, clerk, n).await?;
            }
        }
    }
    Ok(())
}

/// A drawn picture for each rule that needs one. No two of them count as the same.
async fn add_photos(db: &Db, id: ApplicationId, document: &DeskDocument) -> Result<(), Failure> {
    const TEST: [&[u8]; 2] = [
        include_bytes!("../../../demo/photos/test.jpg"),
        include_bytes!("../../../demo/photos/test-preview.jpg"),
    ];
    const OTHER: [&[u8]; 2] = [
        include_bytes!("../../../demo/photos/other.jpg"),
        include_bytes!("../../../demo/photos/other-preview.jpg"),
    ];
    let needed = document.document().photos.iter().filter(|rule| rule.least > 0);
    for (at, rule) in needed.enumerate() {
        let [jpeg, preview] = if at == 0 { TEST } else { OTHER };
        let picture = Picture {
            jpeg: jpeg.to_vec(),
            preview: preview.to_vec(),
            width: 1200,
            height: 900,
            came_as: photo::hash(format!("{id} {}", rule.key).as_bytes()),
            print: None,
            hints: Vec::new(),
        };
        let new = NewPhoto {
            rule: rule.key.clone(),
            picture,
            replaces: None,
            masked: rule.mask,
        };
        store::add_photo(db, OrgId::FIRST, id, document, new).await?;
    }
    Ok(())
}

async fn pass(db: &Db, id: ApplicationId, clerk: StaffId, n: u32) -> Result<(), Failure> {
    let org = OrgId::FIRST;
    let Some(seen) = store::application(db, org, id).await? else {
        return Ok(());
    };
    let precheck = Precheck::Pass {
        priority: if n % 10 == 9 { 50 } else { 0 },
    };
    store::precheck(db, org, (id, seen.changes), precheck, (clerk, String::new())).await?;
    Ok(())
}

fn content(db: &Db, document: &DeskDocument, today: CalendarDate, n: u32) -> Content {
    let now = db.now();
    Content {
        consent: Some(Given {
            version: document.document().consent.version.clone(),
            at: now - MINUTE,
        }),
        eligibility: eligible(document).unwrap_or_default(),
        applicant: applicant(today, now, n),
        answers: answered(document.form(), today, n),
        kit: document
            .document()
            .kits
            .first()
            .map(|kit| KitChosen::Known(kit.key.clone())),
        known_by_link: false,
    }
}

fn applicant(today: CalendarDate, now: i64, n: u32) -> Applicant {
    const NAMES: [(&str, &str); 5] = [
        ("見本 はるか", "ミホン ハルカ"),
        ("手本 なつき", "テホン ナツキ"),
        ("例 あきら", "レイ アキラ"),
        ("試験 ふゆみ", "シケン フユミ"),
        ("見本 そら", "ミホン ソラ"),
    ];
    let (name, kana) = NAMES[n as usize % NAMES.len()];
    let years = 16 + (n * 7) % 34;
    let birth = today.plus_days(-i32::try_from(years * 365 + 40 + n).unwrap_or(0));
    Applicant {
        name: Some(name.to_owned()),
        kana: Some(kana.to_owned()),
        birth,
        phone: PhoneNumber::from_e164(&format!("+8190100{:05}", 20_000 + n)),
        phone_proved_at: Some(now - DAY / 24),
        address: Some(Address {
            postcode: "0000000".to_owned(),
            area: "みどり県あおば市".to_owned(),
            rest: format!("{}番地", n + 1),
        }),
        guardian: None,
        filled_in: None,
    }
}

/// The first way through the questions that ends in going on.
fn eligible(document: &DeskDocument) -> Option<Filling> {
    fn go(document: &DeskDocument, filling: Filling) -> Option<Filling> {
        match document.verdict(&filling) {
            Verdict::GoOn => Some(filling),
            Verdict::Stops(_) => None,
            Verdict::Ask(page) => {
                let question = page.questions.first()?;
                choices(question).into_iter().find_map(|answer| {
                    let mut next = filling.clone();
                    let given = vec![(question.key.clone(), Some(answer))];
                    next.save(document.eligibility()?, &page.key, given, true).ok()?;
                    go(document, next)
                })
            }
        }
    }
    go(document, Filling::default())
}

fn choices(question: &Question) -> Vec<Answer> {
    match &question.kind {
        Kind::YesNo => vec![Answer::YesNo(true), Answer::YesNo(false)],
        Kind::Choice { options } => options
            .iter()
            .map(|one| Answer::Choice(one.key.clone()))
            .collect(),
        Kind::Several { options } => options
            .iter()
            .rev()
            .map(|one| Answer::Several([one.key.clone()].into()))
            .collect(),
        _ => Vec::new(),
    }
}

fn answered(form: &Form, today: CalendarDate, n: u32) -> Filling {
    let mut filling = Filling::default();
    for page in form.pages() {
        let asked = page.questions.iter();
        let answers: Vec<(Key, Option<Answer>)> = asked
            .map(|question| (question.key.clone(), answer(question, today, n)))
            .collect();
        // What does not fit is left open, and the application stays a draft.
        if filling.save(form, &page.key, answers, true).is_err() {
            break;
        }
    }
    filling
}

/// Something that could be true; of signs the first few, of emergencies none.
fn answer(question: &Question, today: CalendarDate, n: u32) -> Option<Answer> {
    let ago = |days: i32| today.plus_days(-days);
    Some(match &question.kind {
        Kind::Several { options } if options.len() > 6 => {
            let several = options.iter().filter(|one| !one.alone);
            let shown = several.skip(n as usize % 3).take(2);
            Answer::Several(shown.map(|one| one.key.clone()).collect())
        }
        Kind::Number { min, max, .. } => {
            // A height begins where nobody's weight is, so the first that fits is the right one.
            let usual = [58 + n % 20, 165, 3];
            let fits = usual
                .map(Decimal::whole)
                .into_iter()
                .find(|one| min <= one && one <= max);
            Answer::Number(fits?)
        }
        Kind::Day { .. } => Answer::Day(ago(1)?),
        Kind::Text { .. } | Kind::LongText { .. } | Kind::List { .. } => return None,
        _ => choices(question).into_iter().next()?,
    })
}
