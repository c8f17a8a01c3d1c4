//! A host as a browser meets it: headers, static files, error pages, forms.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use askama::Template;
use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::http::{Request, Response, StatusCode, header};
use axum::routing::{get, post};
use axum::{Extension, Router, middleware};
use tower::ServiceExt;
use web::{Asset, CsrfForm, CsrfToken, Environment, Errors, Page, PageError, Shell, Site, Viewer};

#[derive(Template)]
#[template(
    source = r#"{% extends "base.html" %}{% block content %}<form>{{ shell.csrf_field() }}</form>{% endblock %}"#,
    ext = "html"
)]
struct Plain {
    shell: Shell,
}

async fn page(shell: Shell) -> Page<Plain> {
    Page(Plain {
        shell: shell.titled("見本<b>"),
    })
}

async fn mistaken(shell: Shell) -> (StatusCode, Page<Plain>) {
    let mut errors = Errors::default();
    errors.add("name", "名前を入力してください。");
    let shell = shell.titled("見本").with_errors(errors);
    (StatusCode::UNPROCESSABLE_ENTITY, Page(Plain { shell }))
}

async fn panicking() -> &'static str {
    panic!("at the disco")
}

fn host(https: bool) -> Router {
    let routes = Router::new()
        .route("/", get(page))
        .route("/mistaken", get(mistaken))
        .route("/bug", get(|| async { PageError::bug("secret detail") }))
        .route("/hidden", get(|| async { PageError::Forbidden }))
        .route("/missing", get(|| async { PageError::NotFound }))
        .route("/busy", get(|| async { PageError::Busy }))
        .route("/panic", get(panicking))
        .route(
            "/form",
            post(|_: CsrfForm<Vec<(String, String)>>| async { "done" }),
        )
        .layer(DefaultBodyLimit::max(1_000))
        .layer(middleware::from_fn(web::error::pages))
        .layer(Extension(Viewer {
            staff_name: "見本 花子".into(),
            role: "担当者".into(),
            office: "あさひ保健所".into(),
            organisation: "みどり県".into(),
            training: false,
            stopped: false,
            elsewhere: None,
        }))
        .layer(Extension(CsrfToken::from_secret([3; 32])))
        .merge(web::assets::router());
    let site = Site {
        environment: Environment::Verification,
        https,
        navigation: Vec::new(),
        sign_out: "/sign-out",
        me: "/me",
        help: "システム担当".into(),
        version: "1.2.3",
    };
    web::outer(routes, site)
}

async fn ask(request: Request<Body>) -> (Response<()>, String) {
    let response = host(false).oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    (
        Response::from_parts(parts, ()),
        String::from_utf8(bytes.to_vec()).unwrap(),
    )
}

async fn open(path: &str) -> (Response<()>, String) {
    ask(Request::get(path).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    for path in ["/", "/nowhere", "/bug", "/panic", &Asset::Stylesheet.url()] {
        let (response, _) = open(path).await;
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .unwrap();
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("unsafe"),
            "{path}"
        );
        assert_eq!(
            response.headers()[header::X_CONTENT_TYPE_OPTIONS],
            "nosniff",
            "{path}"
        );
        assert!(
            !response.headers().contains_key(header::STRICT_TRANSPORT_SECURITY),
            "{path}"
        );
    }
    let request = Request::get("/").body(Body::empty()).unwrap();
    let response = host(true).oneshot(request).await.unwrap();
    assert!(response.headers().contains_key(header::STRICT_TRANSPORT_SECURITY));
}

#[tokio::test]
async fn asvs_14_3_2_pages_are_not_stored_and_static_files_are() {
    let (response, html) = open("/").await;
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    let url = Asset::Stylesheet.url();
    assert!(html.contains(&url));
    let (response, css) = open(&url).await;
    assert_eq!(
        response.headers()[header::CONTENT_TYPE],
        "text/css; charset=utf-8"
    );
    assert!(
        response.headers()[header::CACHE_CONTROL]
            .to_str()
            .unwrap()
            .contains("immutable")
    );
    assert!(css.contains(".button"));
    assert_eq!(open("/static/todoke.css").await.0.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_layout_says_where_one_is_and_who_one_is() {
    let (_, html) = open("/").await;
    for text in [
        "<title>見本&#60;b&#62; | とどけ</title>",
        "検証",
        "みどり県",
        "あさひ保健所",
        "見本 花子",
        "ログアウト",
    ] {
        assert!(html.contains(text), "{text} in {html}");
    }
    assert_eq!(html.matches("<h1>").count(), 1);
}

#[tokio::test]
async fn a_mistake_is_in_the_title_and_in_the_summary() {
    let (response, html) = open("/mistaken").await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(html.contains("<title>エラー: 見本 | とどけ</title>"));
    assert!(html.contains(r##"<a href="#name">名前を入力してください。</a>"##));
}

#[tokio::test]
async fn asvs_16_5_1_errors_are_pages_in_the_layout() {
    let cases = [
        ("/nowhere", StatusCode::NOT_FOUND, "ページが見つかりません"),
        (
            "/busy",
            StatusCode::SERVICE_UNAVAILABLE,
            "ただいま混み合っています",
        ),
        (
            "/bug",
            StatusCode::INTERNAL_SERVER_ERROR,
            "システムの不具合が起きました",
        ),
        (
            "/panic",
            StatusCode::INTERNAL_SERVER_ERROR,
            "システムの不具合が起きました",
        ),
    ];
    for (path, status, title) in cases {
        let (response, html) = open(path).await;
        assert_eq!(response.status(), status, "{path}");
        assert!(html.contains(&format!("<h1>{title}</h1>")), "{path}: {html}");
        assert!(
            !html.contains("secret") && !html.contains("disco"),
            "{path} tells too much"
        );
    }
    assert!(open("/busy").await.1.contains("見本 花子"), "the header stays");
}

#[tokio::test]
async fn what_one_may_not_see_looks_as_if_it_were_not_there() {
    let (hidden, hidden_html) = open("/hidden").await;
    let (missing, missing_html) = open("/missing").await;
    assert_eq!(hidden.status(), missing.status());
    // The sign-out form's token differs each time.
    let without_token = |html: &str| {
        html.lines()
            .filter(|line| !line.contains("csrf"))
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert_eq!(without_token(&hidden_html), without_token(&missing_html));
}

fn form(body: String) -> Request<Body> {
    Request::post("/form")
        .header(header::HOST, "localhost")
        .header(header::ORIGIN, "http://localhost")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body))
        .unwrap()
}

#[tokio::test]
async fn a_form_of_the_page_can_be_sent_and_a_foreign_one_cannot() {
    let (_, html) = open("/").await;
    let token = html
        .split(r#"name="csrf" value=""#)
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    assert_eq!(ask(form(format!("csrf={token}"))).await.1, "done");
    let mut foreign = form(format!("csrf={token}"));
    foreign
        .headers_mut()
        .insert(header::ORIGIN, "https://evil.example".parse().unwrap());
    let (response, html) = ask(foreign).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert!(html.contains("画面の有効期限が切れました"));
}

#[tokio::test]
async fn too_large_a_form_is_told_so() {
    let (response, html) = ask(form("x".repeat(2_000))).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert!(html.contains("ファイルが大きすぎます"));
}
