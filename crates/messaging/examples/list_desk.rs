//! What the list desk costs: lists judged against everything that is known, and the first error of a long one.
//!
//! `cargo run --release -p messaging --example list_desk -- DATABASE [EARLIER]`; the database is new each time.
//! EARLIER recipients (one million) of the last 60 days, 5,000 of them of today. The pages are asked as a browser
//! does, without a network. Prints one JSON line a figure.

use std::error::Error;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use accounts::{Accounts, Login, Name, Password, Role, SourceAddress, signed_in_only};
use axum::body::Body;
use axum::extract::Request;
use axum::http::{Response, header};
use axum::middleware::from_fn;
use axum::{Extension, Router};
use base::clock::{Clock, DAY, Millis};
use base::id::{ListId, MessageId, OfficeId, OrgId, StaffId, TemplateId};
use base::phone::PhoneNumber;
use base::segment::Segmentation;
use db::{Db, OpenOptions, OrgVault};
use lists::contacts::{NewContact, Occasion, PersonKeys, PersonValues, Purpose, record, remember_rows};
use lists::read::{ReadOptions, read};
use lists::store::{NewList, Role as ListRole, Settings, add_list, load_list};
use messaging::links::LinkSettings;
use messaging::pages::{Desk, Sending, pages};
use messaging::store;
use tower::ServiceExt;

type Outcome<T> = Result<T, Box<dyn Error>>;

const ORG: OrgId = OrgId::FIRST;
const OFFICES: i64 = 17;
const DAYS: usize = 60;
const TODAY: usize = 5_000;
/// People of one earlier broadcast.
const SEND: usize = 1_000;
const TEXT: &str =
    "【みどり県】陽性の連絡を受けた方へ。受付番号は{{ID}}です。電話 048-000-0000 に連絡してください。";
const PASSWORD: &str = "青い傘と三匹の猫とラーメン";
/// One row of so many has no number.
const FAULT: usize = 500;

#[tokio::main]
async fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().ok_or("DATABASE wanted")?.parse()?;
    let earlier: usize = arguments.next().map_or(Ok(1_000_000), |text| text.parse())?;
    let key_file = std::env::temp_dir().join(format!("todoke-list-desk-{}.key", std::process::id()));
    // Earlier lists are as old as their messages.
    let clock = Clock::manual(Clock::System.now() - i64::try_from(DAYS)? * DAY);
    let options = OpenOptions {
        url,
        key_file: key_file.clone(),
        clock,
    };
    let db = Db::open(&options).await?;
    let outcome = measure(&db, earlier).await;
    std::fs::remove_file(key_file)?;
    outcome
}

async fn measure(db: &Db, earlier: usize) -> Outcome<()> {
    let vault = db.vault(ORG).await?;
    let begun = Instant::now();
    seed(db, &vault, earlier).await?;
    figure("seed", earlier, begun);
    let (mut browser, template) = Browser::signed_in(db).await?;
    for rows in [300, 10_000] {
        // Half of the people were written to before.
        let id = keep(db, template, &csv(earlier - rows / 2, rows)).await?;
        for round in ["first", "again", "again"] {
            let begun = Instant::now();
            let page = browser.get(&format!("/lists/{id}")).await?;
            figure(&format!("judged_{round}"), rows, begun);
            if !page.contains("すでに") && !page.contains("送って") {
                return Err("the history was not told".into());
            }
        }
    }
    long_list(db, &mut browser, template, earlier).await
}

/// A list of 100,000 rows from the browser's last byte on.
async fn long_list(db: &Db, browser: &mut Browser, template: TemplateId, earlier: usize) -> Outcome<()> {
    const ROWS: usize = 100_000;
    let body = browser
        .upload_body(template, &csv(earlier - ROWS / 2, ROWS))
        .await?;
    let (ended, other) = (Arc::new(AtomicBool::new(false)), db.clone());
    let watch = Arc::clone(&ended);
    let waits = tokio::spawn(async move { longest_write(&other, &watch).await });
    let begun = Instant::now();
    let list = browser.upload(body).await?;
    figure("long_answered", ROWS, begun);
    while !browser.get(&list).await?.contains("電話番号がありません") {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    figure("long_first_error", ROWS, begun);
    let id = ListId::new(list.trim_start_matches("/lists/").parse()?);
    while load_head(db, id).await?.is_none() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    figure("long_kept", ROWS, begun);
    // What is remembered of the list for later ones is written after it.
    tokio::time::sleep(Duration::from_secs(3)).await;
    ended.store(true, Ordering::Relaxed);
    let wait = waits.await??;
    println!("{{\"name\":\"longest_other_write\",\"seconds\":{wait:.3}}}");
    let begun = Instant::now();
    load_list(db, ORG, id).await?;
    figure("long_opened", ROWS, begun);
    for round in ["first", "again"] {
        let begun = Instant::now();
        browser.get(&list).await?;
        figure(&format!("judged_{round}"), ROWS, begun);
    }
    Ok(())
}

async fn load_head(db: &Db, id: ListId) -> Outcome<Option<lists::store::ListHead>> {
    Ok(lists::store::list_head(db, ORG, id).await?)
}

/// The longest that another small write waited meanwhile, in seconds.
async fn longest_write(db: &Db, ended: &AtomicBool) -> Result<f64, db::DbError> {
    let mut longest = Duration::ZERO;
    while !ended.load(Ordering::Relaxed) {
        let begun = Instant::now();
        db.write(|tx| Box::pin(tx.take_numbers("bench", 1))).await?;
        longest = longest.max(begun.elapsed());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(longest.as_secs_f64())
}

async fn seed(db: &Db, vault: &OrgVault, earlier: usize) -> Outcome<()> {
    let now = Clock::System.now();
    for first in (0..earlier).step_by(SEND) {
        let days = if first < earlier - TODAY {
            i64::try_from(DAYS - first * (DAYS - 1) / earlier)?
        } else {
            0
        };
        let at = now - days * DAY;
        db.clock().advance(at - db.now());
        let contacts = (first..(first + SEND).min(earlier)).map(|n| NewContact {
            message: MessageId::new(i64::try_from(n).unwrap_or(i64::MAX) + 1),
            keys: keys(vault, n),
        });
        let occasion = Occasion {
            office: OfficeId::new(i64::try_from(first / SEND)? % OFFICES + 1),
            purpose: Purpose::FirstTouch,
            list: None,
            at,
        };
        let list = keep_bare(db).await?;
        remember(db, list, occasion, contacts.collect()).await?;
    }
    Ok(())
}

async fn remember(db: &Db, list: ListId, occasion: Occasion, contacts: Vec<NewContact>) -> Outcome<()> {
    let contacts = Arc::new(contacts);
    let at: Millis = occasion.at;
    db.write(move |tx| {
        let contacts = Arc::clone(&contacts);
        let occasion = Occasion {
            list: Some(list),
            ..occasion
        };
        Box::pin(async move {
            record(tx, ORG, &occasion, &contacts).await?;
            let keys: Vec<PersonKeys> = contacts.iter().map(|one| one.keys).collect();
            remember_rows(tx, ORG, list, at, &keys).await
        })
    })
    .await?;
    Ok(())
}

async fn keep_bare(db: &Db) -> Outcome<ListId> {
    keep_with(db, "電話\n09012345678\n", Settings::default()).await
}

async fn keep(db: &Db, template: TemplateId, text: &str) -> Outcome<ListId> {
    let settings = Settings {
        to: Some("電話番号".to_owned()),
        template: Some((template, 1)),
        ..Settings::default()
    };
    keep_with(db, text, settings).await
}

async fn keep_with(db: &Db, text: &str, settings: Settings) -> Outcome<ListId> {
    let sheet = read("list.csv", text.as_bytes(), &ReadOptions::default())?;
    let new = NewList {
        role: ListRole::List,
        reference: None,
        office: OfficeId::HEADQUARTERS,
        sheet,
        settings,
        by: StaffId::new(1),
    };
    Ok(add_list(db, ORG, new).await?)
}

/// Number, ID, name and birth date of somebody.
fn person(n: usize) -> (String, String, String, String) {
    (
        format!("090{}", 10_000_000 + n * 7 % 89_999_993),
        format!("{:08}", n * 31 % 99_999_989),
        format!("見本 {}", n % 5_003),
        format!("{}/{}/{}", 1930 + n % 80, n % 12 + 1, n % 28 + 1),
    )
}

fn keys(vault: &OrgVault, n: usize) -> PersonKeys {
    let (phone, id, name, birth) = person(n);
    let values = PersonValues {
        phone: PhoneNumber::from_e164(&format!("+81{}", &phone[1..])),
        id: Some(&id),
        name: Some(&name),
        birth: Some(&birth),
    };
    PersonKeys::of(vault, &values)
}

fn csv(first: usize, rows: usize) -> String {
    let mut text = "ID,電話番号,氏名,生年月日,住所\n".to_owned();
    for n in first..first + rows {
        let (phone, id, name, birth) = person(n);
        let phone = if n % FAULT == FAULT - 1 { "" } else { &phone };
        writeln!(text, "{id},{phone},{name},{birth},みどり県朝霞市本町1-{n}")
            .expect("texts can be written to");
    }
    text
}

/// Somebody of the head office at the pages.
struct Browser {
    app: Router,
    cookies: Vec<String>,
}

impl Browser {
    async fn signed_in(db: &Db) -> Outcome<(Self, TemplateId)> {
        let accounts = Accounts::new(db.clone(), false);
        let (login, name) = (Login::parse("honcho")?, Name::parse("手本 太郎")?);
        let password = Password::parse(PASSWORD, &login)?;
        let staff = accounts
            .add_account(ORG, OfficeId::HEADQUARTERS, login, name, Role::Sender, password)
            .await?;
        let template = store::add_template(db, ORG, "ご案内".to_owned(), TEXT.to_owned(), staff).await?;
        let desk = Desk {
            db: db.clone(),
            accounts: accounts.clone(),
            sending: Sending {
                simulated: false,
                sender: "0005000000".to_owned(),
                segmentation: Segmentation::Udh8,
                hold: 30_000,
                has_carrier: true,
                tariff: messaging::pages::Tariff::default(),
            },
            links: LinkSettings::default(),
        };
        let routes = accounts.pages().merge(signed_in_only(pages(desk)));
        let app = accounts.layer(routes.layer(from_fn(web::error::pages)));
        let mut browser = Self {
            app: app.layer(Extension(SourceAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)))),
            cookies: Vec::new(),
        };
        let token = token(&browser.get("/sign-in").await?)?;
        let form = format!("csrf={token}&login=honcho&password={}", in_form(PASSWORD));
        browser
            .post("/sign-in", "application/x-www-form-urlencoded", form.into_bytes())
            .await?;
        Ok((browser, template))
    }

    async fn get(&mut self, path: &str) -> Outcome<String> {
        let request = Request::get(path).body(Body::empty())?;
        let bytes = self.send(request).await?.into_body();
        let bytes = axum::body::to_bytes(bytes, 1 << 26).await?;
        Ok(String::from_utf8(bytes.to_vec())?)
    }

    async fn upload_body(&mut self, template: TemplateId, text: &str) -> Outcome<Vec<u8>> {
        let token = token(&self.get("/lists/new").await?)?;
        let field = |name: &str, value: &str| {
            format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let (csrf, chosen) = (field("csrf", &token), field("template", &format!("{template}.1")));
        let file = "--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"list.csv\"\r\n\r\n";
        Ok(format!("{csrf}{chosen}{file}{text}\r\n--X--\r\n").into_bytes())
    }

    /// Gives the address of the list.
    async fn upload(&mut self, body: Vec<u8>) -> Outcome<String> {
        let answer = self
            .post("/lists", "multipart/form-data; boundary=X", body)
            .await?;
        let location = answer
            .headers()
            .get(header::LOCATION)
            .ok_or("the file was not taken")?;
        Ok(location.to_str()?.to_owned())
    }

    async fn post(&mut self, path: &str, kind: &str, body: Vec<u8>) -> Outcome<Response<Body>> {
        let request = Request::post(path)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, kind);
        self.send(request.body(Body::from(body))?).await
    }

    async fn send(&mut self, mut request: Request) -> Outcome<Response<Body>> {
        let headers = request.headers_mut();
        headers.insert("sec-fetch-mode", "navigate".parse()?);
        headers.insert(header::HOST, "localhost".parse()?);
        headers.insert(header::COOKIE, self.cookies.join("; ").parse()?);
        let answer = self.app.clone().oneshot(request).await?;
        for cookie in answer.headers().get_all(header::SET_COOKIE) {
            let pair = cookie.to_str()?.split(';').next().unwrap_or_default().to_owned();
            let name = pair.split('=').next().unwrap_or_default().to_owned();
            self.cookies
                .retain(|known| known.split('=').next() != Some(&name));
            self.cookies.push(pair);
        }
        Ok(answer)
    }
}

fn token(page: &str) -> Outcome<String> {
    let (_, rest) = page.split_once(r#"name="csrf" value=""#).ok_or("no form")?;
    Ok(rest.split('"').next().unwrap_or_default().to_owned())
}

fn in_form(text: &str) -> String {
    text.bytes().fold(String::new(), |mut form, byte| {
        write!(form, "%{byte:02X}").expect("texts can be written to");
        form
    })
}

fn figure(name: &str, rows: usize, begun: Instant) {
    let seconds = begun.elapsed().as_secs_f64();
    println!("{{\"name\":\"{name}\",\"rows\":{rows},\"seconds\":{seconds:.3}}}");
}
