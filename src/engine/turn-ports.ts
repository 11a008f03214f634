import type { ChannelIo } from '../channels/channel.ts';
import type { RuleId } from '../core/ids.ts';
import type { Schedule } from '../core/schedule.ts';
import type { Clock, Duration, TimeLimit } from '../core/time.ts';
import type { EvaluationPorts } from '../evaluation/evaluate-batch.ts';
import type { KibanaPlace } from '../messages/links.ts';
import type { MessageChart } from '../messages/message.ts';
import type { Acknowledgements } from '../notify/acknowledgements.ts';
import type { AlertGroups } from '../notify/alert-groups.ts';
import type { ChartSubject } from '../notify/chart-subject.ts';
import type { ReadyDestination } from '../notify/delivery-ports.ts';
import type { History } from '../notify/history.ts';
import type { Silences } from '../notify/silences.ts';
import type { Routing } from '../routing/route.ts';
import type { Rule } from '../rules/rule.ts';
import type { FieldUnits } from '../search/field-units.ts';
import type { RangeSearch } from '../search/range/range-query.ts';
import type { RunHistory } from './history/run-history.ts';
import type { Session } from './session.ts';

/** A file that does not load, for its health alert. */
export interface FileFailure {
  readonly file: string;
  readonly message: string;
}

/** What the process has found out about a part of itself outside of turns; `problem` undefined: there is none, and a health alert about it ends. */
export interface OutsideFinding {
  readonly kind: string;
  readonly subject: string;
  readonly problem: string | undefined;
}

/** A report of the noise of the last week, that is sent to a receiver on a schedule. */
interface NoiseDigest {
  readonly receiver: string;
  readonly schedule: Schedule;
}

/** What a turn needs of the world; the composition roots of run, test, dry-run and the demo differ in these alone. */
export interface TurnPorts {
  readonly namespace: string;
  readonly search: EvaluationPorts['search'];
  /** Asks about several windows at once; without it, each is asked for alone. */
  readonly ranges?: RangeSearch | undefined;
  /** The units that mappings name; without it those that rules and names say. */
  readonly fieldUnits?: FieldUnits | undefined;
  readonly traceLogs: EvaluationPorts['traceLogs'];
  readonly states: EvaluationPorts['states'];
  readonly alertGroups: AlertGroups;
  readonly silences: Silences;
  readonly acknowledgements: Acknowledgements;
  readonly history: History;
  readonly session: Session;
  readonly typeNamed: EvaluationPorts['typeNamed'];
  /** Whether evaluations keep what they found of each group; by default only how many groups there were. */
  readonly keepFindings?: EvaluationPorts['keepFindings'];
  /** Every rule that is loaded, paused ones included: for texts and links, and to know what is gone. */
  readonly rules: ReadonlyMap<RuleId, Rule>;
  readonly failures: readonly FileFailure[];
  /** Other files that do not load, such as those of silences: no rule is missing because of them. */
  readonly otherFailures?: () => readonly FileFailure[];
  /** Rules that files that do not load may have beside the loaded ones; undefined while `failures` has any: it is not known which. */
  readonly inBrokenFiles?: ReadonlySet<RuleId> | undefined;
  /** What else is to be notified of Tocsin's health now; a subject that is left out stays as it is. */
  readonly outside?: () => readonly OutsideFinding[];
  readonly routing: Routing;
  readonly destination: (id: string) => ReadyDestination | undefined;
  readonly meta: string | undefined;
  readonly kibana: KibanaPlace | undefined;
  /** Where people reach the server, for links in messages. */
  readonly externalUrl?: string | undefined;
  /** The chart of a message; without it there are none. Given by composition roots, since few of them have charts. */
  readonly charts?: (subject: ChartSubject, ports: TurnPorts, signal: AbortSignal) => Promise<MessageChart | undefined>;
  /** Whether history keeps what was sent; by default it does not. */
  readonly keepsPayloads?: boolean;
  /** Reports of how much alerts disturb: to whom, when, and out of what. */
  readonly noise?: NoiseDigest & { readonly history: Pick<RunHistory, 'episodes' | 'messages' | 'acknowledgements'> };
  readonly io: Omit<ChannelIo, 'now'>;
  /** For waiting and measuring only; what time it is comes as `now`. */
  readonly clock: Pick<Clock, 'monotonic' | 'sleep'>;
  readonly deadline: (ms: Duration, parent: AbortSignal) => TimeLimit;
  readonly newToken: () => string;
  readonly delivery: { readonly giveUpAfter: Duration; readonly sendTimeout: Duration; readonly lease: Duration };
}

/** The rules that a turn may evaluate: enabled ones. */
export function evaluable(rules: ReadonlyMap<RuleId, Rule>): readonly Rule[] {
  return [...rules.values()].filter((rule) => rule.enabled);
}
