import type { OidcConfig } from '../../config/oidc.ts';
import { isObject } from '../../core/json.ts';
import { own } from '../../core/record.ts';
import { visible } from '../../core/visible.ts';
import type { AccessScope } from '../../server/api/access.ts';
import type { SignInProblem } from '../../server/web/ports.ts';
import type { KnownPerson } from '../../server/web/session.ts';

/** What the provider says of a person: of its ID token, and of the answer about the user where one was asked for. */
export type PersonClaims = Readonly<Record<string, unknown>>;

const LONGEST_NAME = 200;
const MOST_GROUPS = 2_000;
/** As OpenID has it; the session has to fit into a cookie. */
const LONGEST_SUBJECT = 255;
const EVERYONE = '*';

/** What each level includes. */
const SCOPES = { admin: ['read', 'silence', 'admin'], silence: ['read', 'silence'], read: ['read'] } as const;

/** Who it is and what they may do, by their claims, or why they may not sign in. */
export function personOf(
  claims: PersonClaims,
  config: OidcConfig,
): { readonly ok: true; readonly value: KnownPerson } | SignInProblem {
  const name = nameOf(claims, config);
  if (name === undefined) return noName(config);
  const { sub } = claims;
  if (typeof sub !== 'string' || sub.length > LONGEST_SUBJECT) return LONG_SUBJECT;
  const groups = groupsOf(claims, config);
  const scopes = scopesOf(groups, config);
  if (scopes === undefined) return notAllowed(name, claims, groups, config);
  return { ok: true, value: { user: `${config.issuer} ${sub}`, name, scopes } };
}

/** Whether what decides is still missing, so that the provider has to be asked about the user. */
export function lacksClaims(claims: PersonClaims, config: OidcConfig): boolean {
  const groupsNeeded = Object.values(config.access).some((of) => of.some((group) => group !== EVERYONE));
  const groupsMissing = config.groupsClaims.some((claim) => claimAt(claims, claim) === undefined);
  const hasName =
    config.nameClaim === undefined
      ? ['preferred_username', 'email'].some((claim) => claimAt(claims, claim) !== undefined)
      : claimAt(claims, config.nameClaim) !== undefined;
  return ((groupsNeeded || config.allowedGroups !== undefined) && groupsMissing) || !hasName;
}

function nameOf(claims: PersonClaims, { nameClaim }: OidcConfig): string | undefined {
  const usual = ['preferred_username', 'email', 'sub'];
  for (const claim of nameClaim === undefined ? usual : [nameClaim]) {
    const value = claim === 'email' ? verifiedEmail(claims) : claimAt(claims, claim);
    const text = typeof value === 'string' ? visible(value).replace(/\s+/g, ' ').trim() : '';
    if (text !== '' && text.length <= LONGEST_NAME) return text;
  }
  return undefined;
}

/** Words by which access is given: an address counts only if the provider has verified it, since people may enter any. */
function groupsOf(claims: PersonClaims, { groupsClaims }: OidcConfig): ReadonlySet<string> {
  const values = groupsClaims.flatMap((claim) => {
    const value = claim === 'email' ? verifiedEmail(claims) : claimAt(claims, claim);
    return Array.isArray(value) ? value.slice(0, MOST_GROUPS) : [value];
  });
  return new Set(values.filter((value): value is string => typeof value === 'string' && value !== EVERYONE));
}

function scopesOf(groups: ReadonlySet<string>, { access, allowedGroups }: OidcConfig): readonly AccessScope[] | undefined {
  if (allowedGroups !== undefined && !allowedGroups.some((group) => groups.has(group))) return undefined;
  const level = (['admin', 'silence', 'read'] as const).find((one) =>
    access[one]?.some((group) => group === EVERYONE || groups.has(group)),
  );
  return level && SCOPES[level];
}

/** A claim by its name, else by a path of names. */
function claimAt(claims: PersonClaims, name: string): unknown {
  const whole = own(claims, name);
  if (whole !== undefined) return whole;
  return name.split('.').reduce<unknown>((inside, part) => (isObject(inside) ? own(inside, part) : undefined), claims);
}

function verifiedEmail(claims: PersonClaims): unknown {
  return claims['email_verified'] === true ? claims['email'] : undefined;
}

const LONG_SUBJECT: SignInProblem = {
  ...{
    ok: false,
    kind: 'refused',
    message: 'The provider’s ID for you (`sub`) is longer than the 255 characters that OpenID allows.',
  },
  hint: 'An administrator of the provider must change it.',
};

function noName({ nameClaim = 'preferred_username' }: OidcConfig): SignInProblem {
  return {
    ...{ ok: false, kind: 'refused', message: `The provider did not send your name: the claim ${nameClaim} is missing.` },
    hint: 'An operator of Tocsin must set `name_claim` in `server.auth.oidc` to a claim that the provider sends, or add its scope to `scopes`.',
  };
}

function notAllowed(name: string, claims: PersonClaims, groups: ReadonlySet<string>, config: OidcConfig): SignInProblem {
  const where = config.groupsClaims.join(', ');
  const message = `You are signed in at the provider as ${name}, but none of your groups may use Tocsin.`;
  const refused = { ok: false, kind: 'refused', message } as const;
  const elsewhere = claims['_claim_names'];
  if (isObject(elsewhere) && config.groupsClaims.some((claim) => own(elsewhere, claim) !== undefined))
    return {
      ...refused,
      hint: 'You are in too many groups, so the provider omits them. An operator of Tocsin must use application roles instead: `groups_claim: roles`.',
    };
  if (groups.size === 0)
    return {
      ...refused,
      hint: `The provider did not send your groups (${where}). An operator must add the claim at the provider, or change \`groups_claim\` or \`scopes\` in \`server.auth.oidc\`.`,
    };
  return {
    ...refused,
    hint: 'Ask to be added to one of the groups in `access` of `server.auth.oidc`. Then sign in again; you may have to sign out at the provider first.',
  };
}
