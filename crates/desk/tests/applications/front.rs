//! The desk's first page: how long whoever applies now will wait.

use base::clock::HOUR;

use crate::applying::host;
use crate::browser::Browser;
use crate::house::{House, confirmed, doctor, says};

#[tokio::test]
async fn the_first_page_says_how_long_one_waits_now_as_far_as_anybody_can_say() {
    for house in House::each(says()).await {
        let top = format!("/d/{}", house.row.key);
        let mut browser = Browser::of(host(&house));
        for n in 0..3 {
            house.apply(n).await;
        }
        // Nobody has decided anything within the hour.
        let unknown = browser.get(&top).await;
        unknown.hides("目安は");
        unknown.shows("遅くとも24時間");
        house.decide(doctor(1), confirmed()).await;
        browser.get(&top).await.shows("目安は約3時間です");
        house.decide(doctor(1), confirmed()).await;
        browser.get(&top).await.shows("目安は約60分です");
        let english = browser.get(&format!("{top}?lang=en")).await;
        english.shows("the result takes about 60 minutes");
        for n in 3..23 {
            house.apply(n).await;
        }
        let busy = browser.get(&top).await;
        busy.shows("結果は明日以降になる見込みです");
        busy.hides("目安は");
        // After the cut-off the page says by when, and promises nothing of today.
        house.clock.advance(HOUR);
        let late = browser.get(&top).await;
        late.hides("目安は");
        late.hides("見込みです");
        late.shows("15:00");
    }
}
