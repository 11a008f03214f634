import type { Config } from '../../config/config.ts';
import { storeUse } from '../../config/received-alerts.ts';
import type { Clock } from '../../core/time.ts';
import type { Parts } from '../../engine/assemble.ts';
import { chartsDrawnBy } from '../../engine/charts.ts';
import { openTurn } from '../../engine/open-turn.ts';
import { turn } from '../../engine/turn.ts';
import { evaluable } from '../../engine/turn-ports.ts';
import { checkpoint } from '../../evaluation/evaluate-batch.ts';
import type { RuleSet } from '../../rules/load-rules.ts';
import { type FileSilences, NO_FILE_SILENCES } from '../../silence-files/file-silence.ts';
import { withFileSilences } from '../../silence-files/with-files.ts';
import { pngDrawer } from '../draw-png.ts';
import { startJournal } from '../journal.ts';
import type { Log } from '../log.ts';
import { servicePorts } from '../ports.ts';
import { fileFailures } from '../reload/reload.ts';
import { silenceFailures } from '../reload/silence-files.ts';
import { openStore, type ServiceBackend } from '../store.ts';

/** What evaluating once needs. */
export interface OnceParts {
  readonly config: Config;
  readonly ruleSet: RuleSet;
  readonly silences?: FileSilences;
  readonly backend: ServiceBackend;
  readonly clock: Clock;
  readonly log: Log;
  readonly io: Parts['io'];
}

/** How it went: `away`: the store could not be opened; `failing`: something was not evaluated, saved or notified. */
export type OnceOutcome = 'done' | 'failing' | 'away';

/** Turns while windows are still due; ten windows a turn make this a day of minutes and more. */
const MOST_TURNS = 200;

/** Evaluates what is due of every rule, sends what is due, says in the log how much that was, and ends: for CI and for cron. Closes the backend. */
export async function runOnce(
  { config, ruleSet, silences = NO_FILE_SILENCES, backend, clock, log, io }: OnceParts,
  signal: AbortSignal,
): Promise<OnceOutcome> {
  try {
    const opened = await openStore(backend, { use: storeUse(config), signal });
    if (!opened.ok) {
      log.error({ problem: opened.message }, 'the store does not answer: nothing is evaluated');
      return 'away';
    }
    log.info(opened.value);
    const among = { ...backend, silences: withFileSilences(backend.silences, () => silences.silences, clock.now) };
    const otherFailures = silenceFailures(silences);
    const fixtures = {
      backend: among,
      clock,
      io,
      runHistory: backend.runHistory,
      otherFailures: () => otherFailures,
      charts: chartsDrawnBy(pngDrawer(log)),
    };
    const ports = servicePorts({ config, ruleSet, failures: fileFailures(ruleSet) }, fixtures);
    const journal = startJournal(log);
    const now = clock.now();
    let failing = ports.failures.length + otherFailures.length > 0;
    const done = { evaluated: 0, failed: 0, delivered: 0, undelivered: 0 };
    for (let count = 0, more = true; more && count < MOST_TURNS && !signal.aborted; count++) {
      const report = await turn(openTurn({ now, due: evaluable(ports.rules), sweep: true }, ports, signal));
      journal.evaluated(report, ports);
      journal.ended(report);
      for (const problem of report.storeProblems) log.error({ problem }, 'the store did not answer');
      failing ||= report.storeProblems.length > 0 || report.unsaved.length > 0;
      failing ||=
        report.runs.some((run) => run.outcome === 'failed') || report.notified.some((one) => one.outcome !== 'delivered');
      const failed = report.runs.filter(({ outcome }) => outcome === 'failed').length;
      const delivered = report.notified.filter(({ outcome }) => outcome === 'delivered').length;
      done.failed += failed;
      done.evaluated += report.runs.length - failed;
      done.delivered += delivered;
      done.undelivered += report.notified.length - delivered;
      more = report.nextWake === now;
    }
    await checkpoint(ports);
    log.info({ rules: ports.rules.size, ...done }, 'evaluated once');
    return failing ? 'failing' : 'done';
  } finally {
    await backend.close();
  }
}
