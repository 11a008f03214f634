import { formatDuration } from '../core/duration.ts';
import { httpUrl } from '../core/http-url.ts';
import type { ReaderSettings } from '../core/locale.ts';
import { groupValue } from '../core/printed.ts';
import { own } from '../core/record.ts';
import { iso, type TimeRange } from '../core/time.ts';
import { firstUnits } from '../core/truncate.ts';
import type { Measures } from '../core/units.ts';
import type { Markup } from '../templates/markup.ts';
import type { RenderedText, Scope, Template } from '../templates/template.ts';
import { factsOf, isBad, namesItself, printedValue, type Showing } from './alert-facts.ts';
import { endingText, endStatus } from './ending.ts';
import { documentsOf, evidenceScope, evidenceView, traceLinks } from './evidence-view.ts';
import type { KnownRule } from './known-rule.ts';
import { discoverLink, type KibanaPlace } from './links.ts';
import { shownValue } from './measured.ts';
import { mentionsIn } from './mentions-in.ts';
import type { Link, MessageAlert, MessageFlapping } from './message.ts';
import { outageText, outageTitle } from './outage-text.ts';
import { isOver, type Shown } from './shown.ts';
import { changesInTitle } from './value-changes.ts';
import { clockTime } from './wording.ts';

/** How far before an alert about missing documents its link begins at least, ms. */
const LOOK_BACK = 60 * 60_000;

/** What rendering may use besides the facts. */
export interface ViewContext {
  readonly ruleOf: (rule: string) => KnownRule | undefined;
  readonly kibana: KibanaPlace | undefined;
  /** Where people reach the server, without a slash at the end. */
  readonly externalUrl?: string | undefined;
  /** How the readers of a receiver's messages of one route know numbers and times; as in Britain and in UTC without it. */
  readonly readers?: (receiver: string, route: string) => ReaderSettings;
  /** Those of the message. */
  readonly reader?: ReaderSettings;
  /** Who silenced and why, by the silence's id, as far as that is still known. */
  readonly silence?: (id: string) => { readonly created_by: string; readonly comment: string } | undefined;
  /** Says whether the rule is no longer evaluated; without it all rules are. */
  readonly isUnloaded?: (rule: string) => boolean;
}

/** Of a rule that is not loaded it is not known how its values are shown. */
export const NO_MEASURES: Measures = {};

/** An alert of a message with the engine's remarks on it. */
export interface View {
  readonly alert: MessageAlert;
  /** The id of its rule. */
  readonly rule: string;
  /** What its rule is about, for the title of a message about several. */
  readonly about: string;
  /** What it is about itself in a few words, where `about` does not say it. */
  readonly part?: string;
  readonly notes: readonly string[];
}

/**
 * Renders an alert by its rule as it is loaded now. Templates that were `stopped` on an earlier alert of the message are not tried again,
 * and those that are stopped on this one are added.
 */
export function view(shown: Shown, context: ViewContext, stopped: Set<Template>): View {
  const rule = context.ruleOf(shown.rule);
  const notes: string[] = [];
  const scope = scopeOf(shown, rule);
  const timezone = context.reader?.timezone ?? 'UTC';
  const failed = (part: string, template: Template, { message, endless }: FailedText) => {
    if (endless === true) stopped.add(template);
    notes.push(
      `${rule?.name ?? shown.rule}: the template of message.${part} failed on this alert (${message}); the default is shown`,
    );
    return undefined;
  };
  const render: RenderPart = (part, template, values = scope) => {
    if (template === undefined || stopped.has(template)) return undefined;
    const rendered = template.render({ ...values, timezone, mention: mentionsIn(template) });
    if (!rendered.ok) return failed(part, template, rendered);
    return rendered.text.trim() === '' ? undefined : rendered.text.trim();
  };
  const renderText: RenderText = (part, template) => {
    if (template === undefined || stopped.has(template)) return undefined;
    const values = { ...scope, timezone, mention: mentionsIn(template) };
    const rendered = template.renderMarkup?.(values) ?? template.render(values);
    if (!rendered.ok) return failed(part, template, rendered);
    return rendered.text.trim() === '' ? undefined : rendered;
  };
  if (shown.change === 'still' && context.isUnloaded?.(shown.rule) === true) notes.push(unloadedNote(shown));
  const { outage } = shown;
  // The rule's own texts refer to one group; a runbook that names it cannot be rendered, and is left out.
  const own = outage === undefined;
  const title = own ? ownTitle(shown, rule, render) : outageTitle(outage);
  const said = own ? ownText(shown, rule, renderText) : { text: outageText(outage, shown, rule?.description) };
  const { text, markup } = said;
  const runbook = own ? render('runbook', rule?.message.runbook) : plainRunbook(rule, { ...scope, timezone });
  const showing = { measures: rule?.measures ?? NO_MEASURES, locale: context.reader?.locale };
  const known = factsOf(shown, showing);
  const alert: MessageAlert = {
    id: shown.id,
    episode: shown.episode,
    rule: ruleName(shown, rule),
    status: shown.status,
    change: shown.change,
    severity: shown.severity,
    title: withChanges(oneLine(title), shown),
    ...(text !== undefined && text !== '' && { text, ...(markup !== undefined && { markup }) }),
    ...(own && isBad(shown) && rule?.description !== undefined && rule.description !== text && { description: rule.description }),
    group: printedGroup(rule?.received === true ? partsOf(shown.group) : shown.group),
    labels: shown.labels,
    ...(shown.flapping !== undefined && { flapping: flappingOf(shown.flapping) }),
    values: shown.values,
    ...(known.measured !== undefined && { measured: known.measured }),
    facts: known.facts.filter(({ value }) => !quotes(text, value)),
    // What was sent is looked at every few seconds, and no time range is searched.
    details: rule?.received === true ? known.details.filter(({ label }) => label !== 'window') : known.details,
    ...(shown.evidence !== undefined && {
      evidence: evidenceView(shown.evidence),
    }),
    links: [
      ...linksOf(shown, rule, runbook, context.kibana),
      ...ownLinks(rule, own ? render : undefined),
      ...alertLink(shown, context.externalUrl, rule?.page),
    ],
    startedAt: shown.startedAt,
    ...(shown.endedAt !== undefined && { endedAt: shown.endedAt }),
    ...(shown.acknowledged !== undefined && { acknowledged: shown.acknowledged }),
    ...(shown.movedTo !== undefined && { movedTo: shown.movedTo }),
    window: shown.window,
    late: shown.late !== undefined,
    ...(shown.earlier > 0 && { earlierEpisodes: shown.earlier }),
    ...endingOf(shown, showing),
  };
  const part = rule?.part?.(shown.group);
  const about = problemIn(rule?.description) ?? ruleName(shown, rule);
  return { alert, rule: shown.rule, about, notes, ...(part !== undefined && { part }) };
}

function ruleName({ labels, rule: id }: Shown, rule: KnownRule | undefined): string {
  return (rule?.received === true ? own(labels, 'alertname') : undefined) ?? rule?.name ?? id;
}

/** The labels that say which alert of its name it is. */
function partsOf({ alertname: _alertname, severity: _severity, ...parts }: Shown['group']): Shown['group'] {
  return parts;
}

/** Its reminders go on until it is known on all replicas that the rule no longer exists. */
function unloadedNote({ rule, window }: Shown): string {
  return `${rule}: the rule is no longer loaded, so its alerts are not evaluated; the values shown were measured in the window until ${clockTime(window.to)}.`;
}

/** A value that is a sentence, such as the problem of a health alert, is not repeated where the text has it. */
function quotes(text: string | undefined, value: string): boolean {
  return value.includes(' ') && value.length > 40 && text?.includes(value) === true;
}

/** A title names one change of a value at most: what else changed since the last message follows it. */
function withChanges(title: string, shown: Shown): string {
  return shown.valueChanges === undefined || namesItself(shown)
    ? title
    : `${title}${changesInTitle(shown.valueChanges, printedValue)}`;
}

type RenderPart = (part: string, template: Template | undefined, values?: Scope) => string | undefined;
type FailedText = Exclude<RenderedText, { readonly ok: true }>;

/** A text, with its formatting if it has any. */
interface SaidText {
  readonly text?: string | undefined;
  readonly markup?: Markup;
}

type RenderText = (part: string, template: Template | undefined) => SaidText | undefined;

/** The title of an end is the one that its receivers know, with what was measured then; a rule may have another one for it. */
function ownTitle(shown: Shown, rule: KnownRule | undefined, render: RenderPart): string {
  const { notified, status } = shown;
  if (status === 'resolved') {
    const given = render('resolved_title', rule?.message.resolvedTitle);
    if (given !== undefined) return given;
  }
  if (notified?.title !== undefined) return notified.title;
  // How its receivers knew it is not stored, and the values of its end would deny what it was about.
  if (isOver(status) && notified === undefined) return defaultTitle(shown, rule);
  const then =
    notified === undefined
      ? undefined
      : scopeOf(
          {
            ...shown,
            status: 'firing',
            reason: 'breach',
            severity: notified.level,
            values: notified.values,
            condition: notified.condition,
          },
          rule,
        );
  return render('title', rule?.message.title, then) ?? defaultTitle(shown, rule);
}

/** The text of the rule is about the problem: of what has ended it says what was so then, or nothing where receivers have read it. */
function ownText(shown: Shown, rule: KnownRule | undefined, render: RenderText): SaidText {
  if (shown.status === 'resolved') return render('resolved_text', rule?.message.resolvedText) ?? {};
  if (isOver(shown.status)) return {};
  const said: SaidText = render('text', rule?.message.text) ?? { text: rule?.description };
  return shown.status === 'ended' && said.text !== undefined ? begunBy('When it fired: ', said.text, said.markup) : said;
}

function begunBy(begin: string, text: string, markup: Markup | undefined): SaidText {
  const [first, ...others] = markup ?? [];
  const all = first === undefined ? undefined : [{ ...first, parts: [begin, ...first.parts] }, ...others];
  return { text: `${begin}${text}`, ...(all !== undefined && { markup: all }) };
}

function endingOf(
  { status, reason, values, outage, ruleChanged = false }: Shown,
  { measures, locale }: Showing,
): Pick<MessageAlert, 'ending'> {
  // What is said of a silent source has the end in its own words; of what was never notified, the values are those of its beginning.
  const isOdd = status === 'ended' && endStatus({ reason }) !== 'resolved';
  if ((!isOver(status) && !isOdd) || outage !== undefined) return {};
  return { ending: endingText({ reason, values, ruleChanged }, (name, value) => shownValue(name, value, measures, locale)) };
}

/** What a rule's templates see of an alert; the names are those of `templateNames`. */
function scopeOf(shown: Shown, rule: KnownRule | undefined): Scope {
  return {
    ...shown.values,
    values: shown.values,
    rule: ruleName(shown, rule),
    description: rule?.description ?? '',
    group: printedGroup(shown.group),
    labels: shown.labels,
    severity: shown.severity,
    status: isOver(shown.status) ? 'resolved' : shown.status,
    reason: shown.reason,
    condition: shown.condition,
    window: formatDuration(shown.window.to - shown.window.from),
    from: iso(shown.window.from),
    to: iso(shown.window.to),
    at: iso(shown.at),
    started: iso(shown.startedAt),
    earlier_episodes: shown.earlier,
    evidence: evidenceScope(shown.evidence),
    document: documentsOf(shown.evidence)[0]?.fields ?? {},
  };
}

function plainRunbook(rule: KnownRule | undefined, scope: Scope): string | undefined {
  const rendered = rule?.message.runbook?.render(scope);
  return rendered?.ok === true ? rendered.text.trim() : undefined;
}

function defaultTitle(shown: Shown, rule: KnownRule | undefined): string {
  const values = Object.values(printedGroup(shown.group));
  const name = problemIn(rule?.description) ?? rule?.name ?? shown.rule;
  return values.length === 0 ? name : `${name}: ${values.join(', ')}`;
}

/** Longest description that is a title as well. */
const TITLE_LENGTH = 90;

/** What a rule is about as its description says it, if that is a single short sentence. */
function problemIn(description: string | undefined): string | undefined {
  const said = description?.trim().replace(/\.$/, '') ?? '';
  return said === '' || said.length > TITLE_LENGTH || /[\n]|[.!?:]\s/.test(said) ? undefined : said;
}

function printedGroup(group: Shown['group']): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(group).map(([field, value]) => [field, groupValue(value)]));
}

function flappingOf({ since, episodes, steady }: NonNullable<Shown['flapping']>): MessageFlapping {
  return { since, episodes, steady };
}

function linksOf(
  shown: Shown,
  rule: KnownRule | undefined,
  runbook: string | undefined,
  kibana: KibanaPlace | undefined,
): readonly Link[] {
  const links: Link[] = [];
  // A runbook's text may come out of a document: only links to the web are followed.
  if (runbook !== undefined && httpUrl(runbook) !== undefined) links.push({ label: 'Runbook', url: runbook });
  if (kibana !== undefined && rule !== undefined) {
    const url = discoverLink(kibana, {
      indices: rule.source.indices,
      timeField: rule.source.timeField,
      query: rule.query,
      group: shown.group,
      window: linkedWindow(shown),
    });
    if (url !== undefined) links.push({ label: 'Discover', url });
  }
  return kibana === undefined || shown.evidence === undefined
    ? links
    : [...links, ...traceLinks(shown.evidence, shown.window, kibana)];
}

/** The page of an alert, which has its story after its end as well. */
function alertLink(shown: Shown, externalUrl: string | undefined, page: KnownRule['page']): readonly Link[] {
  if (externalUrl === undefined) return [];
  if (page !== undefined) return [{ label: page.label, url: `${externalUrl}${page.path}` }];
  const label = shown.status === 'firing' ? 'Explain or silence' : 'What happened';
  return [{ label, url: `${externalUrl}/alerts/${encodeURIComponent(shown.id)}` }];
}

/** Links of the rule's own, in its order; one that does not render to an address on the web is left out. */
function ownLinks(rule: KnownRule | undefined, render: RenderPart | undefined): readonly Link[] {
  return (rule?.message.links ?? []).flatMap(({ label, url: template }) => {
    const url = render?.(`links.${label}`, template);
    return url === undefined || httpUrl(url) === undefined ? [] : [{ label, url }];
  });
}

/** A window without a document has nothing to show: its link begins before the alert did, where there were some. */
function linkedWindow({ status, values, window, startedAt }: Shown): TimeRange {
  if (status !== 'firing' || own(values, 'count') !== 0) return window;
  const before = Math.max(LOOK_BACK, 3 * (window.to - window.from));
  return { from: Math.min(window.from, startedAt) - before, to: window.to };
}

function oneLine(text: string): string {
  return firstUnits(text.replace(/\s+/g, ' '), 300);
}
