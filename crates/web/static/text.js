// While a text is typed: its length and parts at each carrier, and merge fields at a press. The server counts
// again; without this script the preview shows the same figures.

const FIELD = /\{\{[\s\S]*?\}\}/g;

for (const line of document.querySelectorAll('[data-length-of]')) {
  const area = document.getElementById(line.dataset.lengthOf);
  const ladders = JSON.parse(line.dataset.ladders);
  const show = () => {
    // A string's length is its UTF-16 units, as the carriers count.
    const fixed = area.value.replace(FIELD, '').length;
    const merged = fixed < area.value.length;
    const parts = ladders.map(([carrier, single, part]) => {
      const count = fixed <= single ? 1 : Math.ceil(fixed / part);
      return `${carrier}${count}通${merged ? '以上' : ''}`;
    });
    line.textContent = `入力中の長さ: ${fixed}文字${merged ? '＋差し込み' : ''}（${parts.join('、')}）`;
  };
  area.addEventListener('input', show);
  line.hidden = false;
  show();
}

for (const row of document.querySelectorAll('[data-insert-into]')) {
  const area = document.getElementById(row.dataset.insertInto);
  row.hidden = false;
  for (const button of row.querySelectorAll('[data-insert]')) {
    button.addEventListener('click', () => {
      area.setRangeText(button.dataset.insert, area.selectionStart, area.selectionEnd, 'end');
      area.dispatchEvent(new Event('input'));
      area.focus();
    });
  }
}
