//! The pages of photos alone, for somebody who was let in already: `cargo run -p desk --example photo_pages [PORT]`
//! (8091 by default), then open the address that it prints. Browser tests run against it.

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

use accounts::{Accounts, Name};
use axum::Router;
use base::clock::Clock;
use base::date::CalendarDate;
use base::id::{OfficeId, OrgId, StaffId};
use db::{Db, OpenOptions};
use desk::application::Content;
use desk::document::shipped;
use desk::pages::{FormDesk, PhotoDesk, photo_pages};
use desk::photos::{Studio, WORKER_COMMAND};
use desk::store::{self, NewApplication};
use photo::Worker;
use web::{Environment, Language, Site};

const ORG: OrgId = OrgId::FIRST;
const HELP: &str = "みどり県 感染症対策課 電話 000-000-0000";

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> ExitCode {
    let asked = std::env::args().nth(1);
    if asked.as_deref() == Some(WORKER_COMMAND) {
        return photo::worker::serve();
    }
    let port = asked.unwrap_or_else(|| "8091".to_owned());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    match runtime.block_on(serve(&port)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(port: &str) -> Outcome<()> {
    let directory = std::env::temp_dir().join(format!("todoke-photo-pages-{}", std::process::id()));
    std::fs::create_dir_all(&directory)?;
    let db = Db::open(&OpenOptions {
        url: format!("sqlite:{}", directory.join("photos.db").display()).parse()?,
        key_file: directory.join("key"),
        clock: Clock::System,
    })
    .await?;
    let accounts = Accounts::new(db.clone(), false);
    let name = Name::parse("みどり県").map_err(|_| "a name")?;
    accounts.set_organisation_name(ORG, name).await?;
    let first = application(&db).await?;
    let pages = photo_pages(PhotoDesk {
        form: FormDesk {
            db,
            accounts,
            help: HELP.to_owned(),
            https: false,
        },
        studio: Studio::new(Worker::of_this_program(WORKER_COMMAND)?, 2),
        let_in: Arc::new(|_, _| Box::pin(async { Ok(true) })),
    });
    let site = Site {
        environment: Environment::Demo,
        https: false,
        navigation: Vec::new(),
        sign_out: "",
        me: "",
        help: HELP.to_owned(),
        version: env!("CARGO_PKG_VERSION"),
    };
    let app: Router = web::outer(pages.merge(web::assets::router()), site);
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    println!("http://{} {first}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

/// Where the pages of an application begin that asks for photos.
async fn application(db: &Db) -> Outcome<String> {
    let document = shipped()
        .into_iter()
        .map(|one| one.document)
        .find(|one| !one.document().photos.is_empty())
        .ok_or("no desk asks for photos")?;
    let day = CalendarDate::new(2026, 11, 1).ok_or("a day")?;
    let new = ("最初".to_owned(), day, &document);
    let desk = store::add_desk(db, ORG, OfficeId::HEADQUARTERS, new, StaffId::new(1)).await?;
    let desk = desk.ok_or("the desk stands already")?;
    store::approve_desk(db, ORG, (desk, 1), 1, StaffId::new(2)).await?;
    let new = NewApplication {
        desk,
        version: 1,
        office: OfficeId::HEADQUARTERS,
        language: Language::Japanese,
        content: Content::default(),
    };
    let begun = store::begin(db, ORG, new).await?;
    Ok(format!("{}/photos", begun.token.path()))
}
