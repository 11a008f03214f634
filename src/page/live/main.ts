import { drawCharts } from './charts.ts';
import { followEvents } from './follow.ts';

const LOCAL = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** What the pages of the service do beside being read: times in the reader's zone, charts, and what changes. Without it they work as they are. */
showLocalTimes(document.body);
const zone = document.getElementById('zone');
if (zone !== null) zone.textContent = Intl.DateTimeFormat().resolvedOptions().timeZone;
drawCharts();
followEvents((changed) => showLocalTimes(changed));

// The key that searches in most tools, unless something is being typed in.
document.addEventListener('keydown', (event) => {
  const isTyping = event.target instanceof Element && event.target.closest('input,textarea,select') !== null;
  if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  const search = document.querySelector<HTMLInputElement>('input[type=search]');
  if (search === null) return;
  event.preventDefault();
  search.focus();
});

/** Shows the times of a part of the page in the reader's time zone; the time in UTC stays as their title. */
function showLocalTimes(part: Element): void {
  for (const element of part.querySelectorAll('time')) {
    const at = Date.parse(element.dateTime);
    if (Number.isNaN(at)) continue;
    if (element.title === '') element.title = element.textContent ?? '';
    element.textContent = LOCAL.format(at);
  }
}
