import { describe, expect, it } from 'vitest';
import type { AlertsReport, ReportedAlert } from '../../../src/engine/alert-list/alert-list.ts';
import { alertPage, noAlertPage } from '../../../src/server/alert-page.ts';

const NOON = Date.parse('2026-01-01T12:00:00.000Z');

function alert(given: Partial<ReportedAlert> = {}): ReportedAlert {
  return {
    rule: 'stub-5xx',
    id: 'a1',
    status: 'firing',
    severity: 'critical',
    group: { 'service.name': 'stub', 'url.path': null },
    title: 'stub fails',
    labels: { alertname: 'stub-5xx', severity: 'critical', 'service.name': 'stub' },
    values: { count: 7 },
    condition: 'count >= 5',
    since: NOON - 600_000,
    episode: 'e1',
    notified: [],
    ...given,
  };
}

function shown(given: Partial<ReportedAlert> = {}, id = 'a1'): string | undefined {
  const report: AlertsReport = {
    ...{ now: NOON, namespace: 'shop', rules: 1, matchers: [], unreadable: [] },
    alerts: [alert(given)],
  };
  return alertPage(id, { report });
}

const text = (page = '') =>
  page
    .replaceAll('&#39;', "'")
    .replaceAll('&#34;', '"')
    .replaceAll('&#60;', '<')
    .replaceAll('&#62;', '>')
    .replaceAll('&#38;', '&');

describe('the page of an alert', () => {
  it('has the commands that explain and silence it', () => {
    const page = text(shown());
    expect(page).toContain(
      "<pre>tocsin explain stub-5xx --group service.name=stub --group 'url.path=(none)' --at 2026-01-01T11:50:00.000Z</pre>",
    );
    expect(page).toContain(`<pre>tocsin silence add 'alertname="stub-5xx"' 'service.name="stub"' --for 2h --comment "why"</pre>`);
    expect(page).toContain('firing, critical');
  });

  it('is neither markup nor a command by what a document holds', () => {
    const evil = `<script>'; rm -rf / #$(id)\``;
    const page = shown({ title: evil, group: { host: evil }, labels: { alertname: 'a', host: evil } }) ?? '';
    expect(page).not.toContain('<script');
    // Within single quotes nothing means anything to a shell but another one, which is closed, escaped and opened again.
    expect(text(page)).toContain(`--group 'host=<script>'\\''; rm -rf / #$(id)\`'`);
  });

  it('is none of an alert that is over', () => {
    expect(shown({}, 'other')).toBeUndefined();
    expect(noAlertPage()).toContain('This alert is over');
  });
});
