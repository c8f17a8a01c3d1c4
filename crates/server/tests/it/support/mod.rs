//! What the tests share: `todoke` as real processes, a counting carrier, lists, databases, a browser.

pub(crate) mod browser;
pub(crate) mod carrier;
pub(crate) mod crowd;
pub(crate) mod foreign;
pub(crate) mod list;
pub(crate) mod one_time;
pub(crate) mod place;
pub(crate) mod process;
pub(crate) mod serving;
pub(crate) mod tls;

use std::path::PathBuf;
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

/// Nothing that is waited for takes this long unless it will never happen.
pub(crate) const DEADLINE: Duration = Duration::from_secs(90);

/// Looks again and again until there is something, and gives it.
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < DEADLINE, "waited in vain: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// The same for a condition.
pub(crate) fn until_true(what: &str, mut holds: impl FnMut() -> bool) {
    until(what, || holds().then_some(()));
}

/// Where the carriers of all tests live.
pub(crate) fn runtime() -> &'static Runtime {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap()
    });
    &RUNTIME
}

/// The root of the repository.
pub(crate) fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}
