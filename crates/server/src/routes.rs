//! Every URL of the product on one page: who may ask for it, and what the audit trail keeps.
//!
//! The handlers live in the slices. The guard (`accounts::guard`) looks each request up here, so a route that is
//! missing is not there for anybody; `tests/it/denied.rs` asks for each as nobody, in every role, and as another
//! office.

use accounts::Access::{self, May, MayAny, SignedIn};
use accounts::Permission::{
    Approve, Call, CheckApplications, CloseNumbers, EditTemplates, Export, HandleIncidents,
    JudgeApplications, ManageDesks, ManageOffice, ManageOrganisation, ManageProgrammes, PrepareLists,
    ReadAudit, ReadUsage, ReleaseResults, Reveal, SeeApplications, SeeBroadcasts, SeeCases, Send, WorkCases,
    WriteToOne,
};
use accounts::Route;

const SEE: Access = May(SeeBroadcasts);
const PREPARE: Access = May(PrepareLists);
const CASES: Access = May(SeeCases);
const WORK: Access = May(WorkCases);
const SEND: Access = May(Send);
/// One person, from their record. With which texts, the handlers say: without [`Send`] approved ones only.
const ONE: Access = MayAny(&[Send, WriteToOne]);
const APPROVE: Access = May(Approve);
const APPLICATIONS: Access = May(SeeApplications);
const TEXTS: Access = May(EditTemplates);
/// One person's record leaves, with a reason and a fresh proof: whoever may be shown that person whole, one by one, as
/// a case worker may and a contractor may not. Many at once are files, which take [`Export`].
const ONE_RECORD: Access = MayAny(&[Export, Reveal]);
const CALL: Access = May(Call);
const CLOSE: Access = May(CloseNumbers);
const ORGANISATION: Access = May(ManageOrganisation);
const USAGE: Access = May(ReadUsage);
/// How the work goes, for whoever does it or answers for it.
const FIGURES: Access = MayAny(&[SeeCases, ReadUsage]);
/// What is published is the head office's; the handlers say so.
const PUBLISH: Access = MayAny(&[ReadUsage, Approve]);
/// Single rows of a list, whole: for whoever mends, sends or approves them.
const ROWS: Access = MayAny(&[PrepareLists, Send, Approve, Reveal]);
/// The second person of a file.
const AGREE: Access = MayAny(&[Export, Approve]);
const AUDIT: Access = May(ReadAudit);
/// Who is telephoned stands in lists and in the results of broadcasts.
const PEOPLE: Access = MayAny(&[Reveal, Call]);
/// Whoever may take the call of somebody who got another person's message.
const REPORT: Access = MayAny(&[Reveal, Call, Send, HandleIncidents]);
const HANDLE: Access = May(HandleIncidents);
/// Those who sent or approved see what became of it.
const INCIDENTS: Access = MayAny(&[HandleIncidents, Send, Approve]);

/// Doctors at some desks, clerks at others: which, the handlers say.
const JUDGE: Access = MayAny(&[CheckApplications, JudgeApplications]);
const CHECK: Access = May(CheckApplications);
const RELEASE: Access = May(ReleaseResults);
/// Judgements about which two people differ.
const DIFFERENCES: Access = MayAny(&[ReleaseResults, CheckApplications, JudgeApplications]);
/// Name and number of one applicant: never a doctor's.
const APPLICANT: Access = MayAny(&[CheckApplications, Reveal]);

/// The rules of programmes; for which office, the handlers say.
const RULES: Access = May(ManageProgrammes);
/// Whoever sees that a rule is wrong may stop it.
const STOP_RULES: Access = MayAny(&[ManageProgrammes, Approve]);

const DESKS: Access = May(ManageDesks);
/// Those who write desks and those who approve them.
const SEE_DESKS: Access = MayAny(&[ManageDesks, Approve]);

/// Whose accounts, the handlers say (`accounts::managed`).
const STAFF: Access = MayAny(&[ManageOffice, ManageOrganisation]);
const ALL_PEOPLE: Access = May(ManageOrganisation);

/// Whoever reaches a page there that is not open to everybody.
const SETTINGS: Access = MayAny(&[ManageOffice, ManageOrganisation, ReadAudit]);

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
    Route::open("GET", "/invitation/{token}"),
    Route::open("POST", "/invitation/{token}"),
    Route::open("GET", "/setup/{token}"),
    Route::open("POST", "/setup/{token}"),
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
        ORGANISATION,
        "factor.look",
        "職員の確認方法を見た",
    ),
    Route::change(
        "/staff/{id}/factors/reset",
        ORGANISATION,
        "factor.reset_ask",
        "確認方法のリセットを申請した",
    ),
    Route::change(
        "/staff/{id}/factors/reset/confirm",
        ORGANISATION,
        "factor.reset",
        "確認方法をリセットした",
    ),
    Route::change(
        "/staff/{id}/factors/reset/withdraw",
        ORGANISATION,
        "factor.reset_withdraw",
        "確認方法のリセットの申請を取り下げた",
    ),
    Route::change(
        "/staff/{id}/identity/unpin",
        ORGANISATION,
        "identity.unpin",
        "組織の認証サーバーとの結び付けを解いた",
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
    Route::look("/lists/{id}/columns", ROWS, "list.columns", "リストの列を見た"),
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
    Route::look("/lists/{id}/preview", ROWS, "list.preview", "届く文面を見た"),
    Route::look("/lists/{id}/confirm", SEND, "list.confirm", "送信の確認を開いた"),
    Route::change("/lists/{id}/send", SEND, "broadcast.start", "送信を始めた"),
    // What leaves desks on paper and as files.
    Route::look(
        "/applications/{id}/certificate",
        APPLICATIONS,
        "certificate.print",
        "証明書を印刷した",
    ),
    Route::page("/desks/{id}/deliveries", May(Export)),
    Route::change(
        "/desks/{id}/deliveries",
        May(Export),
        "delivery.list",
        "発送の一覧を作った",
    ),
    Route::ask(
        "/desks/{id}/deliveries/{list}",
        May(Export),
        "delivery.again",
        "発送の一覧をもう一度受け取った",
    ),
    Route::change(
        "/desks/{id}/deliveries/{list}/fetch/{request}",
        May(Export),
        "delivery.fetch",
        "同意を得た発送の一覧を受け取った",
    ),
    // Cases. Whom a search found and whose record was opened is kept, never what was typed.
    Route::look("/cases", CASES, "case.list", "患者の一覧を見た"),
    Route::page("/cases/new", WORK),
    Route::change("/cases", WORK, "case.add", "患者を1人登録した"),
    Route::ask("/cases/search", CASES, "case.search", "患者を探した"),
    Route::look(
        "/cases/twins",
        CASES,
        "case.twin_list",
        "同じ人かもしれない患者の一覧を見た",
    ),
    Route::look("/cases/{id}", CASES, "case.look", "患者の記録を見た"),
    Route::ask(
        "/cases/{id}/reveal",
        CASES,
        "case.reveal",
        "患者1人の氏名と連絡先を見た",
    ),
    Route::change("/cases/{id}/notes", WORK, "case.note", "患者の記録にメモを残した"),
    Route::change("/cases/{id}/route", WORK, "case.route", "患者の振り分けを変えた"),
    Route::change(
        "/cases/{id}/decide",
        WORK,
        "case.decide",
        "患者の振り分けを規則の判断に戻した",
    ),
    // Questions and what people answered.
    Route::look("/observation", CASES, "observation.look", "健康観察の一覧を見た"),
    Route::page("/observation/forms", CASES),
    Route::change(
        "/cases/{id}/alerts",
        WORK,
        "case.alert_handled",
        "緊急の回答への対応を記録した",
    ),
    Route::change("/cases/{id}/reviews", WORK, "case.review", "回答を確認した"),
    Route::look(
        "/cases/{id}/correct",
        WORK,
        "case.correct_look",
        "患者の記録を訂正のために開いた",
    ),
    Route::change(
        "/cases/{id}/correct",
        WORK,
        "case.correct",
        "患者の記録を訂正した",
    ),
    Route::page("/cases/{id}/hand-over", WORK),
    Route::change(
        "/cases/{id}/hand-over",
        WORK,
        "case.hand_over",
        "患者を別の部署に引き継いだ",
    ),
    Route::change(
        "/cases/{id}/taken",
        WORK,
        "case.take_over",
        "引き継がれた患者を受け取った",
    ),
    Route::page("/cases/{id}/close", WORK),
    Route::change("/cases/{id}/close", WORK, "case.close", "患者の記録を終了した"),
    Route::page("/cases/{id}/reopen", WORK),
    Route::change("/cases/{id}/reopen", WORK, "case.reopen", "患者の記録を再開した"),
    Route::look(
        "/cases/{id}/course",
        WORK,
        "case.course_look",
        "療養の日付を記録するために開いた",
    ),
    Route::change("/cases/{id}/course", WORK, "case.course", "療養の日付を記録した"),
    Route::page("/cases/{id}/visit", WORK),
    Route::change("/cases/{id}/visit", WORK, "case.visit", "訪問を記録した"),
    Route::page("/cases/{id}/export", ONE_RECORD),
    Route::ask(
        "/cases/{id}/export",
        ONE_RECORD,
        "case.export",
        "患者1人の記録を書き出した",
    ),
    Route::look(
        "/cases/{id}/twins/{twin}",
        CASES,
        "case.twins",
        "患者の2つの記録を見比べた",
    ),
    Route::change(
        "/cases/{id}/twins/{twin}",
        WORK,
        "case.twins_decide",
        "患者の2つの記録について決めた",
    ),
    Route::change(
        "/cases/take-over",
        WORK,
        "case.take_over",
        "規則のない患者を振り分け規則に引き継いだ",
    ),
    Route::page("/cases/hand-over", WORK),
    Route::change(
        "/cases/hand-over",
        WORK,
        "case.hand_over_together",
        "規則の患者をまとめて別の部署に引き継いだ",
    ),
    Route::page("/intake/new", WORK),
    Route::page("/intake/areas", WORK),
    Route::change("/intake/areas", RULES, "intake.areas", "部署の管内を変えた"),
    Route::change("/intake", WORK, "intake.upload", "発生届のリストを読み込んだ"),
    Route::look("/intake/{id}", WORK, "intake.check", "発生届のリストを確かめた"),
    Route::change(
        "/intake/{id}/register",
        WORK,
        "intake.register",
        "発生届のリストの人を登録した",
    ),
    Route::change(
        "/intake/{id}/columns",
        WORK,
        "intake.columns",
        "発生届のリストの列の読み取り方を決めた",
    ),
    Route::change(
        "/intake/{id}/move",
        WORK,
        "intake.hand_over",
        "リストの人を管内の部署に引き継いだ",
    ),
    // Photos of applications. A preview is too small to read and stands on pages whose look is kept.
    Route::look(
        "/applications/{id}/photos/{photo}/image",
        JUDGE,
        "application.photo",
        "申請の写真を見た",
    ),
    Route::page("/applications/{id}/photos/{photo}/preview", May(SeeApplications)),
    Route::look(
        "/applications/{id}/photos/{photo}/mask",
        JUDGE,
        "application.mask_look",
        "写真を隠すために開いた",
    ),
    Route::change(
        "/applications/{id}/photos/{photo}/mask",
        JUDGE,
        "application.mask",
        "写真の一部を隠した",
    ),
    // Applications: looked through, judged, judged once more.
    Route::page("/applications", APPLICATIONS),
    Route::ask(
        "/applications/find",
        APPLICATIONS,
        "application.find",
        "申請を探した",
    ),
    Route::look(
        "/applications/desks/{desk}",
        APPLICATIONS,
        "application.list",
        "申請の一覧を見た",
    ),
    Route::look(
        "/applications/desks/{desk}/differences",
        DIFFERENCES,
        "application.differences",
        "分かれた判定を見た",
    ),
    Route::look(
        "/applications/{id}",
        APPLICATIONS,
        "application.look",
        "申請の記録を見た",
    ),
    Route::ask(
        "/applications/{id}/reveal",
        APPLICANT,
        "application.reveal",
        "申請した1人の氏名と連絡先を見た",
    ),
    Route::change(
        "/applications/{id}/check",
        CHECK,
        "application.check",
        "申請の事前確認をした",
    ),
    Route::change(
        "/applications/{id}/withdraw",
        CHECK,
        "application.withdraw",
        "申請を取り下げた",
    ),
    Route::change(
        "/applications/{id}/unpark",
        JUDGE,
        "application.unpark",
        "保留の申請を判定待ちに戻した",
    ),
    Route::change(
        "/applications/{id}/correct",
        JUDGE,
        "application.correct",
        "申請の判定を訂正した",
    ),
    Route::change(
        "/applications/{id}/uphold",
        RELEASE,
        "application.uphold",
        "分かれた判定を最初のままにした",
    ),
    Route::page("/review", JUDGE),
    Route {
        method: "POST",
        ..Route::page("/review/keys", JUDGE)
    },
    Route::page("/review/{desk}", JUDGE),
    Route::change(
        "/review/{desk}/next",
        JUDGE,
        "application.take",
        "申請を判定のために開いた",
    ),
    Route::page("/review/{desk}/looks", JUDGE),
    Route::look(
        "/review/{desk}/looks/{id}",
        JUDGE,
        "application.second_look",
        "申請を二人目の確認のために開いた",
    ),
    Route::change(
        "/review/{desk}/looks/{id}",
        JUDGE,
        "application.second_judge",
        "二人目として申請を判定した",
    ),
    Route::look(
        "/review/{desk}/{id}",
        JUDGE,
        "application.judge_look",
        "申請を判定の画面で見た",
    ),
    Route::change(
        "/review/{desk}/{id}/take",
        JUDGE,
        "application.take",
        "申請を判定のために開いた",
    ),
    Route::change(
        "/review/{desk}/{id}/act",
        JUDGE,
        "application.judge",
        "申請を判定した",
    ),
    // A sign of life; what was typed is kept with the review.
    Route {
        method: "POST",
        ..Route::page("/review/{desk}/{id}/renew", JUDGE)
    },
    Route {
        method: "POST",
        ..Route::page("/review/{desk}/{id}/leave", JUDGE)
    },
    Route::change(
        "/review/{desk}/{id}/undo",
        JUDGE,
        "application.undo",
        "申請の判定を取り消した",
    ),
    // Reaching the people of cases.
    Route::page("/reach", SEE),
    Route::look(
        "/reach/gather",
        SEND,
        "reach.gather_look",
        "まとめて送る相手と文面を見た",
    ),
    Route::change(
        "/reach/gather",
        SEND,
        "reach.gather",
        "待っている人にまとめて送信した",
    ),
    Route::page("/reach/orders", SEE),
    Route::change("/reach/orders", SEND, "reach.order", "自動で送る指示を出した"),
    Route::change(
        "/reach/orders/{id}/end",
        SEND,
        "reach.order_end",
        "自動で送る指示を終えた",
    ),
    Route::page("/reach/outage", SEE),
    Route::change(
        "/reach/outage/calls",
        SEND,
        "reach.outage_calls",
        "障害で届かない人を電話リストに入れた",
    ),
    Route::look("/cases/{id}/write", ONE, "case.write_look", "1人に送る文面を見た"),
    Route::change(
        "/reach/outage/resend",
        SEND,
        "reach.outage_resend",
        "障害で届いたか分からない人に送り直した",
    ),
    Route::change("/cases/{id}/write", ONE, "case.write", "1人にSMSを送った"),
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
    Route::page("/broadcasts/{id}/export", May(Export)),
    Route::ask(
        "/broadcasts/{id}/export",
        May(Export),
        "broadcast.export",
        "結果をファイルに書き出した",
    ),
    Route::change(
        "/broadcasts/{id}/export/ask",
        May(Export),
        "export.ask",
        "書き出しの同意を求めた",
    ),
    Route::page(
        "/exports",
        MayAny(&[Export, Approve, ManageOrganisation, ReadAudit]),
    ),
    Route::change(
        "/exports/rule",
        ORGANISATION,
        "export.rule",
        "書き出しの決まりを変えた",
    ),
    Route::change("/exports/{id}/agree", AGREE, "export.agree", "書き出しに同意した"),
    Route::change(
        "/exports/{id}/refuse",
        AGREE,
        "export.refuse",
        "書き出しを認めなかった",
    ),
    Route::change(
        "/exports/{id}/fetch",
        May(Export),
        "broadcast.export",
        "結果をファイルに書き出した",
    ),
    Route::look(
        "/broadcasts/{id}/messages",
        SEE,
        "broadcast.messages",
        "配信の相手を見た",
    ),
    Route::look("/messages/{id}", SEE, "message.look", "メッセージの記録を見た"),
    Route::ask(
        "/messages/{id}/reveal",
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
    // Who lets broadcasts go, and by which rule.
    Route::page("/approvals", APPROVE),
    Route::look(
        "/broadcasts/{id}/approval",
        APPROVE,
        "broadcast.approval",
        "承認のために送信の内容を見た",
    ),
    Route::change(
        "/broadcasts/{id}/approve",
        APPROVE,
        "broadcast.approve",
        "送信を承認した",
    ),
    Route::change(
        "/broadcasts/{id}/return",
        APPROVE,
        "broadcast.return",
        "送信を差し戻した",
    ),
    Route::change(
        "/broadcasts/{id}/any-time",
        SEND,
        "broadcast.any_time",
        "送れる時間の外でも送ると決めた",
    ),
    Route::page("/organisation/sending", May(ManageOrganisation)),
    Route::change(
        "/organisation/sending",
        May(ManageOrganisation),
        "send_rule.save",
        "送信の決まりを変えた",
    ),
    // Whom one cannot, or must not, write to.
    Route::look("/numbers", CLOSE, "number.list", "人違いの番号を見た"),
    Route::change("/numbers", CLOSE, "number.close", "番号を人違いとして登録した"),
    Route::ask(
        "/numbers/{id}/reveal",
        CLOSE,
        "number.reveal",
        "登録した番号を表示した",
    ),
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
    Route::look("/calls/{id}", CALL, "call.show", "電話の画面を見た"),
    // Whoever takes somebody is shown name and number; the lease itself is nobody's data.
    Route::ask(
        "/calls/next",
        CALL,
        "call.reveal",
        "電話する人の名前と番号を表示した",
    ),
    Route::ask(
        "/calls/{id}/take",
        CALL,
        "call.reveal",
        "電話する人の名前と番号を表示した",
    ),
    Route {
        method: "POST",
        ..Route::page("/calls/{id}/renew", CALL)
    },
    Route::change("/calls/{id}/return", CALL, "call.return", "電話せずに戻した"),
    Route::change(
        "/calls/{id}/hand-over",
        CALL,
        "call.hand_over",
        "電話をほかの部署に引き継いだ",
    ),
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
    // What people write back.
    Route::page("/replies", PEOPLE),
    Route::look("/replies/{id}", PEOPLE, "reply.look", "返信の記録を見た"),
    Route::ask(
        "/replies/{id}/reveal",
        PEOPLE,
        "reply.reveal",
        "返信1件の番号と本文を見た",
    ),
    Route::change(
        "/replies/{id}/mark",
        PEOPLE,
        "reply.mark",
        "返信への対応を記録した",
    ),
    Route::page("/organisation/replies", ORGANISATION),
    Route::change(
        "/organisation/replies",
        ORGANISATION,
        "reply.rule",
        "返信の決まりを変えた",
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
    Route::change(
        "/templates/{id}/approve",
        APPROVE,
        "template.approve",
        "文面を承認した",
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
    // Programmes: who reaches whom, and how long people stay at home.
    Route::page("/programmes", SEE),
    Route::change("/programmes", RULES, "programme.add", "振り分け規則を作った"),
    Route::page("/programmes/new", RULES),
    Route::page("/programmes/{id}", SEE),
    Route::page("/programmes/{id}/script", SEE),
    Route::change(
        "/programmes/{id}/script",
        RULES,
        "programme.script",
        "電話で話すことを変えた",
    ),
    Route::change(
        "/programmes/{id}/diseases",
        RULES,
        "programme.diseases",
        "振り分け規則の対象の疾患を変えた",
    ),
    Route::change(
        "/programmes/{id}/owner",
        RULES,
        "programme.owner",
        "振り分け規則の担当の部署を変えた",
    ),
    Route::change(
        "/programmes/{id}/versions",
        RULES,
        "programme.draft",
        "振り分け規則の下書きを作った",
    ),
    Route::page("/programmes/{id}/versions/{version}", SEE),
    Route::page("/programmes/{id}/versions/{version}/edit", RULES),
    Route::change(
        "/programmes/{id}/versions/{version}/edit",
        RULES,
        "programme.edit",
        "振り分け規則の下書きを直した",
    ),
    Route::page("/programmes/{id}/versions/{version}/try", SEE),
    Route::change(
        "/programmes/{id}/versions/{version}/approve",
        APPROVE,
        "programme.approve",
        "振り分け規則を承認した",
    ),
    Route::change(
        "/programmes/{id}/versions/{version}/withdraw",
        STOP_RULES,
        "programme.withdraw",
        "振り分け規則を取り下げた",
    ),
    // What residents are asked, in versions.
    Route::page("/forms", SEE),
    Route::change("/forms", RULES, "form.draft", "質問の下書きを作った"),
    Route::page("/forms/{id}/versions/{version}", SEE),
    Route::page("/forms/{id}/versions/{version}/edit", RULES),
    Route::change(
        "/forms/{id}/versions/{version}/edit",
        RULES,
        "form.edit",
        "質問の下書きを直した",
    ),
    Route::change(
        "/forms/{id}/versions/{version}/approve",
        APPROVE,
        "form.approve",
        "質問の版を承認した",
    ),
    Route::change(
        "/forms/{id}/versions/{version}/withdraw",
        STOP_RULES,
        "form.withdraw",
        "質問の版を取り下げた",
    ),
    // Trying a text out on the own phone.
    Route::page("/me/number", SignedIn),
    Route::change(
        "/me/number",
        SignedIn,
        "own_number.enter",
        "自分の携帯電話を登録した",
    ),
    Route::change(
        "/me/number/remove",
        SignedIn,
        "own_number.remove",
        "自分の携帯電話を消した",
    ),
    Route::change(
        "/lists/{id}/rows/{line}/test",
        SEND,
        "broadcast.test",
        "自分の携帯電話に試しに送った",
    ),
    Route::change(
        "/templates/{id}/test",
        MayAny(&[EditTemplates, Send]),
        "broadcast.test",
        "自分の携帯電話に試しに送った",
    ),
    // How much is sent, under which numbers, and what it costs.
    Route::page("/organisation/limits", ORGANISATION),
    Route::change(
        "/organisation/limits",
        ORGANISATION,
        "limit.set",
        "送信の上限を変えた",
    ),
    Route::change(
        "/organisation/stop",
        ORGANISATION,
        "sending.stop",
        "すべての送信を止めた",
    ),
    Route::change(
        "/organisation/release",
        ORGANISATION,
        "sending.release",
        "すべての送信を再開した",
    ),
    Route::change(
        "/organisation/mode",
        ORGANISATION,
        "sending.mode",
        "訓練と本番を切り替えた",
    ),
    Route::page("/organisation/senders", ORGANISATION),
    Route::change(
        "/organisation/senders",
        ORGANISATION,
        "sender.add",
        "送信元の番号を加えた",
    ),
    Route::change(
        "/organisation/senders/{id}/end",
        ORGANISATION,
        "sender.end",
        "送信元の番号を使い終わりにした",
    ),
    Route::page("/organisation/tariffs", ORGANISATION),
    Route::change(
        "/organisation/tariffs",
        ORGANISATION,
        "tariff.set",
        "料金を登録した",
    ),
    Route::look(
        "/organisation/numbers",
        ORGANISATION,
        "own_number.list",
        "職員の携帯電話を見た",
    ),
    Route::change(
        "/organisation/numbers",
        ORGANISATION,
        "own_number.confirm",
        "職員の携帯電話を確認した",
    ),
    // What becomes of applications, and the desks at which people apply.
    Route::page("/outcomes", RELEASE),
    Route::page("/outcomes/desks/{id}", RELEASE),
    Route::look(
        "/outcomes/desks/{id}/people",
        RELEASE,
        "outcome.people",
        "判定別リストの人を見た",
    ),
    Route::change(
        "/outcomes/desks/{id}/lock",
        RELEASE,
        "outcome.lock",
        "判定別リストを確定した",
    ),
    Route::page("/outcomes/desks/{id}/quality", RELEASE),
    Route::look(
        "/outcomes/lists/{id}",
        RELEASE,
        "outcome.people",
        "判定別リストの人を見た",
    ),
    Route::change(
        "/outcomes/lists/{id}/send",
        RELEASE,
        "outcome.send",
        "判定別リストを送った",
    ),
    Route::change(
        "/outcomes/lists/{id}/open",
        RELEASE,
        "outcome.open",
        "判定別リストの確定を取り消した",
    ),
    Route::page("/desks", SEE_DESKS),
    Route::change("/desks", DESKS, "desk.add", "申請窓口を作った"),
    Route::page("/desks/new", DESKS),
    Route::page("/desks/{id}", SEE_DESKS),
    Route::change("/desks/{id}/close", DESKS, "desk.close", "申請窓口を閉じた"),
    Route::change(
        "/desks/{id}/link",
        DESKS,
        "desk.link",
        "申請窓口の本人用リンクを文面で使えるようにした",
    ),
    Route::change(
        "/desks/{id}/reopen",
        DESKS,
        "desk.reopen",
        "申請窓口の閉鎖を解いた",
    ),
    Route::change(
        "/desks/{id}/versions",
        DESKS,
        "desk.draft",
        "申請窓口の新しい版の下書きを作った",
    ),
    Route::page("/desks/{id}/versions/{version}", SEE_DESKS),
    Route::page("/desks/{id}/versions/{version}/edit", DESKS),
    Route::change(
        "/desks/{id}/versions/{version}/edit",
        DESKS,
        "desk.edit",
        "申請窓口の下書きを直した",
    ),
    Route::page("/desks/{id}/versions/{version}/json", SEE_DESKS),
    Route::change(
        "/desks/{id}/versions/{version}/json",
        DESKS,
        "desk.edit",
        "申請窓口の下書きを直した",
    ),
    Route::page("/desks/{id}/versions/{version}/preview", SEE_DESKS),
    Route::change(
        "/desks/{id}/versions/{version}/approve",
        APPROVE,
        "desk.approve",
        "申請窓口の版を承認した",
    ),
    Route::change(
        "/desks/{id}/versions/{version}/withdraw",
        SEE_DESKS,
        "desk.withdraw",
        "申請窓口の版を取り下げた",
    ),
    // Figures of cases: nobody is named in them.
    Route::page("/figures", FIGURES),
    Route::look("/figures/file", FIGURES, "figures.export", "統計を書き出した"),
    Route::page("/figures/published", PUBLISH),
    Route::look(
        "/figures/published/file",
        PUBLISH,
        "figures.publish",
        "公表用の統計を書き出した",
    ),
    Route::page("/usage", USAGE),
    Route::look(
        "/usage/summary.csv",
        USAGE,
        "usage.export",
        "利用実績を書き出した",
    ),
    Route::look(
        "/usage/summary.xlsx",
        USAGE,
        "usage.export",
        "利用実績を書き出した",
    ),
    Route::look("/usage/lines.csv", USAGE, "usage.export", "利用明細を書き出した"),
    Route::look("/usage/lines.xlsx", USAGE, "usage.export", "利用明細を書き出した"),
    // What the organisation decides about itself, on one page.
    Route::page("/settings", SETTINGS),
    // People and places.
    Route::page("/start", ALL_PEOPLE),
    Route::page("/roles", SignedIn),
    Route::page("/me/offices", SignedIn),
    Route::change("/me/office", SignedIn, "session.office", "働く部署を替えた"),
    Route::look("/staff", STAFF, "staff.list", "職員の一覧を見た"),
    Route::change("/staff", STAFF, "staff.invite", "職員を招待した"),
    Route::page("/staff/new", STAFF),
    Route::change("/staff/many", STAFF, "staff.invite", "職員を招待した"),
    Route::look("/staff/{id}", STAFF, "staff.look", "職員のアカウントを見た"),
    Route::change("/staff/{id}/roles", STAFF, "staff.roles", "職員の役割を変えた"),
    Route::change("/staff/{id}/home", ALL_PEOPLE, "staff.home", "職員の所属を変えた"),
    Route::change(
        "/staff/{id}/disable",
        STAFF,
        "staff.disable",
        "職員の利用を止めた",
    ),
    Route::change(
        "/staff/{id}/enable",
        STAFF,
        "staff.enable",
        "職員の利用を再開した",
    ),
    Route::change(
        "/staff/{id}/sign-out",
        STAFF,
        "staff.sign_out",
        "職員のログインを終わらせた",
    ),
    Route::change(
        "/staff/{id}/link",
        STAFF,
        "staff.link",
        "職員の一度きりのリンクを作った",
    ),
    Route::change(
        "/staff/{id}/link/withdraw",
        STAFF,
        "staff.link_withdraw",
        "職員の一度きりのリンクを取り消した",
    ),
    Route::page("/offices", ALL_PEOPLE),
    Route::change("/offices", ALL_PEOPLE, "office.add", "部署を加えた"),
    Route::change("/offices/many", ALL_PEOPLE, "office.add", "部署を加えた"),
    Route::page("/offices/sample.csv", ALL_PEOPLE),
    Route::page("/offices/{id}", ALL_PEOPLE),
    Route::change("/offices/{id}", ALL_PEOPLE, "office.change", "部署を変えた"),
    Route::change("/offices/{id}/close", ALL_PEOPLE, "office.close", "部署を閉じた"),
    Route::change(
        "/offices/{id}/reopen",
        ALL_PEOPLE,
        "office.reopen",
        "部署をまた開いた",
    ),
    // The organisation.
    Route::page("/organisation/addresses", ORGANISATION),
    Route::change(
        "/organisation/addresses",
        ORGANISATION,
        "organisation.addresses",
        "接続元の範囲を変えた",
    ),
    Route::change(
        "/organisation/second-factor",
        ORGANISATION,
        "factor.require",
        "2つ目の確認を必須にするか決めた",
    ),
    // What happened.
    Route::look("/audit", AUDIT, "audit.read", "監査の記録を見た"),
    Route::look("/audit/verify", AUDIT, "audit.verify", "監査の記録を検証した"),
    Route::change("/alarms/{id}/seen", AUDIT, "alarm.seen", "警告を確かめた"),
    Route::change(
        "/alarms/office-limit/seen",
        SEE,
        "alarm.office_limit",
        "部署の上限の警告を確かめた",
    ),
    Route::ask(
        "/audit/person",
        AUDIT,
        "audit.person",
        "電話番号で1人についての記録を探した",
    ),
    Route::ask("/audit/export", AUDIT, "audit.export", "監査の記録を書き出した"),
    Route::page("/organisation/codes", ORGANISATION),
    Route::change(
        "/organisation/codes",
        ORGANISATION,
        "code.limits",
        "確認コードの上限を変えた",
    ),
    // How long what is kept.
    Route::page(
        "/organisation/retention",
        MayAny(&[ManageOrganisation, ReadAudit]),
    ),
    Route::change(
        "/organisation/retention",
        ORGANISATION,
        "retention.set",
        "保存期間を変えた",
    ),
    Route::change(
        "/organisation/retention/holds",
        ORGANISATION,
        "retention.hold",
        "消去を止めた",
    ),
    Route::change(
        "/organisation/retention/holds/{id}/lift",
        ORGANISATION,
        "retention.lift",
        "消去の停止を解除した",
    ),
    // Only in the demo.
    Route::page("/phones", SignedIn),
    Route {
        method: "POST",
        ..Route::page("/phones/reply", SignedIn)
    },
    Route::page("/samples", SignedIn),
    Route::page("/samples/{name}", SignedIn),
];

/// Every route of the resident host.
pub const RESIDENT_ROUTES: &[(&str, &str)] = &[
    ("GET", "/"),
    ("GET", "/healthz"),
    ("GET", "/genuine"),
    ("GET", "/genuine/{word}"),
    ("GET", "/l/{token}"),
    ("POST", "/l/{token}"),
    ("POST", "/l/{token}/wrong"),
    ("GET", "/wrong"),
    ("POST", "/wrong"),
    ("GET", "/wrong/{word}"),
    ("POST", "/wrong/{word}"),
    ("GET", "/f/{token}"),
    ("POST", "/f/{token}"),
    ("GET", "/f/{token}/begin"),
    ("GET", "/f/{token}/q/{page}"),
    ("POST", "/f/{token}/q/{page}"),
    ("GET", "/f/{token}/check"),
    ("POST", "/f/{token}/check"),
    ("GET", "/f/{token}/stop"),
    ("GET", "/f/{token}/done"),
    ("POST", "/f/{token}/language"),
    ("POST", "/f/{token}/leave"),
    ("GET", "/f/{token}/later"),
    ("GET", "/f/{token}/left"),
    ("GET", "/a/{token}/photos"),
    ("GET", "/a/{token}/photos/{rule}"),
    ("POST", "/a/{token}/photos/{rule}"),
    ("POST", "/a/{token}/photos/{rule}/uploads"),
    ("POST", "/a/{token}/photos/{rule}/uploads/{upload}/parts/{part}"),
    ("POST", "/a/{token}/photos/{rule}/uploads/{upload}/done"),
    ("GET", "/a/{token}/photos/{rule}/{photo}/image"),
    ("GET", "/a/{token}/photos/{rule}/{photo}/preview"),
    ("POST", "/a/{token}/photos/{rule}/{photo}/remove"),
    ("GET", "/accessibility"),
    ("GET", "/d/{desk}"),
    ("GET", "/d/{desk}/consent"),
    ("POST", "/d/{desk}/consent"),
    ("GET", "/d/{desk}/status"),
    ("POST", "/d/{desk}/status"),
    ("GET", "/i/{token}"),
    ("POST", "/i/{token}"),
    ("GET", "/a/{token}"),
    ("POST", "/a/{token}"),
    ("GET", "/a/{token}/next"),
    ("GET", "/a/{token}/consent"),
    ("POST", "/a/{token}/consent"),
    ("GET", "/a/{token}/e/{page}"),
    ("POST", "/a/{token}/e/{page}"),
    ("GET", "/a/{token}/way"),
    ("GET", "/a/{token}/name"),
    ("POST", "/a/{token}/name"),
    ("GET", "/a/{token}/birth"),
    ("POST", "/a/{token}/birth"),
    ("GET", "/a/{token}/guardian"),
    ("POST", "/a/{token}/guardian"),
    ("GET", "/a/{token}/proxy"),
    ("POST", "/a/{token}/proxy"),
    ("GET", "/a/{token}/address"),
    ("POST", "/a/{token}/address"),
    ("GET", "/a/{token}/phone"),
    ("POST", "/a/{token}/phone"),
    ("GET", "/a/{token}/code"),
    ("POST", "/a/{token}/code"),
    ("GET", "/a/{token}/q/{page}"),
    ("POST", "/a/{token}/q/{page}"),
    ("GET", "/a/{token}/stop"),
    ("GET", "/a/{token}/kit"),
    ("POST", "/a/{token}/kit"),
    ("GET", "/a/{token}/check"),
    ("POST", "/a/{token}/check"),
    ("GET", "/a/{token}/done"),
    ("GET", "/a/{token}/again"),
    ("GET", "/a/{token}/result"),
    ("GET", "/a/{token}/certificate"),
    ("GET", "/a/{token}/withdraw"),
    ("POST", "/a/{token}/withdraw"),
    ("POST", "/a/{token}/family"),
    ("POST", "/a/{token}/language"),
    ("POST", "/a/{token}/leave"),
    ("GET", "/a/{token}/left"),
    ("GET", "/v/{token}"),
    ("POST", "/v/{token}"),
];
