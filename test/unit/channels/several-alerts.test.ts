import { describe, expect, test } from 'vitest';
import type { Message, MessageAlert } from '../../../src/messages/message.ts';
import { channelWithOptions } from '../../support/channel-options.ts';
import { sampleAlert, sampleMessage } from './samples.ts';

/** What each form of a message shows: Slack, both parts of a mail, the console. */
function forms(message: Message): readonly (readonly [string, string])[] {
  const render = (name: string) => {
    const { channel, options } = channelWithOptions(name);
    return channel.render(message, undefined, options);
  };
  const { html, text } = render('email');
  return [
    ['slack', JSON.stringify(render('slack'))],
    ['html', String(html)],
    ['text', String(text)],
    ['console', JSON.stringify(render('console'))],
  ];
}

const times = (text: string, part: string) => text.split(part).length - 1;

function several(...alerts: readonly Partial<MessageAlert>[]): Message {
  const listed = alerts.map((alert, n) =>
    sampleAlert({
      id: `a${n}`,
      group: { 'url.path': `/${n}` },
      evidence: { documents: [], top: [], traceIds: [], logs: [] },
      ...alert,
    }),
  );
  return sampleMessage({ alerts: listed, firing: listed.length });
}

describe('a message about several alerts', () => {
  test.each(
    forms(
      several({ text: 'Drain node one.', description: 'Pods wait.' }, { text: 'Drain node two.', description: 'Pods wait.' }),
    ),
  )('%s has the text of each, and what their rule says about all of them once', (_, form) => {
    expect(['Drain node one.', 'Drain node two.', 'Pods wait.'].map((part) => times(form, part))).toEqual([1, 1, 1]);
  });

  test.each(forms(several({ text: 'Call the owner.' }, { text: 'Call the owner.' }, { text: 'Call the owner.' })))(
    '%s has a text that all of them share once',
    (_, form) => {
      expect(times(form, 'Call the owner.')).toBe(1);
    },
  );

  test.each(forms(several({ rule: 'disk', text: 'Disk.' }, { rule: 'disk', text: 'Disk.' }, { rule: 'cpu', text: 'Heat.' })))(
    '%s says whose text it is where only some of them share it',
    (_, form) => {
      expect([times(form, 'disk: Disk.'), times(form, 'Heat.'), times(form, 'cpu: Heat.')]).toEqual([1, 1, 0]);
    },
  );

  test.each(
    forms(
      several(
        ...Array.from({ length: 20 }, (_, n) => ({
          text: `Text ${n}! ${'&<x>\n'.repeat(1_000)}`,
          description: `Rule ${n}! ${'y'.repeat(3_000)}`,
        })),
      ),
    ),
  )('%s cuts long texts, so that no alert is left out for them', (_, form) => {
    for (let n = 0; n < 20; n++) expect([times(form, `Text ${n}!`), times(form, `Rule ${n}!`)]).toEqual([1, 1]);
    expect(form).not.toContain(' more');
  });
});

test.each(forms(sampleMessage({ alerts: [sampleAlert({ text: 'Drain it.', description: 'Pods wait.' })] })))(
  '%s of one alert has the text and the description of its rule',
  (_, form) => {
    expect(['Drain it.', 'Pods wait.'].map((part) => times(form, part))).toEqual([1, 1]);
  },
);

describe('a message about many alerts', () => {
  const listed = Array.from({ length: 20 }, (_, n) => ({ title: `title-${n};`, text: `text ${n}` }));
  const site = {
    field: 'site',
    values: [
      { value: 's0', count: 72 },
      { value: 's1', count: 71 },
    ],
    others: 5,
  };
  const many = { ...several(...listed), firing: 500, more: 480, summary: [site] };

  test.each(forms(many))('%s begins with how they spread, and names few of them', (_, form) => {
    expect(form).toContain('site: s0 72, s1 71 and 5 other values');
    expect(form.indexOf('s0 72')).toBeLessThan(form.indexOf('title-0;'));
    expect(form).toContain('title-4;');
    expect(form).not.toContain('title-5;');
    expect(form).toContain('and 495 more');
    expect(form).toContain('500 alerts are firing, the first since');
  });

  test.each(forms(several({}, {}, {})))('%s has the condition that they share once', (_, form) => {
    expect(form.split(/count (?:>|&gt;|&#62;)= 5/).length - 1).toBe(1);
  });

  test.each(forms(several({}, { details: [{ label: 'condition', value: 'count < 1' }] })))(
    '%s has conditions that differ',
    (_, form) => {
      expect(form).toMatch(/count (?:>|&gt;|&#62;)= 5/);
      expect(form).toMatch(/count (?:<|&lt;|&#60;) 1/);
    },
  );
});
