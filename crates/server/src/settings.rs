//! `GET /settings`: everything that an organisation decides about itself, one card a page, for whoever reaches any
//! of it. The pages belong to the slices; that they stand together is known only here.

use accounts::SignedIn;
use askama::Template;
use axum::Router;
use axum::routing::get;
use web::{NavEntry, Page, Shell};

/// The one entry of the navigation for all of it.
pub(crate) const ENTRY: NavEntry = NavEntry {
    href: "/settings",
    label: "設定",
    covers: &[
        "/staff",
        "/offices",
        "/roles",
        "/organisation",
        "/audit",
        "/start",
    ],
    group: "管理",
    instead: None,
};

/// Cards that belong together, under a heading in plain words.
struct Group {
    id: &'static str,
    name: &'static str,
    cards: &'static [Card],
}

/// One page, and what is done there.
struct Card {
    href: &'static str,
    name: &'static str,
    about: &'static str,
}

const fn card(href: &'static str, name: &'static str, about: &'static str) -> Card {
    Card { href, name, about }
}

const GROUPS: &[Group] = &[
    Group {
        id: "people",
        name: "人と部署・役割",
        cards: &[
            card(
                "/staff",
                "人と部署",
                "職員を招待し、役割を決め、やめた人の利用を止めます。",
            ),
            card(
                "/offices",
                "部署",
                "保健所や委託先を加え、名前と契約の最終日を決めます。",
            ),
            card("/roles", "役割と権限", "どの役割の人が何をできるかの一覧です。"),
        ],
    },
    Group {
        id: "sending",
        name: "送信の決まり",
        cards: &[
            card(
                "/organisation/sending",
                "送信の決まり",
                "だれの承認が要るか、何時から何時まで送れるかを決めます。",
            ),
            card(
                "/organisation/limits",
                "送信の上限",
                "組織と部署が送れる通数と、予算を決めます。",
            ),
            card(
                "/organisation/senders",
                "送信元の番号",
                "電話機に表示される番号を登録します。",
            ),
            card(
                "/organisation/tariffs",
                "料金",
                "携帯電話会社との契約にある、1通の料金を登録します。",
            ),
            card(
                "/organisation/replies",
                "返信の決まり",
                "「停止」や「別人」という返信に、自動で確認を返すかを決めます。",
            ),
            card(
                "/organisation/codes",
                "確認コードの上限",
                "申請する人の番号を確かめるSMSを、いくつまで送るかを決めます。",
            ),
            card(
                "/organisation/numbers",
                "職員の携帯電話",
                "試し送りの相手になる、職員の番号を確認します。",
            ),
        ],
    },
    Group {
        id: "safety",
        name: "安全",
        cards: &[
            card(
                "/me/factors",
                "ログインの確認方法",
                "自分の認証アプリ・パスキー・回復コードです。ほかの人の分は、その人の画面から見られます。",
            ),
            card(
                "/organisation/addresses",
                "ログインの制限",
                "職員がどこからログインできるかを決めます。",
            ),
            card(
                "/audit",
                "監査の記録",
                "だれが、いつ、何を見て、何をしたかを確かめます。",
            ),
        ],
    },
    Group {
        id: "retention",
        name: "保存期間",
        cards: &[card(
            "/organisation/retention",
            "保存期間と消去",
            "個人の情報を何日で消すかを決め、消した結果を確かめます。",
        )],
    },
    Group {
        id: "organisation",
        name: "組織",
        cards: &[
            card(
                "/start",
                "はじめにすること",
                "最初の配信までに、まだ残っている準備です。",
            ),
            card(
                "/organisation/limits#mode",
                "訓練と本番",
                "実際の人に届く本番と、だれにも届かない訓練を切り替えます。",
            ),
            card(
                "/organisation/limits#stop",
                "すべての送信を止める",
                "異変があったとき、組織の送信をすべて止め、再開します。",
            ),
        ],
    },
];

impl Card {
    /// The page without the place on it.
    fn page(&self) -> &'static str {
        self.href.split('#').next().unwrap_or(self.href)
    }
}

/// The page, for the staff host.
pub(crate) fn pages() -> Router {
    Router::new().route("/settings", get(show))
}

#[derive(Template)]
#[template(path = "settings.html")]
struct Settings {
    shell: Shell,
    /// What is within reach, and nothing that is empty.
    groups: Vec<(&'static Group, Vec<&'static Card>)>,
}

async fn show(_: SignedIn, shell: Shell) -> Page<Settings> {
    let groups = GROUPS.iter().map(|group| {
        let cards = group.cards.iter().filter(|card| shell.may("GET", card.page()));
        (group, cards.collect::<Vec<_>>())
    });
    Page(Settings {
        groups: groups.filter(|(_, cards)| !cards.is_empty()).collect(),
        shell: shell.titled("設定"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::STAFF_ROUTES;

    #[test]
    fn each_card_leads_to_a_page_that_keeps_the_entry_marked() {
        for card in GROUPS.iter().flat_map(|group| group.cards) {
            let there = |route: &accounts::Route| route.method == "GET" && route.path == card.page();
            assert!(STAFF_ROUTES.iter().any(there), "{}", card.href);
            let own = card.page().starts_with("/me/");
            assert!(own || ENTRY.current(card.page()).is_some(), "{}", card.href);
        }
    }
}
