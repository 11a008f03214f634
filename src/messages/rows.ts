import { own as ownValue } from '../core/record.ts';
import type { Fact, Message, MessageAlert } from './message.ts';
import { groupLine } from './wording.ts';

/** The fields of a group whose values the title does not name. */
export function unnamedGroup({ group, title }: MessageAlert): readonly Fact[] {
  return Object.entries(group).flatMap(([label, value]) => (names(title, value) ? [] : [{ label, value }]));
}

function names(title: string, value: string): boolean {
  if (value === '') return false;
  const at = title.indexOf(value);
  return at >= 0 && !isWord(title[at - 1]) && !isWord(title[at + value.length]);
}

function isWord(sign: string | undefined): boolean {
  return sign !== undefined && /[\p{L}\p{N}]/u.test(sign);
}

/** What a row about one of several alerts is called: by its group where the titles differ in nothing else, and with what sets it apart where they are equal. */
export function rowName(alert: MessageAlert, { alerts, title }: Message): string {
  const own = groupTitle(alert);
  if (own !== undefined && title.text.includes(own.before) && alerts.every((other) => groupTitle(other)?.before === own.before))
    return own.values;
  const differences = differencesOf(alert, alerts);
  return differences === '' ? alert.title : `${alert.title} (${differences})`;
}

/** The labels by which an alert differs from the others of the same title. */
function differencesOf({ title, group }: MessageAlert, alerts: readonly MessageAlert[]): string {
  const others = alerts.filter((other) => other.title === title && other.group !== group);
  const differing = Object.entries(group).filter(([label, value]) =>
    others.some((other) => ownValue(other.group, label) !== value),
  );
  return differing.map(([label, value]) => `${label} ${value}`).join(', ');
}

function groupTitle({ group, title }: MessageAlert): { readonly before: string; readonly values: string } | undefined {
  const values = Object.values(group).join(', ');
  const end = `: ${values}`;
  return values !== '' && title.endsWith(end) ? { before: title.slice(0, -end.length), values } : undefined;
}

/** The limit that all rows share, which is said once; undefined where they differ, or have none. */
export function commonLimit({ alerts }: Message): string | undefined {
  const limits = new Set(alerts.map(({ measured }) => measured?.limit));
  const [only] = limits;
  return limits.size === 1 ? only : undefined;
}

/** What names who looks after an alert: its label `owner`, or else `team`. */
export const OWNER = 'owner';

/** The facts that fit a row: who looks after all alerts of a message is said once. */
export function rowFacts(alert: MessageAlert, message: Message): readonly Fact[] {
  const owner = commonOwner(message);
  return alert.facts.filter(({ label }) => owner === undefined || label !== OWNER).slice(0, 3);
}

/** Conditions that a message about several names. */
const CONDITIONS = 3;

function conditionsOf({ alerts }: Message): readonly Fact[] {
  const all = [
    ...new Set(
      alerts.flatMap(({ details = [] }) => details.filter(({ label }) => label === 'condition')).map(({ value }) => value),
    ),
  ];
  if (all.length === 0) return [];
  const more = all.length > CONDITIONS ? ` and ${all.length - CONDITIONS} more` : '';
  return [{ label: all.length === 1 ? 'condition' : 'conditions', value: `${all.slice(0, CONDITIONS).join('; ')}${more}` }];
}

function commonOwner({ alerts }: Message): string | undefined {
  const owners = new Set(alerts.map(({ facts }) => facts.find(({ label }) => label === OWNER)?.value));
  const [only] = owners;
  return owners.size === 1 ? only : undefined;
}

/** What comes last and small: of one alert its rule, its group and all details; of several what all share. */
export function smallPrint(message: Message): readonly Fact[] {
  const [only] = message.alerts;
  const rules = [...new Set(message.alerts.map(({ rule }) => rule))];
  const rule = rules.length === 0 ? [] : [{ label: rules.length === 1 ? 'rule' : 'rules', value: rules.join(', ') }];
  const receiver = { label: 'to', value: message.receiver };
  if (only === undefined || message.alerts.length + message.more > 1) {
    const owner = commonOwner(message);
    const conditions = conditionsOf(message);
    return [...(owner === undefined ? [] : [{ label: OWNER, value: owner }]), ...rule, ...conditions, receiver];
  }
  const group = groupLine(only.group);
  return [...rule, ...(group === '' ? [] : [{ label: 'group', value: group }]), ...(only.details ?? []), receiver];
}
