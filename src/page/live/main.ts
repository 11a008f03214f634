import { drawCharts } from './charts.ts';
import { followEvents } from './follow.ts';
import { showLocalTimes } from './local-times.ts';

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
