import type { Duration } from '../core/time.ts';
import type { Measures } from '../core/units.ts';
import type { Template } from '../templates/template.ts';
import type { DiscoverQuestion } from './links.ts';

/** What a message may use of a rule that is loaded; a rule that no longer exists is notified with the default message. */
export interface KnownRule {
  readonly name: string;
  readonly description?: string;
  readonly message: {
    readonly title?: Template;
    readonly text?: Template;
    readonly runbook?: Template;
    readonly resolvedTitle?: Template;
    readonly resolvedText?: Template;
    /** Of a message about several of its alerts. */
    readonly groupTitle?: Template;
    readonly groupText?: Template;
    /** Links beside the usual ones, in order. */
    readonly links?: readonly { readonly label: string; readonly url: Template }[];
  };
  /** The IANA time zone that the rule is about. */
  readonly timezone?: string;
  /** How its values are shown, by their names; plain numbers without it. */
  readonly measures?: Measures;
  readonly source: Pick<DiscoverQuestion, 'indices' | 'timeField'>;
  readonly query: DiscoverQuestion['query'];
  readonly repeatInterval?: Duration;
  /** What its messages link to in the place of the page of an alert. */
  readonly page?: { readonly label: string; readonly path: string };
  /** Other systems have sent its alerts: each of them is named by its label `alertname`. */
  readonly received?: true;
  /** What an alert of this group is about, where a message about several is to name it in its title. */
  readonly part?: (group: Readonly<Record<string, string | null>>) => string;
}
