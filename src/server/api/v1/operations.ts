import { Type } from 'typebox';
import { isHashId } from '../../../core/ids.ts';
import { DAY } from '../../../core/time.ts';
import { isAlertOf } from '../../../engine/alert-list/alert-list.ts';
import { matchesAll } from '../../../routing/matches.ts';
import type { Rule } from '../../../rules/rule.ts';
import { ALERT_STATES, foundAlerts } from '../../web/alert-search.ts';
import { MOST_RECORDS, shownReceivers } from '../../web/list-pages.ts';
import type { WebPorts } from '../../web/ports.ts';
import { foundRules } from '../../web/rule-pages.ts';
import { ACKNOWLEDGE_OPERATIONS } from './acknowledge-operations.ts';
import {
  alertAnswer,
  episodeAnswer,
  evaluationAnswer,
  messageAnswer,
  ruleAnswer,
  ruleFileAnswer,
  seriesAnswer,
} from './answers.ts';
import {
  answered,
  closedObject,
  costly,
  GROUP,
  groupIn,
  MATCHER,
  matchersIn,
  PAGE,
  pageIn,
  RANGE,
  RULE_PARAMETER,
  rangeIn,
  recorded,
  textIn,
  timeGiven,
  unread,
} from './given.ts';
import type { Operation } from './operation.ts';
import { ApiRefusal } from './problem.ts';
import { SILENCE_OPERATIONS } from './silence-operations.ts';

/** All requests of the API. */
export const OPERATIONS: readonly Operation[] = [
  {
    ...{ id: 'listRules', method: 'GET', path: '/rules', answer: 'rules', summary: 'Loaded rules with health and cost' },
    query: Type.Object(
      {
        q: Type.Optional(Type.String({ maxLength: 1_000, description: 'Words to find in the name, type, labels or indices.' })),
        ...PAGE,
      },
      closedObject,
    ),
    run: async (ports, { query }) => {
      const found = foundRules(ports.rules(), String(query['q'] ?? ''));
      const { items, ...page } = pageIn(found, query);
      return { items: await shownRules(items, ports), ...page };
    },
  },
  {
    ...{ id: 'getRule', method: 'GET', path: '/rules/{id}', answer: 'rule', summary: 'One rule' },
    run: async (ports, { id }) => {
      const rule = ruleOf(id, ports);
      const [[shown], file] = await Promise.all([shownRules([rule], ports), ports.ruleFile(rule.position.file)]);
      return { ...shown, ...ruleFileAnswer(file) };
    },
  },
  {
    ...{
      id: 'listEvaluations',
      method: 'GET',
      path: '/rules/{id}/evaluations',
      answer: 'evaluations',
      summary: 'Recorded evaluations of a rule, newest first',
    },
    query: Type.Object(
      { changed: Type.Optional(Type.Boolean({ description: 'Only those that changed an alert.' })), ...RANGE, ...PAGE },
      closedObject,
    ),
    run: (ports, { id, query }) =>
      recorded(
        query,
        (page) =>
          ports.history.runs({
            ...page,
            ...rangeIn(query, ports),
            rule: id,
            ...(query['changed'] === true && { changed: true }),
          }),
        evaluationAnswer,
      ),
  },
  {
    ...{
      id: 'getSeries',
      method: 'GET',
      path: '/rules/{id}/series',
      answer: 'series',
      needs: 'cluster',
      summary: 'What a rule measured for one group',
    },
    query: Type.Object({ group: GROUP, ...RANGE }, closedObject),
    run: async (ports, { id, query }) => {
      const rule = ruleOf(id, ports);
      const series = costly(await ports.series(rule, groupIn(query, rule), rangeIn(query, ports, DAY).range));
      if (series === undefined) throw new ApiRefusal(404, 'the rule has no series in this time', 'choose another range');
      return seriesAnswer(rule.id, series);
    },
  },
  {
    ...{
      id: 'explain',
      method: 'GET',
      path: '/rules/{id}/explain',
      answer: 'explanation',
      needs: 'cluster',
      summary: 'Why a rule fires or does not, and who is notified',
    },
    query: Type.Object(
      { group: GROUP, at: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601; default: now.' })) },
      closedObject,
    ),
    run: async (ports, { id, query }) => {
      const rule = ruleOf(id, ports);
      const group = query['group'] === undefined ? undefined : groupIn(query, rule);
      const explanation = costly(await ports.explain(rule, group, timeGiven(query, 'at') ?? ports.now()));
      return JSON.parse(ports.explanationJson(explanation, rule)) as unknown;
    },
  },
  {
    ...{ id: 'listAlerts', method: 'GET', path: '/alerts', answer: 'alerts', summary: 'Active alerts, worst first' },
    query: Type.Object(
      { matcher: MATCHER, state: Type.Optional(Type.Union(ALERT_STATES.map((state) => Type.Literal(state)))), ...PAGE },
      closedObject,
    ),
    run: async (ports, { query }) => {
      const { report, problem } = await ports.alerts();
      if (problem !== undefined) throw unread(problem);
      const search = { ok: true, matchers: matchersIn(query['matcher']), words: [] } as const;
      const { items, ...page } = pageIn(foundAlerts(report.alerts, search, query['state'] as string | undefined), query);
      return { items: items.map(alertAnswer), ...page };
    },
  },
  {
    ...{ id: 'getAlert', method: 'GET', path: '/alerts/{id}', answer: 'alert', summary: 'One active alert' },
    run: async (ports, { id }) => {
      const { report, problem } = await ports.alerts();
      if (problem !== undefined) throw unread(problem);
      const alert = report.alerts.find((one) => one.id === id);
      if (alert === undefined)
        throw new ApiRefusal(404, 'no active alert has this ID', 'look for its episodes: /api/v1/episodes?alert=ID');
      return alertAnswer(alert);
    },
  },
  {
    ...{
      id: 'listEpisodes',
      method: 'GET',
      path: '/episodes',
      answer: 'episodes',
      summary: 'Episodes that fired in a time range, newest first',
    },
    query: Type.Object(
      { rule: RULE_PARAMETER, alert: Type.Optional(Type.String({ maxLength: 1_000 })), matcher: MATCHER, ...RANGE, ...PAGE },
      closedObject,
    ),
    run: async (ports, { query }) => {
      const wanted = { ...rangeIn(query, ports), ...textIn(query, 'rule'), ...textIn(query, 'alert') };
      const matchers = matchersIn(query['matcher']);
      if (matchers.length === 0) return recorded(query, (page) => ports.history.episodes({ ...page, ...wanted }), episodeAnswer);
      // Which labels match is decided here: matchers have the regular expressions of Alertmanager.
      const read = answered(await ports.history.episodes({ ...wanted, limit: MOST_RECORDS }));
      const { items, ...page } = pageIn(
        read.filter(({ labels }) => matchesAll(matchers, labels)),
        query,
      );
      return { items: items.map(episodeAnswer), ...page };
    },
  },
  {
    ...{
      id: 'listNotifications',
      method: 'GET',
      path: '/notifications',
      answer: 'notifications',
      summary: 'Messages, newest first',
    },
    query: Type.Object(
      {
        rule: RULE_PARAMETER,
        alert: Type.Optional(Type.String({ maxLength: 1_000 })),
        receiver: Type.Optional(Type.String({ maxLength: 1_000 })),
        ...RANGE,
        ...PAGE,
      },
      closedObject,
    ),
    run: (ports, { query }) => {
      const wanted = {
        ...rangeIn(query, ports),
        ...textIn(query, 'rule'),
        ...textIn(query, 'alert'),
        ...textIn(query, 'receiver'),
      };
      return recorded(query, (page) => ports.history.messages({ ...page, ...wanted }), messageAnswer);
    },
  },
  {
    ...{
      id: 'getNotification',
      method: 'GET',
      path: '/notifications/{id}',
      answer: 'notification',
      needs: 'cluster',
      summary: 'One message, with the sent payload',
    },
    run: async (ports, { id }) => {
      const found = isHashId(id) ? answered(await ports.sent(id)) : undefined;
      if (found === undefined)
        throw new ApiRefusal(404, 'no message with this ID is recorded', 'list them with GET /api/v1/notifications');
      return { ...messageAnswer(found.message), payload: found.sent?.data ?? null, cut: found.sent?.cut === true };
    },
  },
  ...ACKNOWLEDGE_OPERATIONS,
  ...SILENCE_OPERATIONS,
  {
    ...{
      id: 'listReceivers',
      method: 'GET',
      path: '/receivers',
      answer: 'receivers',
      summary: 'Receivers, and whether messages reach them',
    },
    query: Type.Object(PAGE, closedObject),
    run: async (ports, { query }) => {
      const { items, ...page } = pageIn(shownReceivers(ports.routing(), await ports.alerts()), query);
      return {
        items: items.map(({ name, destinations }) => ({
          name,
          destinations: destinations.map(({ id, channel, problem, waiting }) => ({
            id,
            channel,
            problem: problem ?? null,
            alerts_waiting: waiting,
          })),
        })),
        ...page,
      };
    },
  },
];

async function shownRules(rules: readonly Rule[], ports: WebPorts) {
  const [documents, { report }] = await Promise.all([ports.documents(rules.map(({ id }) => id)), ports.alerts()]);
  const found = answered(documents);
  return rules.map((rule) =>
    ruleAnswer({
      rule,
      document: found.get(rule.id),
      cost: ports.costOf(rule.id),
      alerts: report.alerts.filter((alert) => isAlertOf(alert, rule)),
    }),
  );
}

function ruleOf(id: string, ports: WebPorts): Rule {
  const rule = ports.ruleWithId(id);
  if (rule === undefined) throw new ApiRefusal(404, 'no loaded rule has this ID', 'list them with GET /api/v1/rules');
  return rule;
}
