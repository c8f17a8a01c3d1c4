//! Long lists in pages.

use askama::Template;
use askama::filters::HtmlSafe;

use crate::number::grouped;

/// Which part of a long list is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paging {
    page: u64,
    per_page: u64,
    total: u64,
}

impl Paging {
    /// The page asked for (from 1), brought into the list: a page past the end becomes the last one.
    pub fn new(page: u64, per_page: u64, total: u64) -> Self {
        let per_page = per_page.max(1);
        let pages = total.div_ceil(per_page).max(1);
        Self {
            page: page.clamp(1, pages),
            per_page,
            total,
        }
    }

    /// How many rows to skip.
    pub fn offset(self) -> u64 {
        (self.page - 1) * self.per_page
    }

    /// How many rows to show at most.
    pub fn limit(self) -> u64 {
        self.per_page
    }

    /// How many pages there are, at least 1.
    pub fn pages(self) -> u64 {
        self.total.div_ceil(self.per_page).max(1)
    }

    /// `217件のうち 51〜100件目`; the unit is a counter word such as 件, 人 or 行.
    pub fn summary(self, unit: &str) -> String {
        if self.total == 0 {
            return format!("0{unit}");
        }
        let first = self.offset() + 1;
        let last = (self.offset() + self.per_page).min(self.total);
        format!(
            "{}{unit}のうち {}〜{}{unit}目",
            grouped(self.total),
            grouped(first),
            grouped(last)
        )
    }

    /// The links to the other pages; nothing when there is one page only. `address` is the page's
    /// address with its other query fields, without `page`.
    pub fn links(self, address: &str) -> Links {
        let joiner = if address.contains('?') { '&' } else { '?' };
        Links {
            paging: self,
            prefix: format!("{address}{joiner}page="),
        }
    }

    /// First, last and the neighbours; `None` where pages are left out.
    fn shown(self) -> Vec<Option<u64>> {
        let last = self.pages();
        let mut shown = Vec::new();
        for page in 1..=last {
            if page == 1 || page == last || page.abs_diff(self.page) <= 2 {
                shown.push(Some(page));
            } else if shown.last() != Some(&None) {
                shown.push(None);
            }
        }
        shown
    }
}

/// The navigation below a long list.
#[derive(Clone, Debug, Template)]
#[template(path = "ui/pagination.html")]
pub struct Links {
    paging: Paging,
    prefix: String,
}

impl HtmlSafe for Links {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_past_the_end_is_the_last_one() {
        let paging = Paging::new(99, 50, 217);
        assert_eq!(paging.offset(), 200);
        assert_eq!(paging.summary("人"), "217人のうち 201〜217人目");
        assert_eq!(Paging::new(0, 50, 0).summary("件"), "0件");
    }

    #[test]
    fn links_keep_the_other_fields() {
        let html = Paging::new(2, 50, 217)
            .links("/broadcasts/3?state=failed")
            .to_string();
        assert!(html.contains("/broadcasts/3?state=failed&#38;page=3"), "{html}");
        assert!(html.contains(r#"aria-current="page""#));
        assert_eq!(Paging::new(1, 50, 12).links("/x").to_string().trim(), "");
    }

    #[test]
    fn far_pages_are_left_out() {
        let shown = Paging::new(10, 1, 20).shown();
        assert_eq!(
            shown,
            [
                Some(1),
                None,
                Some(8),
                Some(9),
                Some(10),
                Some(11),
                Some(12),
                None,
                Some(20)
            ]
        );
    }
}
