import { asError, TocsinError } from '../../core/errors.ts';
import { own } from '../../core/record.ts';
import type { Clock } from '../../core/time.ts';
import { type AlertsReport, isAlertOf, type ReportedAlert } from '../../engine/alert-list/alert-list.ts';
import { type AlertStores, alertsReport } from '../../engine/alert-list/read-alerts.ts';
import type { TurnPorts } from '../../engine/turn-ports.ts';
import type { Acknowledgements } from '../../notify/acknowledgements.ts';
import type { Silences } from '../../notify/silences.ts';
import { groupStory } from '../../reports/explain/group-text.ts';
import { PLAIN_COLUMNS } from '../../reports/look.ts';
import type { ServerParts } from '../../server/server.ts';
import type { PresentAlerts } from '../../server/status.ts';
import type { Changed, SlackDesk } from '../../slack-app/desk.ts';
import { silenceDesk } from '../silence-desk.ts';
import type { heardAcknowledgements } from '../web/acknowledging.ts';

/** What the desk reads and changes. */
export interface SlackDeskParts {
  readonly stores: AlertStores & { readonly acknowledgements: Acknowledgements; readonly silences: Silences };
  readonly clock: Clock;
  readonly ports: () => TurnPorts;
  /** As the pages have them. */
  readonly alerts: () => Promise<PresentAlerts>;
  readonly explain: ServerParts['web']['explain'];
  /** Without the secrets of the configuration. */
  readonly shown: (text: string) => string;
  /** As the pages acknowledge, so that they show it at once. */
  readonly acknowledgements: Pick<ReturnType<typeof heardAcknowledgements>, 'acknowledge'>;
  /** Notes who changed what. */
  readonly audit: (change: { readonly silence: string; readonly done: 'saved'; readonly by: string }) => void;
}

const OVER = {
  kind: 'refused',
  message: 'None of these alerts is firing any more.',
  hint: '`/tocsin firing` lists firing alerts.',
} as const;

/** What is asked for in Slack, over the same stores and rules as on the command line and over HTTP. */
export function slackDesk(parts: SlackDeskParts): SlackDesk {
  const { stores, clock, ports, shown } = parts;
  const safely = async (work: () => Promise<Changed>): Promise<Changed> => {
    try {
      return await work();
    } catch (thrown) {
      const hint = thrown instanceof TocsinError ? thrown.hint : undefined;
      return { kind: 'refused', message: shown(asError(thrown).message), ...(hint !== undefined && { hint: shown(hint) }) };
    }
  };
  const report = (): Promise<AlertsReport> => {
    const { namespace, rules } = ports();
    return alertsReport(stores, { namespace, all: false, now: clock.now(), rules: [...rules.values()] });
  };
  const find: SlackDesk['find'] = (episodes) =>
    safely(async () => {
      const wanted = new Map(episodes.map(({ id, episode }) => [id, episode]));
      const { alerts } = await report();
      const found = alerts.filter((alert) => isFiringAlert(alert) && isEpisode(alert, wanted.get(alert.id)));
      return found.length === 0 ? OVER : { kind: 'done', alerts: found };
    });
  return {
    find,
    firing: async () => {
      const { report: known, problem } = await parts.alerts();
      return { alerts: known.alerts.filter(isFiringAlert), ...(problem !== undefined && { problem: shown(problem) }) };
    },
    acknowledge: async (episodes, by, comment) => {
      const present = await find(episodes);
      if (present.kind === 'refused') return present;
      const isHis = ({ acknowledged }: ReportedAlert) => acknowledged?.by === by && acknowledged.worse !== true;
      if (present.alerts.every(isHis)) return { kind: 'repeated', alerts: present.alerts };
      return safely(async () => {
        const answer = await parts.acknowledgements.acknowledge({ episodes }, { by, comment });
        if (answer.kind === 'done') return answer;
        return {
          kind: 'refused',
          message: shown(answer.message),
          ...('hint' in answer && { hint: shown(answer.hint) }),
        };
      });
    },
    silence: ({ id, matchers, until, by, comment }) =>
      safely(async () => {
        const desk = silenceDesk({ silences: stores.silences, clock, newId: () => id });
        const known = await desk.get(id);
        if (!known.ok) return { kind: 'refused', message: shown(known.message) };
        if (known.value !== undefined) return { kind: 'repeated', alerts: [] };
        const wanted = { matchers, starts_at: clock.now(), ends_at: until, created_by: by, comment };
        const saved = await desk.save(wanted, undefined);
        if (saved.kind !== 'saved') return { kind: 'refused', message: shown(saved.message) };
        parts.audit({ silence: id, done: 'saved', by });
        return { kind: 'done', alerts: [] };
      }),
    explain: async (alert) => {
      const { rule: name, group } = alert;
      const rule = [...ports().rules.values()].find((one) => isAlertOf(alert, one));
      if (rule === undefined) return `No loaded rule has the name ${name}: there is nothing to evaluate again.`;
      const explained = await parts.explain(rule, group, clock.now());
      if (explained.kind !== 'given') return shown(explained.message);
      const { groups, rule: about, now, missing } = explained.value;
      const [first] = groups;
      if (first === undefined || missing !== undefined) return 'Nothing was found for this group in the newest window.';
      return shown(groupStory(first, about, now, { color: false, columns: PLAIN_COLUMNS }).join('\n'));
    },
    timezoneOf: (receiver) => own(ports().routing.readers, receiver)?.timezone,
  };
}

function isFiringAlert({ status, episode }: ReportedAlert): boolean {
  return (status === 'firing' || status === 'recovering') && episode !== undefined;
}

function isEpisode({ episode }: ReportedAlert, begins: string | undefined): boolean {
  return begins !== undefined && episode?.startsWith(begins) === true;
}
