//! Sample lists to download and upload, as offices really send them. All made up.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use web::{Page, PageError, Shell};

struct Sample {
    name: &'static str,
    shown: &'static str,
    kind: &'static str,
    about: &'static str,
    bytes: &'static [u8],
}

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

const SAMPLES: [Sample; 5] = [
    Sample {
        name: "minato_12.csv",
        shown: "みなと保健所 12人（誤りなし、CSV）",
        kind: "text/csv; charset=utf-8",
        about: "すべての行がそのまま送れます。はじめに試すのに向いています。",
        bytes: include_bytes!("../../../demo/lists/minato_12.csv"),
    },
    Sample {
        name: "aoba_am.csv",
        shown: "あおば保健所 午前 75人（CSV、シフトJIS）",
        kind: "text/csv; charset=shift_jis",
        about: "全角や書き添えのある番号、番号のない行、固定電話の行があります。",
        bytes: include_bytes!("../../../demo/lists/aoba_am.csv"),
    },
    Sample {
        name: "kawabe_pm.xlsx",
        shown: "かわべ保健所 午後 300人（Excel）",
        kind: XLSX,
        about: "見出しの上に題があり、隠れたシートもあります。届かない番号も含みます。",
        bytes: include_bytes!("../../../demo/lists/kawabe_pm.xlsx"),
    },
    Sample {
        name: "kitano_shifted.csv",
        shown: "きたの保健所 72人（番号の列が1行ずれたリスト）",
        kind: "text/csv; charset=shift_jis",
        about: "HER-SYS IDの列が1行ずつ下にずれています。次の「元の名簿」と比べると、送る前に止まります。",
        bytes: include_bytes!("../../../demo/lists/kitano_shifted.csv"),
    },
    Sample {
        name: "kitano_source.csv",
        shown: "きたの保健所 元のシステムから書き出した名簿",
        kind: "text/csv; charset=utf-8",
        about: "上のリストの検査結果の画面で「元の名簿と比べる」に置いてください。",
        bytes: include_bytes!("../../../demo/lists/kitano_source.csv"),
    },
];

/// The pages of the sample lists.
pub(super) fn pages() -> Router {
    Router::new()
        .route("/samples", get(show))
        .route("/samples/{name}", get(download))
}

#[derive(Template)]
#[template(path = "samples.html")]
struct Samples {
    shell: Shell,
    samples: &'static [Sample],
}

async fn show(shell: Shell) -> Page<Samples> {
    Page(Samples {
        shell: shell.titled("見本のリスト"),
        samples: &SAMPLES,
    })
}

async fn download(Path(name): Path<String>) -> Result<Response, PageError> {
    let sample = SAMPLES
        .iter()
        .find(|sample| sample.name == name)
        .ok_or(PageError::NotFound)?;
    let disposition = format!("attachment; filename=\"{}\"", sample.name);
    Ok((
        [
            (header::CONTENT_TYPE, sample.kind.to_owned()),
            (header::CONTENT_DISPOSITION, disposition),
        ],
        sample.bytes,
    )
        .into_response())
}
