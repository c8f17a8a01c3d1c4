//! Every URL of the product on one page: who may ask for it, and what the audit trail keeps.
//!
//! The handlers live in the slices. The guard (`accounts::guard`) looks each request up here, so a route that is
//! missing is not there for anybody; `tests/it/denied.rs` asks for each as nobody, in every role, and as another
//! office.

use accounts::Access::{self, May, MayAny, SignedIn};
use accounts::Permission::{
    Approve, Call, CloseNumbers, EditTemplates, Export, HandleIncidents, ManageOffice, ManageOrganisation,
    PrepareLists, ReadAudit, ReadUsage, Reveal, SeeBroadcasts, Send,
};
use accounts::Route;

const SEE: Access = May(SeeBroadcasts);
const PREPARE: Access = May(PrepareLists);
const SEND: Access = May(Send);
const TEXTS: Access = May(EditTemplates);
const CALL: Access = May(Call);
const CLOSE: Access = May(CloseNumbers);
const PEOPLE_OF_ALL: Access = May(ManageOrganisation);
const ORGANISATION: Access = May(ManageOrganisation);
/// Who is telephoned stands in lists and in the results of broadcasts.
const PEOPLE: Access = MayAny(&[Reveal, Call]);
/// Whoever may take the call of somebody who got another person's message.
const REPORT: Access = MayAny(&[Reveal, Call, Send, HandleIncidents]);
const HANDLE: Access = May(HandleIncidents);
/// Those who sent or approved see what became of it.
const INCIDENTS: Access = MayAny(&[HandleIncidents, Send, Approve]);

/// Every route of the staff host.
pub const STAFF_ROUTES: &[Route] = &[
    Route::open("GET", "/sign-in"),
    Route::open("POST", "/sign-in"),
    Route::open("GET", "/sign-in/second"),
    Route::open("POST", "/sign-in/second"),
    Route::open("POST", "/sign-in/passkey"),
    Route::open("POST", "/sign-in/passkey/question"),
    Route::open("POST", "/sign-out"),
    Route::open("GET", "/sign-in/identity/{id}"),
    Route::open("GET", "/sign-in/identity/callback"),
    Route::open("GET", "/setup"),
    Route::open("POST", "/setup"),
    Route::open("GET", "/healthz"),
    Route::page("/", SignedIn),
    // One's own account. What is kept of it is written where it is done (accounts::audit_actions): a code that does
    // not fit must not look like one that did.
    Route::page("/step-up", SignedIn),
    Route::own("/step-up"),
    Route::own("/step-up/question"),
    Route::page("/me", SignedIn),
    Route::own("/me/stay"),
    Route::own("/me/sessions/{id}/end"),
    Route::own("/me/sessions/end-others"),
    Route::page("/me/password", SignedIn),
    Route::own("/me/password"),
    Route::page("/me/factors", SignedIn),
    Route::page("/me/factors/totp", SignedIn),
    Route::own("/me/factors/totp"),
    Route::own("/me/factors/totp/{id}/remove"),
    Route::own("/me/factors/passkeys"),
    Route::own("/me/factors/passkeys/question"),
    Route::own("/me/factors/passkeys/{id}/remove"),
    Route::page("/me/factors/codes", SignedIn),
    Route::own("/me/factors/codes"),
    Route::look(
        "/staff/{id}/factors",
        PEOPLE_OF_ALL,
        "factor.look",
        "職員の確認方法を見た",
    ),
    Route::change(
        "/staff/{id}/factors/reset",
        PEOPLE_OF_ALL,
        "factor.reset_ask",
        "確認方法のリセットを申請した",
    ),
    Route::change(
        "/staff/{id}/factors/reset/confirm",
        PEOPLE_OF_ALL,
        "factor.reset",
        "確認方法をリセットした",
    ),
    Route::change(
        "/staff/{id}/factors/reset/withdraw",
        PEOPLE_OF_ALL,
        "factor.reset_withdraw",
        "確認方法のリセットの申請を取り下げた",
    ),
    // Lists.
    Route::page("/lists/new", PREPARE),
    Route::change("/lists", PREPARE, "list.upload", "リストを登録した"),
    Route::change(
        "/lists/references",
        PREPARE,
        "list.reference",
        "照合用のリストを登録した",
    ),
    Route::look(
        "/lists/files/{id}",
        PREPARE,
        "list.file",
        "読み取れなかったファイルを開いた",
    ),
    Route::change(
        "/lists/files/{id}",
        PREPARE,
        "list.reread",
        "ファイルを読み直した",
    ),
    Route::look("/lists/{id}/columns", SEE, "list.columns", "リストの列を見た"),
    Route::look(
        "/lists/{id}/reading",
        PREPARE,
        "list.reading",
        "リストの読み取り方を見た",
    ),
    Route::change(
        "/lists/{id}/reading",
        PREPARE,
        "list.reread",
        "ファイルを読み直した",
    ),
    Route::look("/lists/{id}", SEE, "list.look", "リストを見た"),
    Route::page("/lists/{id}/import/live", SEE),
    Route::change(
        "/lists/{id}/import/stop",
        PREPARE,
        "list.import_stop",
        "取り込みを止めた",
    ),
    Route::change(
        "/lists/{id}/choices",
        PREPARE,
        "list.choose",
        "リストについて決めた",
    ),
    Route::change(
        "/lists/{id}/reference",
        PREPARE,
        "list.reference",
        "照合用のリストを登録した",
    ),
    Route::change(
        "/lists/{id}/reference/remove",
        PREPARE,
        "list.reference_remove",
        "照合用のリストを外した",
    ),
    Route::change(
        "/lists/{id}/settings",
        PREPARE,
        "list.settings",
        "列と文面を選んだ",
    ),
    Route::change(
        "/lists/{id}/withdraw",
        PREPARE,
        "list.withdraw",
        "リストを取り下げた",
    ),
    Route::change("/lists/{id}/rows/{line}", PREPARE, "list.mend", "行を直した"),
    Route::change(
        "/lists/{id}/rows/{line}/exclude",
        PREPARE,
        "list.exclude",
        "行を除外した",
    ),
    Route::change(
        "/lists/{id}/rows/{line}/include",
        PREPARE,
        "list.include",
        "行を戻した",
    ),
    Route::look("/lists/{id}/preview", SEE, "list.preview", "届く文面を見た"),
    Route::look("/lists/{id}/confirm", SEND, "list.confirm", "送信の確認を開いた"),
    Route::change("/lists/{id}/send", SEND, "broadcast.start", "送信を始めた"),
    // Broadcasts and messages.
    Route::page("/broadcasts/{id}", SEE),
    Route::page("/broadcasts/{id}/live", SEE),
    Route::change("/broadcasts/{id}/stop", SEND, "broadcast.stop", "配信を止めた"),
    Route::change(
        "/broadcasts/{id}/resume",
        SEND,
        "broadcast.resume",
        "配信を再開した",
    ),
    Route::page("/broadcasts/{id}/discard", SEND),
    Route::change(
        "/broadcasts/{id}/discard",
        SEND,
        "broadcast.discard",
        "残りの送信を取り消した",
    ),
    Route::look(
        "/broadcasts/{id}/report.csv",
        May(Export),
        "broadcast.export",
        "結果をCSVで書き出した",
    ),
    Route::look(
        "/broadcasts/{id}/report.xlsx",
        May(Export),
        "broadcast.export",
        "結果をExcelで書き出した",
    ),
    Route::look(
        "/broadcasts/{id}/messages",
        SEE,
        "broadcast.messages",
        "配信の相手を見た",
    ),
    Route::look(
        "/messages/{id}",
        May(Reveal),
        "message.reveal",
        "1人分の番号と文面を見た",
    ),
    Route::change(
        "/messages/{id}/settle",
        SEND,
        "message.settle",
        "結果不明を確定した",
    ),
    // Whom one cannot, or must not, write to.
    Route::look("/numbers", CLOSE, "number.list", "人違いの番号を見た"),
    Route::change("/numbers", CLOSE, "number.close", "番号を人違いとして登録した"),
    Route::change("/numbers/{id}/lift", CLOSE, "number.lift", "人違いの登録を解いた"),
    Route::look(
        "/messages/{id}/wrong",
        CLOSE,
        "number.ask",
        "人違いの登録を開いた",
    ),
    Route::change(
        "/messages/{id}/wrong",
        CLOSE,
        "number.close",
        "番号を人違いとして登録した",
    ),
    Route::look("/calls", CALL, "call.list", "電話リストを見た"),
    Route::change("/calls", CALL, "call.add", "電話リストに加えた"),
    Route::change("/calls/{id}/mark", CALL, "call.mark", "電話の結果を記録した"),
    Route::look("/calls/{id}/wrong", CLOSE, "number.ask", "人違いの登録を開いた"),
    Route::change(
        "/calls/{id}/wrong",
        CLOSE,
        "number.close",
        "番号を人違いとして登録した",
    ),
    Route::change("/messages/{id}/call", PEOPLE, "call.add", "電話リストに加えた"),
    Route::change("/broadcasts/{id}/calls", PEOPLE, "call.add", "電話リストに加えた"),
    Route::change(
        "/lists/{id}/rows/{line}/call",
        PREPARE,
        "call.add",
        "電話リストに加えた",
    ),
    // What reached the wrong person.
    Route::look(
        "/messages/{id}/report",
        REPORT,
        "incident.ask",
        "人違いの報告を開いた",
    ),
    Route::change(
        "/messages/{id}/report",
        REPORT,
        "incident.report",
        "別の人の情報が届いたと報告した",
    ),
    Route::page("/incidents/report", REPORT),
    Route::change(
        "/incidents/report",
        REPORT,
        "incident.find",
        "報告するメッセージを番号で探した",
    ),
    Route::page("/incidents", INCIDENTS),
    Route::change("/incidents", HANDLE, "incident.open", "インシデントを開いた"),
    Route::page("/incidents/new", HANDLE),
    Route::look(
        "/incidents/{id}",
        INCIDENTS,
        "incident.look",
        "インシデントを見た",
    ),
    Route::look(
        "/incidents/{id}/people/{broadcast}",
        INCIDENTS,
        "incident.people",
        "影響を受けた人を見た",
    ),
    Route::change(
        "/incidents/{id}/broadcasts/{broadcast}",
        HANDLE,
        "incident.decide",
        "止めた配信をどうするか決めた",
    ),
    Route::change(
        "/incidents/{id}/notes",
        HANDLE,
        "incident.note",
        "インシデントにメモを残した",
    ),
    Route::change(
        "/incidents/{id}/state",
        HANDLE,
        "incident.state",
        "インシデントの状態を変えた",
    ),
    // Texts.
    Route::page("/templates", SEE),
    Route::change("/templates", TEXTS, "template.add", "文面を作った"),
    Route::page("/templates/new", TEXTS),
    Route::page("/templates/{id}", SEE),
    Route::change("/templates/{id}", TEXTS, "template.edit", "文面を直した"),
    Route::change(
        "/templates/{id}/archive",
        TEXTS,
        "template.archive",
        "文面をしまった",
    ),
    Route::page("/templates/{id}/compare", SEE),
    Route::page("/templates/rules", SEE),
    Route::change(
        "/templates/rules",
        TEXTS,
        "template.rules",
        "文面の決まりを変えた",
    ),
    Route::page("/links", SEE),
    Route::change("/links", TEXTS, "link.add", "案内ページを加えた"),
    Route::page("/links/new", TEXTS),
    Route::page("/links/{id}", SEE),
    Route::change("/links/{id}", TEXTS, "link.edit", "案内ページを直した"),
    Route::change("/links/{id}/retire", TEXTS, "link.retire", "案内ページをしまった"),
    // The organisation.
    Route::page("/organisation/addresses", ORGANISATION),
    Route::change(
        "/organisation/addresses",
        ORGANISATION,
        "organisation.addresses",
        "接続元の範囲を変えた",
    ),
    // Only in the demo.
    Route::page("/phones", SignedIn),
    Route::page("/samples", SignedIn),
    Route::page("/samples/{name}", SignedIn),
];

/// Every route of the resident host.
pub const RESIDENT_ROUTES: &[(&str, &str)] = &[
    ("GET", "/"),
    ("GET", "/healthz"),
    ("GET", "/l/{token}"),
    ("POST", "/l/{token}"),
    ("POST", "/l/{token}/wrong"),
    ("GET", "/wrong"),
    ("POST", "/wrong"),
];
