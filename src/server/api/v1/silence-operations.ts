import { type Static, Type } from 'typebox';
import { durationHint, parseDuration } from '../../../core/duration.ts';
import { matchedBy } from '../../web/change-routes.ts';
import type { WebPorts } from '../../web/ports.ts';
import type { SilenceSaved } from '../alertmanager.ts';
import { alertAnswer, episodeAnswer, silenceAnswer } from './answers.ts';
import { answered, closedObject, MOST_ITEMS, matchersIn, PAGE, pageIn, timeGiven, unread } from './given.ts';
import type { Operation } from './operation.ts';
import { ApiRefusal } from './problem.ts';

const WANTED = Type.Object(
  {
    matchers: Type.Array(Type.String({ maxLength: 2_000 }), { minItems: 1, maxItems: 100 }),
    duration: Type.Optional(Type.String({ maxLength: 64, description: 'Such as `2h`; instead of `ends_at`.' })),
    starts_at: Type.Optional(Type.String({ maxLength: 40 })),
    ends_at: Type.Optional(Type.String({ maxLength: 40 })),
    comment: Type.String({ minLength: 1, maxLength: 2_000 }),
    created_by: Type.Optional(
      Type.String({ maxLength: 200, description: 'Only without a login; otherwise the signed-in user.' }),
    ),
    link: Type.Optional(Type.String({ maxLength: 2_000 })),
  },
  { ...closedObject, title: 'WantedSilence', description: 'A new silence.' },
);
const LATER = Type.Object(
  { duration: Type.String({ maxLength: 64, description: 'Such as `2h`.' }) },
  { ...closedObject, title: 'WantedExtension', description: 'New duration of a silence, counted from now.' },
);
const PREVIEW = Type.Object(
  { matchers: Type.Array(Type.String({ maxLength: 2_000 }), { minItems: 1, maxItems: 100 }) },
  { ...closedObject, title: 'WantedPreview' },
);

/** The requests about silences. */
export const SILENCE_OPERATIONS: readonly Operation[] = [
  {
    ...{ id: 'listSilences', method: 'GET', path: '/silences', answer: 'silences', summary: 'Silences' },
    query: Type.Object(
      { expired: Type.Optional(Type.Boolean({ description: 'Include expired silences.' })), ...PAGE },
      closedObject,
    ),
    run: async (ports, { query }) => {
      const all = answered(await ports.silences.list());
      const { items, ...page } = pageIn(
        all.filter(({ state }) => query['expired'] === true || state !== 'expired'),
        query,
      );
      return { items: items.map(silenceAnswer), ...page };
    },
  },
  {
    ...{ id: 'getSilence', method: 'GET', path: '/silences/{id}', answer: 'silence', summary: 'One silence' },
    run: async (ports, { id }) => {
      const found = answered(await ports.silences.get(id));
      if (found === undefined) throw NO_SILENCE();
      return silenceAnswer(found);
    },
  },
  {
    ...{
      id: 'previewSilence',
      method: 'POST',
      path: '/silences/preview',
      answer: 'preview',
      body: PREVIEW,
      summary: 'What a silence would suppress now, and would have suppressed',
    },
    run: async (ports, { body }) => {
      const { matchers } = body as Static<typeof PREVIEW>;
      const found = await matchedBy(matchersIn(matchers), ports);
      if (found.problem !== undefined) throw unread(found.problem);
      return {
        alerts: found.alerts.slice(0, MOST_ITEMS).map(alertAnswer),
        alerts_total: found.alerts.length,
        episodes: found.episodes.slice(0, MOST_ITEMS).map(episodeAnswer),
        episodes_total: found.episodes.length,
        more: found.more,
      };
    },
  },
  {
    ...{
      id: 'addSilence',
      method: 'POST',
      path: '/silences',
      answer: 'saved',
      needs: 'silence',
      body: WANTED,
      summary: 'Adds a silence',
    },
    run: (ports, { body, by }) => addSilence(body as Static<typeof WANTED>, by, ports),
  },
  {
    ...{
      id: 'extendSilence',
      method: 'POST',
      path: '/silences/{id}/extend',
      answer: 'saved',
      needs: 'silence',
      body: LATER,
      summary: 'Moves the end of a silence, counted from now, or from its start if that is in the future',
    },
    run: async (ports, { id, body, by }) => {
      const length = parseDuration((body as Static<typeof LATER>).duration);
      if (length === undefined) throw new ApiRefusal(400, 'invalid duration', 'set `duration`, such as 2h');
      const done = savedId(await ports.silences.extend(id, length));
      ports.audit({ silence: done, done: 'extended', by: by ?? 'localhost' });
      return { id: done };
    },
  },
  {
    ...{
      id: 'expireSilence',
      method: 'DELETE',
      path: '/silences/{id}',
      answer: 'saved',
      needs: 'silence',
      summary: 'Ends a silence now',
    },
    run: async (ports, { id, by }) => {
      const done = savedId(await ports.silences.expire(id));
      ports.audit({ silence: done, done: 'expired', by: by ?? 'localhost' });
      return { id: done };
    },
  },
];

const NO_SILENCE = () =>
  new ApiRefusal(404, 'there is no silence with this ID', 'list them with GET /api/v1/silences?expired=true');

async function addSilence(wanted: Static<typeof WANTED>, by: string | undefined, ports: WebPorts): Promise<unknown> {
  const now = ports.now();
  const author = by ?? wanted.created_by ?? '';
  if (author.trim() === '') throw new ApiRefusal(400, 'a silence needs an author', 'set `created_by`, or sign in');
  const starts_at = Math.max(now, timeGiven(wanted, 'starts_at') ?? now);
  const length = wanted.duration === undefined ? undefined : parseDuration(wanted.duration);
  const ends_at = length === undefined ? timeGiven(wanted, 'ends_at') : starts_at + length;
  if (wanted.duration !== undefined && length === undefined)
    throw new ApiRefusal(400, '`duration` is not a duration', durationHint(wanted.duration));
  if (ends_at === undefined) throw new ApiRefusal(400, 'a silence needs an end', 'set `duration`, such as 2h, or `ends_at`');
  const saved = await ports.silences.save(
    {
      ...{
        matchers: matchersIn(wanted.matchers),
        starts_at,
        ends_at,
        comment: wanted.comment,
        created_by: author,
      },
      ...(wanted.link !== undefined && { link: wanted.link }),
    },
    undefined,
  );
  const id = savedId(saved);
  ports.audit({ silence: id, done: 'saved', by: by ?? 'localhost' });
  return { id };
}

function savedId(saved: SilenceSaved): string {
  if (saved.kind === 'saved') return saved.id;
  if (saved.kind === 'unknown') throw NO_SILENCE();
  if (saved.kind === 'failed') throw unread(saved.message);
  const [, what = saved.message, next = 'see it with GET /api/v1/silences/ID'] = /^(.*); (.*)$/s.exec(saved.message) ?? [];
  throw new ApiRefusal(400, what, next);
}
