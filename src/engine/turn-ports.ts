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
import type { ReceivedAlerts } from '../received/received-alerts.ts';
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

/** The state of a part of the process outside of turns; `problem` undefined: it works, and its health alert ends. */
export interface OutsideFinding {
  readonly kind: string;
  readonly subject: string;
  readonly problem: string | undefined;
}

/** A noise report about the last week, sent to a receiver on a schedule. */
interface NoiseDigest {
  readonly receiver: string;
  readonly schedule: Schedule;
}

/** The ports of a turn; the composition roots of run, test, dry-run and the demo differ only in these. */
export interface TurnPorts {
  readonly namespace: string;
  readonly search: EvaluationPorts['search'];
  /** Searches several windows at once; without it, each is searched separately. */
  readonly ranges?: RangeSearch | undefined;
  /** Units from mappings; without it only those of rules and field names. */
  readonly fieldUnits?: FieldUnits | undefined;
  readonly traceLogs: EvaluationPorts['traceLogs'];
  readonly states: EvaluationPorts['states'];
  readonly alertGroups: AlertGroups;
  readonly silences: Silences;
  readonly acknowledgements: Acknowledgements;
  /** Alerts from other systems; composition roots without a service have none. */
  readonly received?: ReceivedAlerts | undefined;
  readonly history: History;
  readonly session: Session;
  readonly typeNamed: EvaluationPorts['typeNamed'];
  /** Whether evaluations keep their findings of each group; by default only the number of groups. */
  readonly keepFindings?: EvaluationPorts['keepFindings'];
  /** Every loaded rule, including paused ones: for texts and links, and to detect removed rules. */
  readonly rules: ReadonlyMap<RuleId, Rule>;
  readonly failures: readonly FileFailure[];
  /** Other files that do not load, such as those of silences: no rule is missing because of them. */
  readonly otherFailures?: () => readonly FileFailure[];
  /** Rules that may be in files that do not load, in addition to the loaded ones; undefined while `failures` has any: then it is not known which. */
  readonly inBrokenFiles?: ReadonlySet<RuleId> | undefined;
  /** Further findings about Tocsin's health; a subject that is omitted stays unchanged. */
  readonly outside?: () => readonly OutsideFinding[];
  readonly routing: Routing;
  readonly destination: (id: string) => ReadyDestination | undefined;
  readonly meta: string | undefined;
  readonly kibana: KibanaPlace | undefined;
  /** The URL at which users reach the server, for links in messages. */
  readonly externalUrl?: string | undefined;
  /** Renders the chart of a message; without it there are no charts. Only some composition roots have it. */
  readonly charts?: (subject: ChartSubject, ports: TurnPorts, signal: AbortSignal) => Promise<MessageChart | undefined>;
  /** Whether history stores the sent payloads; by default it does not. */
  readonly keepsPayloads?: boolean;
  /** The noise report: its receiver, its schedule, and its data. */
  readonly noise?: NoiseDigest & { readonly history: Pick<RunHistory, 'episodes' | 'messages' | 'acknowledgements'> };
  readonly io: Omit<ChannelIo, 'now'>;
  /** Only for waiting and measuring; the current time is passed as `now`. */
  readonly clock: Pick<Clock, 'monotonic' | 'sleep'>;
  readonly deadline: (ms: Duration, parent: AbortSignal) => TimeLimit;
  readonly newToken: () => string;
  readonly delivery: { readonly giveUpAfter: Duration; readonly sendTimeout: Duration; readonly lease: Duration };
}

/** The rules that a turn may evaluate: enabled ones. */
export function evaluable(rules: ReadonlyMap<RuleId, Rule>): readonly Rule[] {
  return [...rules.values()].filter((rule) => rule.enabled);
}
