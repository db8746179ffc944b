/**
 * The portal's only script; without it everything works as well. A download leaves its page as it was: the script asks for
 * the page again until the new certificate is in the list, and shows that list. A download that fails shows a page of its own.
 */
export const SCRIPT = `
'use strict';
(() => {
  const form = document.querySelector('form[action="/profiles"]');
  const hint = document.querySelector('[data-reload-hint]');
  const list = () => document.querySelector('[data-newest]');
  if (!form || !hint || !list()) return;
  hint.hidden = true;

  const PAUSES_MS = [600, 600, 1000, 1000, 2000, 2000, 3000, 5000, 5000, 10000];
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  async function freshList() {
    const response = await fetch('/', { cache: 'no-store', redirect: 'error', headers: { accept: 'text/html' } });
    if (!response.ok) return null;
    return new DOMParser().parseFromString(await response.text(), 'text/html').querySelector('[data-newest]');
  }

  async function refresh(newest) {
    for (const ms of PAUSES_MS) {
      await pause(ms);
      const fresh = await freshList().catch(() => null);
      if (list().dataset.newest !== newest) return;
      if (fresh && fresh.dataset.newest !== newest) {
        list().replaceWith(document.adoptNode(fresh));
        return;
      }
    }
    hint.hidden = false;
  }

  form.addEventListener('submit', () => {
    hint.hidden = true;
    refresh(list().dataset.newest);
  });
})();
`;
