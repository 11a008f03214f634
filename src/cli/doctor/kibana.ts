import { failureOutcome } from '../../channels/http-client/answer.ts';
import type { CheckResult } from '../../reports/doctor/doctor-report.ts';
import { type DoctorCheck, SHORT } from './check.ts';
import { good, note, warning } from './check-result.ts';

/** Whether the address that links lead to is a Kibana; people follow links from elsewhere, so this machine need not reach it. */
export const kibanaCheck: DoctorCheck = {
  name: 'kibana',
  title: 'Kibana',
  needs: 'nothing',
  limit: SHORT,
  run: async ({ config, fetch }, signal) => {
    if (config.kibana === undefined) return [note('kibana', 'is not configured: messages have no links to Discover and APM')];
    const { url } = config.kibana;
    try {
      const response = await fetch(`${url}/api/status`, { redirect: 'manual', signal });
      await response.body?.cancel();
      return [kibanaFinding(url, response.status, response.headers.get('kbn-name'))];
    } catch (thrown) {
      const outcome = failureOutcome(thrown, signal, (text) => text);
      return [unreachable(url, outcome.kind === 'delivered' ? 'no answer' : outcome.reason.text)];
    }
  },
};

/** What is to be said of an answer: a login page in front is an answer too. */
export function kibanaFinding(url: string, status: number, name: string | null): CheckResult {
  if (name !== null) return good(url, `answers with ${status}, it is the Kibana ${name}`);
  if (status >= 500) return unreachable(url, `HTTP ${status}`);
  if ([301, 302, 303, 307, 308, 401, 403].includes(status)) return good(url, `answers with ${status}: a login is required first`);
  return warning(url, {
    found: `answers with ${status}, but does not identify itself as Kibana`,
    expected: 'the address at which users open Kibana, including its base path',
    fix: 'kibana: { url: https://kibana.example.com }',
  });
}

function unreachable(url: string, found: string): CheckResult {
  return warning(url, {
    found: `cannot be reached from here: ${found}`,
    expected: 'the address at which users open Kibana',
    fix: `curl -sI ${url}/api/status   # from a user’s machine; links only need to work there`,
  });
}
