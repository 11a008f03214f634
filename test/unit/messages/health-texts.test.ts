import { expect, it } from 'vitest';
import { HEALTH_TEXT, HEALTH_TITLE } from '../../../src/messages/health-texts.ts';

const scope = (kind: string, problem?: string) => ({
  group: { kind, subject: 'x' },
  ...(problem !== undefined && { problem }),
});

it.each(['rule', 'file', 'index', 'template', 'alert_group', 'silence', 'document', 'engine', 'receiver'])(
  'a health alert of the kind %s says what does not work, what that means, and what to do',
  (kind) => {
    const title = HEALTH_TITLE.render(scope(kind));
    const text = HEALTH_TEXT.render(scope(kind, 'it broke'));
    expect(title).toMatchObject({ ok: true, text: expect.stringMatching(/^Tocsin: .*\bx\b/) });
    expect(text).toMatchObject({ ok: true, text: expect.stringMatching(/^it broke\nEffect: .+\.\nNext step: .+\.$/) });
    expect(JSON.stringify([title, text])).not.toMatch(/\b(?:look|judged|told|owed|mend|hears|dead|whole|nobody)\b/);
  },
);

it('a kind of an older version has a title all the same', () => {
  expect(HEALTH_TITLE.render(scope('source'))).toEqual({ ok: true, text: 'Tocsin: source x does not work' });
  expect(HEALTH_TEXT.render(scope('source', 'it broke'))).toEqual({ ok: true, text: 'it broke' });
});
