// Counts the hold window down and then shows what became of it. It counts from the seconds that the
// server gave, on a clock that nobody sets.

for (const hold of document.querySelectorAll('[data-hold]')) {
  const seconds = hold.querySelector('[data-hold-seconds]');
  const bar = hold.querySelector('[data-hold-bar]');
  const end = performance.now() + 1000 * Number(hold.dataset.hold);
  const timer = setInterval(() => {
    const left = Math.max(0, (end - performance.now()) / 1000);
    seconds.textContent = Math.ceil(left);
    bar.value = left;
    if (left > 0) return;
    clearInterval(timer);
    // The server's clock decides; give it a moment.
    setTimeout(() => location.reload(), 700);
  }, 250);
}
