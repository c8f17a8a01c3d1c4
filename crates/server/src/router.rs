//! The two hosts, staff and resident, which share nothing but the look. Every URL stands in [`crate::routes`].

use std::sync::Arc;

use accounts::{Accounts, MeChoices, Organisation};
use askama::Template;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Extension, Router, middleware};
use desk::pages::{
    ApplyDesk, AskLetIn, FormDesk, PhotoDesk, PhotoStaff, apply_pages, form_pages, lets_in, photo_pages,
    photo_staff_pages, resident_errors,
};
use desk::photos::Studio;
use messaging::pages::{Desk, GenuineDesk, HomeStarts, HomeTiles, SERVICE, genuine_pages, resident_pages};
use triage::pages::Triage;
use web::{Environment, Language, NavEntry, Page, ResidentShell, Site};

use crate::settings;

/// What the staff host is made of.
pub(crate) struct StaffHost {
    pub(crate) accounts: Accounts,
    pub(crate) desk: Desk,
    pub(crate) studio: Studio,
    /// Pages that only the demo has.
    pub(crate) extra: Router,
    pub(crate) extra_navigation: Vec<NavEntry>,
    pub(crate) environment: Environment,
    pub(crate) https: bool,
    pub(crate) help: String,
}

/// The staff host: sign-in, then everything else behind it.
pub(crate) fn staff(host: StaffHost) -> Router {
    let triage = Triage {
        db: host.desk.db.clone(),
        accounts: host.accounts.clone(),
    };
    let photos = PhotoStaff {
        db: host.desk.db.clone(),
        studio: host.studio,
    };
    let slices = messaging::pages::pages(host.desk.clone())
        .layer(Extension(triage::pages::home_figures(triage.clone())))
        .merge(messaging::pages::reply_pages(
            host.desk.clone(),
            triage::behind::people,
        ))
        .merge(triage::pages::pages(triage))
        .merge(desk::pages::review_pages(host.desk.clone()))
        .merge(desk::pages::paper_pages(host.desk.clone()))
        .merge(photo_staff_pages(photos))
        .merge(triage::pages::reach_pages(host.desk.clone()))
        .merge(desk::pages::outcome_pages(host.desk.clone()))
        .merge(desk::pages::code_limit_pages(host.desk.clone()))
        .merge(desk::pages::desk_pages(host.desk))
        .merge(settings::pages())
        .merge(host.extra);
    let slices = slices
        .layer(Extension(HomeTiles(vec![
            triage::pages::home_tiles,
            desk::pages::outcome_tiles,
            desk::pages::check_tiles,
        ])))
        .layer(Extension(HomeStarts(vec![desk::pages::review_starts])))
        .layer(Extension(
            triage::pages::warn_at_home()
                .and(triage::pages::warn_of_closed_offices())
                .and(desk::pages::warn_of_the_day()),
        ))
        .layer(Extension(triage::retention::FORMS));
    let own = Extension(MeChoices(vec![desk::pages::own_keys]));
    let pages = host.accounts.pages().layer(own).merge(slices);
    let pages = host.accounts.guard(pages).fallback(not_found);
    let inside = host
        .accounts
        .layer(pages.layer(middleware::from_fn(web::error::pages)));
    let mut navigation = navigation();
    navigation.extend(host.extra_navigation);
    let site = Site {
        environment: host.environment,
        https: host.https,
        navigation,
        sign_out: "/sign-out",
        me: "/me",
        help: host.help,
        version: env!("CARGO_PKG_VERSION"),
    };
    web::outer(
        inside
            .route("/healthz", get(|| async { "ok" }))
            .merge(web::assets::router()),
        site,
    )
}

/// The main navigation, in its order; everybody sees what is within reach, under headings if that is much.
fn navigation() -> Vec<NavEntry> {
    const SEND: &str = "送る";
    const PATIENTS: &str = "患者";
    const APPLY: &str = "申請";
    const MANAGE: &str = "管理";
    let entry = |group, href, label, covers| NavEntry {
        href,
        label,
        covers,
        group,
        instead: None,
    };
    vec![
        NavEntry {
            instead: Some(("/broadcasts/{id}", "ホーム")),
            ..entry(
                "",
                "/",
                "今日の配信",
                &["/lists", "/broadcasts", "/messages", "/exports"],
            )
        },
        entry(SEND, "/approvals", "承認", &[]),
        entry(SEND, "/templates", "文面", &[]),
        entry(SEND, "/links", "案内ページ", &[]),
        entry(SEND, "/replies", "返信", &[]),
        entry(SEND, "/numbers", "番号の登録", &[]),
        entry(PATIENTS, "/cases", "患者", &["/intake"]),
        entry(PATIENTS, "/reach", "初回連絡", &[]),
        entry(PATIENTS, "/observation", "健康観察", &["/forms"]),
        entry(PATIENTS, "/calls", "電話リスト", &[]),
        entry(PATIENTS, "/programmes", "振り分け規則", &[]),
        entry(PATIENTS, "/figures", "統計", &[]),
        entry(APPLY, "/applications", "申請", &[]),
        entry(APPLY, "/review", "判定", &[]),
        entry(APPLY, "/outcomes", "判定別リスト", &[]),
        entry(APPLY, "/desks", "申請窓口", &[]),
        entry(MANAGE, "/incidents", "インシデント", &[]),
        entry(MANAGE, "/usage", "利用実績", &[]),
        settings::ENTRY,
    ]
}

async fn not_found() -> web::PageError {
    web::PageError::NotFound
}

/// What the page for residents needs to know.
#[derive(Clone)]
pub(crate) struct ResidentHost {
    pub(crate) accounts: Accounts,
    /// As it was at the start, for pages on which nothing hangs on it.
    pub(crate) organisation: String,
    pub(crate) sender: String,
    pub(crate) help: String,
    pub(crate) environment: Environment,
    pub(crate) https: bool,
}

/// The resident host: what this service is, the links out of its messages, and the forms behind personal links.
pub(crate) fn resident(host: ResidentHost, desk: GenuineDesk, (sending, studio): (Desk, Studio)) -> Router {
    let desks = ApplyDesk {
        db: desk.desk.db.clone(),
        accounts: desk.desk.accounts.clone(),
        desk: sending,
        help: host.help.clone(),
        https: host.https,
    };
    let forms = FormDesk {
        db: desk.desk.db.clone(),
        accounts: desk.desk.accounts.clone(),
        help: host.help.clone(),
        https: host.https,
    };
    let site = Site {
        environment: host.environment,
        https: host.https,
        navigation: Vec::new(),
        sign_out: "",
        me: "",
        help: host.help.clone(),
        version: env!("CARGO_PKG_VERSION"),
    };
    let pages = Router::new()
        .route("/", get(about))
        .route("/healthz", get(|| async { "ok" }))
        .fallback(missing)
        .layer(Extension(host));
    let links = resident_pages(desk.desk.clone()).merge(genuine_pages(desk));
    let photos = PhotoDesk {
        form: forms.clone(),
        studio,
        let_in: let_in(desks.clone()),
    };
    let pages = pages
        .merge(links)
        .merge(form_pages(forms))
        .merge(apply_pages(desks.clone()))
        .merge(photo_pages(photos));
    let pages = resident_errors(pages, desks);
    web::outer(pages.merge(web::assets::router()), site)
}

/// Who may see an application's pictures: whoever may see the application.
fn let_in(desks: ApplyDesk) -> AskLetIn {
    Arc::new(move |token, headers| {
        let desks = desks.clone();
        Box::pin(async move { lets_in(&desks, &token, &headers).await })
    })
}

#[derive(Template)]
#[template(path = "about.html")]
struct About {
    shell: ResidentShell,
    /// Where there are several, each has numbers of its own.
    several: Vec<Organisation>,
    sender: String,
}

async fn about(Extension(host): Extension<ResidentHost>) -> Page<About> {
    let (shell, several) = resident_shell(&host).await;
    Page(About {
        several,
        sender: host.sender,
        shell,
    })
}

/// The layer outside puts words to it; nothing here speaks of the staff's pages.
async fn missing() -> StatusCode {
    StatusCode::NOT_FOUND
}

/// With the name of the only organisation; where there are several, with none of them, and which there are.
async fn resident_shell(host: &ResidentHost) -> (ResidentShell, Vec<Organisation>) {
    let found = host.accounts.public_organisations().await;
    let found = found.map_err(|error| tracing::error!(%error, "the organisations could not be read"));
    let (organisation, several) = match found {
        Ok(mut all) if all.len() == 1 => (all.remove(0).name.to_string(), Vec::new()),
        Ok(several) => (SERVICE.to_owned(), several),
        // As it was at the start: a page on which nothing hangs on it.
        Err(()) => (host.organisation.clone(), Vec::new()),
    };
    let shell = ResidentShell {
        title: "このサービスについて".to_owned(),
        organisation,
        help: host.help.clone(),
        language: Language::Japanese,
        errors: web::Errors::default(),
    };
    (shell, several)
}
