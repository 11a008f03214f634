import type { RuleId } from '../core/ids.ts';
import { own } from '../core/record.ts';
import type { Duration } from '../core/time.ts';
import type { Measures, Unit } from '../core/units.ts';
import type { Rule } from '../rules/rule.ts';
import type { TurnPorts } from './turn-ports.ts';

/** Units that mappings name are asked for this often, and after a failure; a message waits for them no longer than so, ms. */
const BELIEVED: Duration = 60 * 60_000;
const AGAIN: Duration = 60_000;
const PATIENCE: Duration = 2_000;

/** Asks for the units of the fields of these rules whose rule and name say none, unless that is known. Never rejects, and does not take long. */
export async function learnUnits(
  rules: readonly RuleId[],
  ports: Pick<TurnPorts, 'rules' | 'fieldUnits' | 'session' | 'clock' | 'deadline'>,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(rules.map((id) => learn(id, ports, signal)));
}

async function learn(
  id: RuleId,
  { rules, fieldUnits, session, clock, deadline }: Parameters<typeof learnUnits>[1],
  signal: AbortSignal,
): Promise<void> {
  const rule = rules.get(id);
  const fields = rule === undefined ? [] : unknownFields(rule);
  if (rule === undefined || fields.length === 0 || fieldUnits === undefined) return;
  const key = JSON.stringify([rule.source.indices, fields]);
  const known = session.units.get(id);
  const now = clock.monotonic();
  if (known !== undefined && known.fields === key && now < known.until) return;
  const limit = deadline(PATIENCE, signal);
  try {
    const found = await fieldUnits(rule.source, fields, limit.signal).catch(() => undefined);
    const units = found ?? (known?.fields === key ? known.units : {});
    session.units.set(id, { fields: key, until: now + (found === undefined ? AGAIN : BELIEVED), units });
  } finally {
    limit.end();
  }
}

/** Rules with units that were learnt, and those units: what is compiled for the values of a rule is kept with them. */
const learnt = new WeakMap<Rule, { readonly units: Readonly<Record<string, Unit>>; readonly rule: Rule }>();

/** A rule with the units that are known of its fields: the same object while they are the same. */
export function withKnownUnits(rule: Rule, { units: known }: TurnPorts['session']): Rule {
  const units = known.get(rule.id)?.units;
  if (units === undefined || Object.keys(units).length === 0) return rule;
  const before = learnt.get(rule);
  if (before?.units === units) return before.rule;
  const measures: Measures = Object.fromEntries(
    Object.entries(rule.measures ?? {}).map(([name, display]) => {
      const unit = display.unit === undefined && display.field !== undefined ? own(units, display.field) : undefined;
      return [name, unit === undefined ? display : { ...display, unit }];
    }),
  );
  const made = { ...rule, measures };
  learnt.set(rule, { units, rule: made });
  return made;
}

function unknownFields({ measures = {} }: Rule): readonly string[] {
  const fields = Object.values(measures).flatMap(({ unit, field }) => (unit === undefined && field !== undefined ? [field] : []));
  return [...new Set(fields)].sort();
}
