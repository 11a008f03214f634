import type { Config } from '../config/config.ts';
import { receiversOf } from '../config/routes.ts';
import type { Problem } from '../core/problems.ts';
import type { Rule } from '../rules/rule.ts';
import { finding } from './finding.ts';

/** Warns of receivers that neither a route, nor a rule, nor `meta_receiver`, nor `noise_digest` names; `rules` are all there are. */
export function unusedReceivers(
  { routing, meta, noiseDigest, receiverPlaces }: Pick<Config, 'routing' | 'meta' | 'noiseDigest' | 'receiverPlaces'>,
  rules: readonly Rule[],
): readonly Problem[] {
  const used = new Set([
    ...receiversOf(routing.root),
    ...rules.flatMap(({ receivers, escalate }) => [...(receivers ?? []), ...(escalate ?? []).map(({ receiver }) => receiver)]),
    ...(meta === undefined ? [] : [meta]),
    ...(noiseDigest === undefined ? [] : [noiseDigest.receiver]),
  ]);
  return [...(receiverPlaces ?? [])].flatMap(([name, at]) =>
    used.has(name)
      ? []
      : [
          finding(
            'config/unused-receiver',
            at,
            `unused receiver: ${name}`,
            'use it in a route or in `receivers` of a rule, or remove it',
          ),
        ],
  );
}
