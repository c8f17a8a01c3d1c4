#![forbid(unsafe_code)]
//! Every component, and screens made of them with made-up content: `cargo run -p web --example gallery
//! [PORT]` (8090 by default), then open the address that it prints. Accessibility checks and screenshots
//! run against it.

mod sample;

use std::convert::Infallible;
use std::time::Duration;

use askama::Template;
use axum::response::IntoResponse;
use axum::response::sse::{Event, Sse};
use axum::routing::{MethodRouter, get};
use axum::{Extension, Router, middleware};
use web::{CsrfToken, Environment, NavEntry, Page, PageError, ResidentShell, Shell, Site, Viewer};

/// A screen: its template has nothing but the shell and takes everything else from [`sample`].
macro_rules! screens {
    ($($name:ident $path:literal $title:literal $file:literal $finish:expr;)*) => {
        $(
            #[derive(Template)]
            #[template(path = $file)]
            struct $name { shell: Shell }

            impl $name {
                fn route() -> MethodRouter {
                    let finish: fn(Shell) -> Shell = $finish;
                    get(move |shell: Shell| async move { Page(Self { shell: finish(shell.titled($title)) }) })
                }
            }
        )*
        fn screens() -> Router {
            Router::new()$(.route($path, $name::route()))*
        }
        /// Address and title of every screen.
        const SCREENS: &[(&str, &str)] = &[$(($path, $title)),*];
    };
}

screens! {
    Components "/components" "部品の一覧" "components.html" |shell| shell;
    Login "/login" "ログイン" "login.html" |shell| shell.with_errors(sample::login_errors());
    Today "/" "今日の配信" "today.html" |shell| shell;
    Upload "/broadcasts/new" "リストを選ぶ" "upload.html" |shell| shell;
    FileError "/broadcasts/file-error" "リストの検査" "file_error.html" |shell| shell;
    RowErrors "/broadcasts/row-errors" "リストの検査結果" "row_errors.html" |shell| shell;
    Preview "/broadcasts/preview" "文面のプレビュー" "preview.html" |shell| shell;
    Confirm "/broadcasts/confirm" "送信の確認" "confirm.html" |shell| shell;
    Held "/broadcasts/held" "まもなく配信が始まります" "held.html" |shell| shell.reloading_every(5);
    Live "/broadcasts/live" "配信しています" "live.html" |shell| shell.reloading_every(5);
    Result "/broadcasts/result" "配信の結果" "result.html" |shell| shell;
    Message "/broadcasts/message" "メッセージの記録" "message.html" |shell| shell;
    Templates "/templates" "文面" "templates.html" |shell| shell.with_notice(sample::saved());
    TemplateEdit "/templates/edit" "文面を編集する" "template_edit.html"
        |shell| shell.with_errors(sample::template_errors());
    Phones "/phones" "電話機" "phones.html" |shell| shell;
}

#[derive(Template)]
#[template(path = "about.html")]
struct About {
    shell: ResidentShell,
}

async fn about() -> Page<About> {
    Page(About {
        shell: ResidentShell {
            title: "このサービスについて".into(),
            organisation: "みどり県".into(),
            help: "みどり県 感染症対策課 000-000-0000(平日 9時〜17時)".into(),
            language: web::Language::default(),
            errors: web::Errors::default(),
        },
    })
}

/// Counts up to the end within a minute, over and over.
async fn events() -> impl IntoResponse {
    let steps = futures_util::stream::unfold(0_u64, |step| async move {
        if step > 60 {
            return None;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        Some((
            Ok::<Event, Infallible>(sample::live_update(step).event()),
            step + 1,
        ))
    });
    Sse::new(steps)
}

fn site() -> Site {
    let entry = |href, label, covers| NavEntry {
        href,
        label,
        covers,
        group: "",
        instead: None,
    };
    Site {
        environment: Environment::Demo,
        https: false,
        navigation: vec![
            entry("/", "今日の配信", &["/broadcasts"]),
            entry("/templates", "文面", &[]),
            entry("/phones", "電話機", &[]),
            entry("/components", "部品", &[]),
        ],
        sign_out: "/sign-out",
        me: "/me",
        help: "システム担当 内線 0000".into(),
        version: env!("CARGO_PKG_VERSION"),
    }
}

fn app() -> Router {
    let signed_out = Router::new().route("/login", Login::route());
    let signed_in = screens()
        .route("/broadcasts/live/events", get(events))
        .route("/busy", get(|| async { PageError::Busy }))
        .route(
            "/bug",
            get(|| async { PageError::bug("the gallery shows a bug") }),
        )
        .route("/panic", get(panicking))
        .layer(middleware::from_fn(web::error::pages))
        .layer(Extension(Viewer {
            staff_name: "見本 花子".into(),
            role: "担当者".into(),
            office: "あさひ保健所".into(),
            organisation: "みどり県".into(),
            training: false,
            stopped: false,
            elsewhere: None,
        }));
    let pages = Router::new()
        .nest("/signed-out", signed_out)
        .merge(signed_in)
        .layer(Extension(CsrfToken::from_secret([1; 32])))
        .merge(web::assets::router())
        .route("/about", get(about));
    web::outer(pages, site())
}

async fn panicking() -> &'static str {
    panic!("the gallery shows a panic")
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).unwrap_or_else(|| "8090".into());
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    println!("http://{}/components", listener.local_addr()?);
    axum::serve(listener, app()).await
}
