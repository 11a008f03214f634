import type { ReportedAlert } from '../../engine/alert-list/alert-list.ts';
import { matchesAll } from '../../routing/matches.ts';
import { parseMatchers } from '../../routing/parse-matcher.ts';
import type { Matcher } from '../../routing/route.ts';
import { isFiring, isWorkedOn } from '../red.ts';
import { groupWords } from './alerts-section.ts';
import { heldStateOf } from './overview-page.ts';

/** What someone looks for: alerts whose labels match, or whose texts have all of the words. */
export type AlertSearch =
  | { readonly ok: true; readonly matchers: readonly Matcher[]; readonly words: readonly string[] }
  | { readonly ok: false; readonly message: string };

/** The states that a list of alerts can be narrowed to. */
export const ALERT_STATES = ['firing', 'pending', 'acknowledged', 'suppressed', 'held', 'flapping'] as const;

const LONGEST_SEARCH = 1_000;
const MOST_WORDS = 10;

/** Reads a search: matchers as Alertmanager writes them, or plain words. */
export function readAlertSearch(text: string): AlertSearch {
  if (text.length > LONGEST_SEARCH) return { ok: false, message: `a search may have at most ${LONGEST_SEARCH} characters` };
  if (!/[=~{}]/.test(text)) {
    const words = text
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '');
    return { ok: true, matchers: [], words: words.slice(0, MOST_WORDS) };
  }
  const parsed = parseMatchers(text);
  if (parsed.ok) return { ok: true, matchers: parsed.matchers, words: [] };
  const next = parsed.hint ?? 'write matchers such as severity="critical", team=~"shop|web", or plain words';
  return { ok: false, message: `${parsed.message}, at character ${parsed.offset + 1}; ${next}` };
}

/** The alerts that a search finds, in their order. */
export function foundAlerts(
  alerts: readonly ReportedAlert[],
  search: AlertSearch & { readonly ok: true },
  state: string | undefined,
): readonly ReportedAlert[] {
  return alerts.filter((alert) => {
    if (state === 'firing' && !isFiring(alert)) return false;
    if (state === 'pending' && alert.status !== 'pending') return false;
    if (state === 'acknowledged' && !isWorkedOn(alert)) return false;
    if (state === 'flapping' && alert.flapping === undefined) return false;
    if ((state === 'suppressed' || state === 'held') && heldStateOf(alert) !== state) return false;
    if (!matchesAll(search.matchers, alert.labels)) return false;
    if (search.words.length === 0) return true;
    const text = `${alert.rule} ${alert.title} ${groupWords(alert.group)} ${Object.values(alert.labels).join(' ')}`.toLowerCase();
    return search.words.every((word) => text.includes(word));
  });
}
