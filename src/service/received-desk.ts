import type { ReceivedAlertsConfig } from '../config/received-alerts.ts';
import type { Clock } from '../core/time.ts';
import { isResolved } from '../received/merge.ts';
import { readPosted } from '../received/read-posted.ts';
import { receive } from '../received/receive.ts';
import type { ReceivedAlerts } from '../received/received-alerts.ts';
import { receivedAlertId } from '../received/received-rule.ts';
import { NOT_TAKEN, type PostOutcome, type ReceivedDesk } from '../server/api/received-alerts.ts';
import type { ServiceMetrics } from '../server/metrics.ts';

/** What the desk works with. */
interface ReceivedDeskParts {
  readonly received: ReceivedAlerts;
  readonly namespace: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly config: () => ReceivedAlertsConfig | undefined;
  readonly count: ServiceMetrics['received'];
  /** Without the secrets of the configuration. */
  readonly shown: (text: string) => string;
}

const MOST_NAMED = 10;

/** Takes alerts of other systems: what is answered with success is stored. */
export function receivedDesk({ received, namespace, clock, config, count, shown }: ReceivedDeskParts): ReceivedDesk {
  const post = async (body: unknown, source: string): Promise<PostOutcome> => {
    const settings = config();
    if (settings === undefined) return { kind: 'off', message: NOT_TAKEN };
    const now = clock.now();
    const read = readPosted(body, { now, source, resolveTimeout: settings.resolveTimeout });
    if (typeof read === 'string') {
      count('invalid', 1);
      return { kind: 'invalid', message: read };
    }
    const { alerts, problems } = read;
    count('invalid', problems.length);
    const receipt = await receive(alerts, received, { now, max: settings.max });
    if (receipt.problem !== undefined) {
      count('failed', alerts.length);
      return { kind: 'failed', message: shown(`the alerts cannot be stored: ${receipt.problem}`) };
    }
    const resolved = alerts.filter((alert) => isResolved(alert, now)).length;
    count('resolved', resolved);
    count('firing', alerts.length - resolved - receipt.refused);
    count('refused', receipt.refused);
    if (receipt.refused > 0) {
      const refused = receipt.refused === 1 ? 'one alert was refused' : `${receipt.refused} alerts were refused`;
      const message = `${refused}: ${settings.max} received alerts fire already (\`received_alerts.max_alerts\`)`;
      const others = problems.length === 0 ? '' : `; ${problemsText(problems)}`;
      return { kind: 'full', message: `${message}${others}` };
    }
    if (problems.length === 0) return { kind: 'stored' };
    const stored = alerts.length === 1 ? 'the other one is stored' : `the ${alerts.length} others are stored`;
    return { kind: 'invalid', message: `${problemsText(problems)} (${alerts.length === 0 ? 'none is stored' : stored})` };
  };
  return {
    post,
    byAlert: async () => {
      if (config() === undefined) return new Map();
      const found = await received.list(clock.now());
      return new Map(found.ok ? found.value.map((one) => [receivedAlertId(namespace, one), one]) : []);
    },
  };
}

function problemsText(problems: readonly string[]): string {
  const more = problems.length > MOST_NAMED ? `; and ${problems.length - MOST_NAMED} more` : '';
  return `${problems.slice(0, MOST_NAMED).join('; ')}${more}`;
}
