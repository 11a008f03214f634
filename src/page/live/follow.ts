/**
 * What changed is shown this long after the first event of a burst, and not more often than this, ms. Spread, so that open pages do not ask all at once. The
 * replica that answers may know of a change later than the one that has sent the event: so each update is followed by one more.
 */
const SOON = 500;
const SPREAD = 2_500;
const LEAST = 10_000;

const KINDS = ['alert', 'notification', 'rule', 'silence', 'reload'];

/** Follows the server's events, and brings the parts of the page with `data-live` up to date. `shown` is called with each part that changed. */
export function followEvents(shown: (changed: Element) => void): void {
  const parts = document.querySelectorAll('[data-live]');
  if (parts.length === 0 || typeof EventSource === 'undefined') return;
  const says = document.getElementById('live');
  const say = (text: string) => {
    if (says !== null && says.textContent !== text) says.textContent = text;
  };
  let source: EventSource | undefined;
  let waiting = false;
  let last = 0;
  let again = true;
  const refresh = (isNews = true) => {
    if (isNews) again = true;
    if (waiting) return;
    waiting = true;
    const pause = Math.max(SOON + Math.random() * SPREAD, last + LEAST - Date.now());
    setTimeout(() => {
      waiting = false;
      last = Date.now();
      void update(shown).then((isFresh) => {
        if (!isFresh) say('not up to date: the server does not answer');
        else if (source?.readyState === EventSource.OPEN) say('live');
      });
      if (!again) return;
      again = false;
      refresh(false);
    }, pause);
  };
  const open = () => {
    if (source !== undefined) return;
    source = new EventSource('/api/v1/events');
    // What happened before it was connected, it is not sent.
    source.addEventListener('open', () => {
      say('live');
      refresh();
    });
    source.addEventListener('error', () => say('not live: trying to connect again'));
    for (const kind of KINDS) source.addEventListener(kind, () => refresh());
  };
  // A page in the background costs the server nothing.
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') {
      open();
      refresh();
    } else {
      source?.close();
      source = undefined;
    }
  });
  if (document.visibilityState === 'visible') open();
}

/** Fetches the page again and puts its live parts in place of those that are shown; what has the focus, or a form that someone has opened, is left alone. */
async function update(shown: (changed: Element) => void): Promise<boolean> {
  try {
    const answer = await fetch(location.href, { headers: { accept: 'text/html', 'x-tocsin-live': '1' } });
    if (!answer.ok || answer.redirected) return false;
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelectorAll('[data-live]');
    for (const [place, part] of [...document.querySelectorAll('[data-live]')].entries()) {
      const next = fresh[place];
      if (next === undefined || part.contains(document.activeElement) || part.querySelector('.act[open]') !== null) continue;
      part.replaceWith(next);
      shown(next);
    }
    return true;
  } catch {
    return false;
  }
}
