// Drop zone: shows the chosen file, takes a dropped one, shows how far a long upload is.
// Without this script it is a plain file field in a plain form.

const size = (bytes, zone) =>
  bytes < 1e6
    ? `${Math.max(1, Math.round(bytes / 1e3))} ${zone.dataset.sizeUnitSmall}`
    : `${(bytes / 1e6).toFixed(1)} ${zone.dataset.sizeUnit}`;

for (const zone of document.querySelectorAll('[data-drop]')) {
  const input = zone.querySelector('input[type="file"]');
  const chosen = zone.querySelector('[data-drop-chosen]');
  const bar = zone.querySelector('[data-drop-progress]');
  const form = input.form;

  const show = () => {
    const [file] = input.files;
    chosen.textContent = file ? `${file.name} (${size(file.size, zone)})` : '';
    zone.classList.toggle('drop--chosen', Boolean(file));
  };
  input.addEventListener('change', show);
  show();

  const mark = (over) => zone.classList.toggle('drop--over', over);
  zone.addEventListener('dragover', (event) => {
    event.preventDefault();
    mark(true);
  });
  zone.addEventListener('dragleave', () => mark(false));
  zone.addEventListener('drop', (event) => {
    event.preventDefault();
    mark(false);
    if (event.dataTransfer.files.length > 0) {
      input.files = event.dataTransfer.files;
      show();
    }
  });

  form?.addEventListener('submit', (event) => {
    if (event.defaultPrevented || !input.files.length) return;
    event.preventDefault();
    chosen.textContent = zone.dataset.sending;
    bar.hidden = false;
    const request = new XMLHttpRequest();
    request.upload.addEventListener('progress', ({ loaded, total }) => {
      bar.value = total ? (100 * loaded) / total : 0;
    });
    // A redirect was followed: show that page. A refusal (422) names the page that shows it again; where it has
    // none, it is put here as it came. The file is never sent a second time. Anything else the browser shows best
    // by itself.
    request.addEventListener('load', () => {
      const shown = request.getResponseHeader('content-location');
      if (request.status === 422 && shown) location.assign(shown);
      else if (request.status === 422) {
        document.open();
        document.write(request.responseText);
        document.close();
      } else if (request.status < 400 && request.responseURL !== form.action) location.assign(request.responseURL);
      else form.submit();
    });
    request.addEventListener('error', () => form.submit());
    request.open('POST', form.action);
    request.send(new FormData(form, event.submitter));
  });
}
