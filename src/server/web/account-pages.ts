import type { Caller } from '../api/access.ts';
import { html, type PageMarkup, timeElement, withCode } from './html.ts';
import { formField, roleText, tableOf } from './layout.ts';
import type { SignedInPerson } from './ports.ts';

/** What is shown of one's own session. */
export interface AccountShown {
  readonly caller: Caller;
  readonly formToken: string;
  /** Those with sessions; undefined: the caller may not end them. */
  readonly people: readonly SignedInPerson[] | undefined;
  /** What has just been done. */
  readonly done: string | undefined;
  /** Why what is known of sessions is old. */
  readonly problem: string | undefined;
}

const MOST_SHOWN = 200;

/** One's own session, and for admins those of others. */
export function accountContent({ caller, formToken, people, done, problem }: AccountShown): PageMarkup {
  const { session, kind, name = '' } = caller;
  const shared = kind === 'token' ? ' It signs out everyone who uses this token.' : '';
  const rows = session && [
    [html`Name`, html`${name}`],
    [html`Signed in with`, html`${kind === 'token' ? 'a token' : 'the provider'}`],
    [html`May`, html`${roleText(caller)}`],
    [html`Since`, timeElement(session.at)],
    [html`Until`, timeElement(session.until)],
  ];
  return html`<h1>Your session</h1>${done === undefined ? undefined : html`<p class="note" role="status">${done}</p>`}${
    problem === undefined
      ? undefined
      : html`<p class="note problem">This replica does not know which sessions were ended on others: ${withCode(problem)}</p>`
  }${
    rows === undefined
      ? undefined
      : html`${tableOf('Your session', ['What', 'Value'], rows)}
<form method="post" action="/logout/everywhere">${formField(formToken)}<p>Ends your sessions in all browsers.${shared}</p><button>Sign out everywhere</button></form>`
  }
${people === undefined ? undefined : peopleSection(people, formToken)}`;
}

function peopleSection(people: readonly SignedInPerson[], formToken: string): PageMarkup {
  const rows = people
    .slice(0, MOST_SHOWN)
    .map(({ user, name, signedIn, until }) => [
      html`${name}`,
      html`${user}`,
      timeElement(signedIn),
      timeElement(until),
      html`<form method="post" action="/account/end">${formField(formToken)}<input type="hidden" name="user" value="${user}"><button>End sessions<span class="unseen"> of ${name}</span></button></form>`,
    ]);
  const more = people.length - rows.length;
  return html`<h2>Who has signed in</h2>${rows.length === 0 ? html`<p>No one has a session.</p>` : tableOf('Who has signed in', ['Name', 'User', 'Last signed in', 'Ends at the latest', 'End'], rows)}
${more > 0 ? html`<p>and ${more} more</p>` : undefined}<form method="post" action="/account/end">${formField(formToken)}<input type="hidden" name="everyone" value="true"><p>Ends every session, yours too.</p><button>Sign everyone out</button></form>`;
}
