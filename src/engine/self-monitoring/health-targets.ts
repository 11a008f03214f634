import { own } from '../../core/record.ts';
import { labelsOf } from '../../evaluation/labels.ts';
import type { Labels, Target } from '../../routing/route.ts';
import { route } from '../../routing/routing.ts';
import type { TurnPorts } from '../turn-ports.ts';
import { STATE_LOST_KIND } from './health-of-state.ts';
import { TEXTS_KIND, TEXTS_LABEL, versionOfTexts } from './health-of-texts.ts';
import { HEALTH_RULE } from './health-rule.ts';

/**
 * Where a problem is notified: by route, or where its rule's alerts go that names its own receivers; to the receiver that it is about; and to
 * the meta receiver. No destination is notified twice.
 */
export function healthTargets(labels: Labels, ports: TurnPorts): readonly Target[] {
  const { kind, subject = '' } = labels;
  const isOfRule = kind === 'rule' || kind === TEXTS_KIND;
  const concerned = kind === STATE_LOST_KIND && own(ports.routing.destinations, subject) !== undefined ? [subject] : [];
  const others = [...concerned, ...(ports.meta === undefined ? [] : [ports.meta])];
  const all = [
    ...route(labels, ports.routing, isOfRule ? ports.rules.get(subject)?.receivers : undefined),
    ...(others.length === 0 ? [] : route(labels, ports.routing, others)),
  ];
  return all.filter(({ destination }, index) => all.findIndex((other) => other.destination === destination) === index);
}

/** The labels of a health alert: of one about a rule, the rule's labels under its own. */
export function healthLabels(group: Readonly<Record<string, string | null>>, severity: string, ports: TurnPorts): Labels {
  const { kind } = group;
  const subject = kind === 'rule' || kind === TEXTS_KIND ? ports.rules.get(group['subject'] ?? '') : undefined;
  const texts = kind === TEXTS_KIND && subject !== undefined ? { [TEXTS_LABEL]: versionOfTexts(subject) } : {};
  return { ...subject?.labels, ...labelsOf(HEALTH_RULE, group, severity), ...texts };
}
