import { own } from '../core/record.ts';
import type { Scope, Template } from '../templates/template.ts';

/** What people are notified of one kind of health alert besides the problem itself. */
interface KindTexts {
  /** What does not work, in one line. */
  readonly title: (subject: string) => string;
  /** What that means for alerts. */
  readonly effect: string;
  readonly next: (subject: string) => string;
}

const KINDS: Readonly<Record<string, KindTexts>> = {
  rule: {
    title: (rule) => `rule ${rule} is not fully evaluated`,
    effect: 'its alerts may be missing or late until this is fixed; alerts that already fire are unchanged.',
    next: (rule) =>
      `\`tocsin explain ${rule}\` shows the query, its result and the decision; \`tocsin doctor\` checks the cluster.`,
  },
  file: {
    title: (file) => `file ${file} cannot be loaded`,
    effect: 'the last version that loaded remains active; after a restart, everything that the file defines is missing.',
    next: () => 'fix the file (`tocsin check` lists all its problems); it is reloaded without a restart.',
  },
  index: {
    title: (index) => `history index ${index} cannot be written`,
    effect: 'alerts are evaluated and sent as usual; dashboards and `tocsin explain` have a gap until this is fixed.',
    next: () => 'check disk space, blocks and mapping of the index, and the privileges of the API key: `tocsin doctor`.',
  },
  template: {
    title: (rule) => `message texts of rule ${rule} fail`,
    effect: 'its alerts are evaluated and sent, with default texts.',
    next: () => 'fix `message` in the rule; `tocsin test` and `tocsin dry-run` show the rendered messages.',
  },
  alert_group: {
    title: (id) => `alert group ${id} is blocked`,
    effect: 'notifications of this alert group are delayed; all others are sent as usual.',
    next: (id) => `check the document ${id} in the index tocsin-alert-groups: \`tocsin doctor\` says what is wrong with it.`,
  },
  receiver_state: {
    title: (receiver) => `stored state of receiver ${receiver} was invalid and was replaced`,
    effect: 'firing alerts are sent there again; recoveries and reminders of alerts notified before may be missing.',
    next: () =>
      '`tocsin alerts` lists firing alerts; the invalid document is kept in `set_aside` of the new one in tocsin-alert-groups.',
  },
  silence_end: {
    title: (id) => `silence ${id} has ended while alerts still fire`,
    effect: 'they are notified from now on.',
    next: () => '`tocsin alerts` lists firing alerts; `tocsin silence add` adds another silence.',
  },
  silence: {
    title: (id) => `silence ${id} is invalid and suppresses nothing`,
    effect: 'alerts that it is meant to suppress are sent.',
    next: () => 'correct the silence, or delete it.',
  },
  document: {
    title: (rule) => `stored state of ${rule} is invalid`,
    effect: 'alerts that it records as firing cannot be resolved.',
    next: (rule) => `check the document ${rule} in the index tocsin-rules: \`tocsin doctor\` says what is wrong with it.`,
  },
  engine: {
    title: (step) => `internal error while ${step}`,
    effect: 'the step is retried; alerts may be late.',
    next: () => 'please report it with the log lines from that time.',
  },
  receiver: {
    title: (destination) => `notifications to ${destination} are not delivered`,
    effect: 'alerts do not reach it until this is fixed; failed messages are sent again then.',
    next: () =>
      'fix the destination in tocsin.yaml or at its server; `tocsin doctor --send-test` sends a test message to each destination.',
  },
};

/** The title of a health alert: which part of the alerting does not work. */
export const HEALTH_TITLE: Template = {
  source: '',
  render: (scope) => {
    const { kind, subject } = about(scope);
    return { ok: true, text: `Tocsin: ${own(KINDS, kind)?.title(subject) ?? `${kind} ${subject} does not work`}` };
  },
};

/** The text of a health alert: the problem, what it means for alerts, and what to do next. */
export const HEALTH_TEXT: Template = {
  source: '',
  render: (scope) => {
    const { kind, subject } = about(scope);
    const texts = own(KINDS, kind);
    const problem = typeof scope['problem'] === 'string' ? [scope['problem']] : [];
    const advice = texts === undefined ? [] : [`Effect: ${texts.effect}`, `Next step: ${texts.next(subject)}`];
    return { ok: true, text: [...problem, ...advice].join('\n') };
  },
};

function about({ group }: Scope): { readonly kind: string; readonly subject: string } {
  return group as { readonly kind: string; readonly subject: string };
}
