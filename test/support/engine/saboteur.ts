import type { Json } from '../../../src/core/json.ts';
import type { TurnPorts } from '../../../src/engine/turn-ports.ts';
import type { RuleType } from '../../../src/rule-types/rule-type.ts';
import type { Rule } from '../../../src/rules/rule.ts';

/** Every step at which something of one rule, or of the alert group it is notified in, can throw. */
export const STEPS = [
  'condition',
  'type.ask',
  'type.measure',
  'type.absence',
  'search.ask',
  'search.ask evidence',
  'states.load',
  'states.save',
  'alert groups.load',
  'alert groups.save',
  'history.write',
  'template',
  'destination',
  'channel.render',
  'channel.send',
] as const;

/** One of them. */
export type Step = (typeof STEPS)[number];

/** What throws: the step, after how many calls, and how often. */
export interface Sabotage {
  readonly step: Step;
  readonly skip: number;
  readonly times: number;
}

/** Whom it strikes. */
export interface Victim {
  readonly rule: string;
  readonly destination: string;
  /** The id of the alert group in which the rule is notified. */
  readonly alertGroup: string;
}

/** Wraps a rule and the ports of turns so that one step throws when it is about the victim; everything else works. */
export function saboteur(victim: Victim, { step, skip, times }: Sabotage) {
  let calls = 0;
  let thrown = 0;
  const strike = (at: Step, isAbout: boolean): void => {
    if (at !== step || !isAbout || calls++ < skip || thrown >= times) return;
    thrown++;
    throw new Error(`sabotage of ${at}`);
  };
  const isVictims = (id: string) => id === victim.rule;
  return {
    struck: () => thrown,
    rule: (rule: Rule): Rule => ({
      ...rule,
      levels: rule.levels.map(({ severity, condition }) => ({
        severity,
        condition: {
          ...condition,
          evaluate: (values) => {
            strike('condition', true);
            return condition.evaluate(values);
          },
        },
      })),
      message: {
        ...rule.message,
        title: {
          source: 'title',
          render: () => {
            strike('template', true);
            return { ok: true, text: rule.name };
          },
        },
      },
    }),
    ports: (ports: TurnPorts): TurnPorts => ({
      ...ports,
      typeNamed: (name) => {
        const type = ports.typeNamed(name);
        return type && sabotagedType(type, strike, isVictims, ports.rules);
      },
      search: {
        ask: async (queries, signal) => {
          const evidence = (name: string) => name.startsWith(`${victim.rule}/`);
          strike(
            'search.ask evidence',
            queries.some(({ name }) => evidence(name)),
          );
          strike(
            'search.ask',
            queries.some(({ source }) => source.indices.includes(`logs-${victim.rule}`)),
          );
          return ports.search.ask(queries, signal);
        },
      },
      states: {
        ...ports.states,
        load: async (ids, have) => {
          strike('states.load', ids.some(isVictims));
          return ports.states.load(ids, have);
        },
        save: async (writes) => {
          strike(
            'states.save',
            writes.some(({ id }) => isVictims(id)),
          );
          return ports.states.save(writes);
        },
      },
      alertGroups: {
        ...ports.alertGroups,
        load: async (ids) => {
          strike('alert groups.load', ids.includes(victim.alertGroup));
          return ports.alertGroups.load(ids);
        },
        save: async (writes) => {
          strike(
            'alert groups.save',
            writes.some(({ id }) => id === victim.alertGroup),
          );
          return ports.alertGroups.save(writes);
        },
      },
      history: {
        ...ports.history,
        write: async (batch) => {
          strike(
            'history.write',
            batch.some(({ body }) => body['rule.id'] === victim.rule),
          );
          return ports.history.write(batch);
        },
      },
      destination: (id) => {
        const isAbout = id === victim.destination;
        strike('destination', isAbout);
        const ready = ports.destination(id);
        if (ready === undefined || !isAbout) return ready;
        const { channel } = ready;
        return {
          ...ready,
          channel: {
            ...channel,
            render: (message, thread, options) => {
              strike('channel.render', true);
              return channel.render(message, thread, options);
            },
            send: async (payload, options, io, signal) => {
              strike('channel.send', true);
              return channel.send(payload, options, io, signal);
            },
          },
        };
      },
    }),
  };
}

type Strike = (at: Step, isAbout: boolean) => void;

function sabotagedType(
  type: RuleType<unknown, Json>,
  strike: Strike,
  isVictims: (id: string) => boolean,
  rules: TurnPorts['rules'],
): RuleType<unknown, Json> {
  return {
    ...type,
    ask: (input, answers) => {
      strike('type.ask', isVictims(input.spec.id));
      return type.ask(input, answers);
    },
    measure: (input, answers) => {
      strike('type.measure', isVictims(input.spec.id));
      return type.measure(input, answers);
    },
    absence: (options) => {
      strike(
        'type.absence',
        [...rules.values()].some((rule) => isVictims(rule.id) && rule.options === options),
      );
      return type.absence(options);
    },
  };
}
