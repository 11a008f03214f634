import { describe, expect, test } from 'vitest';
import { emailChannel } from '../../../src/channels/email/email.ts';
import { smtpOutcome } from '../../../src/channels/email/outcome.ts';
import { secret } from '../../../src/core/secret.ts';
import { sampleAlert, sampleMessage } from './samples.ts';

const posted = { receipt: {}, to: ['a@example.com'], server: 'mail.example.com:587' };
const hide = (text: string) => text;
const deadline = () => AbortSignal.abort(Object.assign(new DOMException('late', 'TimeoutError'), { ms: 20_000 }));

describe('why a mail was not sent', () => {
  test.each([
    [false, 'retry', 'no answer from mail.example.com:587 within 20 s; the mail was not sent'],
    [true, 'unknown', 'no answer from mail.example.com:587 within 20 s; the mail may have arrived'],
  ])('a silent server, handed over: %s', (handedOver, kind, text) => {
    const outcome = smtpOutcome({ kind: 'aborted', handedOver }, posted, deadline(), hide);
    expect(outcome).toMatchObject({ kind, reason: { kind: 'timeout', text } });
  });

  test.each([
    [
      'C0:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/openssl:355:',
      /^mail\.example\.com:587: the server does not use implicit TLS: implicit_tls/,
    ],
    ['unable to verify the first certificate', /^mail\.example\.com:587: .*ca_file/],
    ['connect ECONNREFUSED 127.0.0.1:587', /^mail\.example\.com:587: connect ECONNREFUSED/],
  ])('%s in words, with the server', (message, text) => {
    const error = Object.assign(new Error(message), { code: 'ESOCKET' });
    const outcome = smtpOutcome({ kind: 'failed', error, handedOver: false }, posted, new AbortController().signal, hide);
    expect(outcome).toMatchObject({ kind: 'retry', reason: { text: expect.stringMatching(text) } });
    expect(JSON.stringify(outcome)).not.toContain('SSL routines');
  });
});

const KEYS = {
  smarthost: 'mail.example.com:587',
  from: 't@bücher.example',
  to: 'ü@bücher.example',
  reply_to: 'r@bücher.example',
};

test('an international domain is ASCII in every header, also in the references to a mail of before', () => {
  const options = emailChannel.read(KEYS);
  const {
    html: _html,
    text: _text,
    ...mail
  } = emailChannel.render(sampleMessage(), { message_id: '<old@bücher.example>' }, options);
  expect(JSON.stringify(mail)).not.toContain('bücher');
  expect(mail).toMatchObject({
    message_id: expect.stringMatching(/@xn--bcher-kva\.example>$/),
    in_reply_to: '<old@xn--bcher-kva.example>',
    from: { address: 't@xn--bcher-kva.example' },
    to: [{ address: 'ü@xn--bcher-kva.example' }],
  });
});

test('the authority of a certificate may stand in a file', () => {
  expect(emailChannel.files).toContain('ca');
  expect(emailChannel.read({ ...KEYS, ca: secret('PEM') }).ca).toBe('PEM');
  expect(emailChannel.read({ ...KEYS, ca: 'PEM' }).ca).toBe('PEM');
});

test('lines of a mail are apart without white-space', () => {
  const alert = sampleAlert({ text: 'one\n  two <b>' });
  const { html } = emailChannel.render(sampleMessage({ alerts: [alert] }), undefined, emailChannel.read(KEYS));
  expect(html).toContain('one<br>\n&nbsp;&nbsp;two &#60;b&#62;');
  expect(html).toContain('TypeError: x is undefined<br>\n&nbsp;&nbsp;&nbsp;&nbsp;at list');
  expect(html).not.toContain('pre-wrap');
});
