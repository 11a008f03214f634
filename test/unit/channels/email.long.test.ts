import { describe, expect, test } from 'vitest';
import type { Outcome, Receipt } from '../../../src/channels/channel.ts';
import { emailChannel } from '../../../src/channels/email/email.ts';
import { TocsinError } from '../../../src/core/errors.ts';
import { secret } from '../../../src/core/secret.ts';
import type { Message } from '../../../src/messages/message.ts';
import { TEST_CERTIFICATE } from '../../support/certificate.ts';
import { INCIDENT } from '../../support/messages/incident.ts';
import { type SmtpFailure, type SmtpRecorderOptions, startSmtpServer } from '../../support/smtp-server.ts';
import { AT, firingTitle, sampleAlert, sampleMessage } from './samples.ts';

const io = { fetch, print: () => undefined, now: AT };

const KEYS = {
  require_tls: false,
  from: 'Tocsin Süd <tocsin@example.com>',
  to: ['todo@example.com', 'Lead <lead@example.com>'],
  hello: 'tocsin.test',
};

function optionsFor(port: number, keys: Readonly<Record<string, unknown>> = {}) {
  return emailChannel.read({ smarthost: `127.0.0.1:${port}`, ...KEYS, ...keys });
}

function sendTo(
  port: number,
  given: { keys?: object; message?: Message; thread?: Receipt; signal?: AbortSignal } = {},
): Promise<Outcome> {
  const options = optionsFor(port, { ...given.keys });
  const payload = emailChannel.render(given.message ?? sampleMessage(), given.thread, options);
  return emailChannel.send(payload, options, io, given.signal ?? AbortSignal.timeout(10_000));
}

describe('what the SMTP server does decides what becomes of the mail', () => {
  test.each<[string, readonly SmtpFailure[], object]>([
    [
      'taken is delivered',
      [],
      { kind: 'delivered', receipt: { message_id: expect.stringMatching(/^<tocsin\.[0-9a-f]{32}@example\.com>$/) } },
    ],
    ['421 at once is tried again', [{ at: 'connect', how: 421 }], { kind: 'retry', reason: { kind: 'rate_limited' } }],
    ['554 at once is rejected', [{ at: 'connect', how: 554 }], { kind: 'rejected' }],
    ['a refused sender is rejected', [{ at: 'mail', how: 550 }], { kind: 'rejected' }],
    [
      '450 for all recipients is tried again',
      [{ at: 'recipient', how: 450 }],
      { kind: 'retry', reason: { kind: 'rate_limited' } },
    ],
    [
      '550 for all recipients is rejected',
      [{ at: 'recipient', how: 550 }],
      { kind: 'rejected', reason: { kind: 'refused_recipient' } },
    ],
    [
      '550 for one and 450 for the other is tried again',
      [
        { at: 'recipient', how: 550, recipient: 'todo@example.com' },
        { at: 'recipient', how: 450, recipient: 'lead@example.com' },
      ],
      { kind: 'retry' },
    ],
    [
      'one accepted recipient is delivered, with a warning',
      [{ at: 'recipient', how: 550, recipient: 'lead@example.com' }],
      { kind: 'delivered', warning: { kind: 'refused_recipient', text: 'the server refused lead@example.com' } },
    ],
    ['451 after the mail is tried again', [{ at: 'end-of-data', how: 451 }], { kind: 'retry', reason: { kind: 'rate_limited' } }],
    [
      '554 after the mail is rejected',
      [{ at: 'end-of-data', how: 554 }],
      { kind: 'rejected', reason: { kind: 'invalid_payload' } },
    ],
    ['a line dropped at once is tried again', [{ at: 'connect', how: 'drop' }], { kind: 'retry', reason: { kind: 'network' } }],
    [
      'a line dropped before the mail is tried again',
      [{ at: 'recipient', how: 'drop' }],
      { kind: 'retry', reason: { kind: 'network' } },
    ],
    [
      'a line dropped after the mail may have been too late',
      [{ at: 'end-of-data', how: 'drop' }],
      { kind: 'unknown', reason: { kind: 'network' } },
    ],
  ])('%s', async (_name, failures, expected) => {
    await using server = await startSmtpServer();
    server.fail(...failures);
    expect(await sendTo(server.port)).toMatchObject(expected);
  });

  test.each<[string, SmtpFailure['at'], string]>([
    ['before the greeting is tried again', 'connect', 'retry'],
    ['before the mail is tried again', 'recipient', 'retry'],
    ['after the mail may have been too late', 'end-of-data', 'unknown'],
  ])('silence %s', async (_name, at, kind) => {
    await using server = await startSmtpServer();
    server.fail({ at, how: 'hang' });
    const stop = new AbortController();
    const sent = sendTo(server.port, { signal: stop.signal });
    await server.failed();
    stop.abort(new DOMException('too late', 'TimeoutError'));
    expect(await sent).toMatchObject({ kind, reason: { kind: 'timeout' } });
  });

  test('nobody listens: it is tried again', async () => {
    expect(await sendTo(9)).toMatchObject({ kind: 'retry', reason: { kind: 'network' } });
  });
});

describe('TLS and login', () => {
  test.each<[string, SmtpRecorderOptions, object, object, object | undefined]>([
    [
      'required and missing: nothing is sent',
      { tls: 'none' },
      { require_tls: true },
      { kind: 'retry', reason: { kind: 'tls' } },
      undefined,
    ],
    [
      'a certificate that nobody signed: nothing is sent',
      { tls: 'starttls' },
      { require_tls: true },
      { kind: 'retry', reason: { kind: 'tls' } },
      undefined,
    ],
    ['STARTTLS', { tls: 'starttls' }, { require_tls: true, verify_certificate: false }, { kind: 'delivered' }, { secure: true }],
    [
      'a certificate of an authority that is named',
      { tls: 'starttls' },
      { require_tls: true, ca: TEST_CERTIFICATE },
      { kind: 'delivered' },
      { secure: true },
    ],
    ['STARTTLS where it is offered', { tls: 'starttls' }, { verify_certificate: false }, { kind: 'delivered' }, { secure: true }],
    [
      'from the first byte',
      { tls: 'implicit' },
      { implicit_tls: true, verify_certificate: false },
      { kind: 'delivered' },
      { secure: true },
    ],
    [
      'from the first byte, not trusted',
      { tls: 'implicit' },
      { implicit_tls: true },
      { kind: 'retry', reason: { kind: 'tls' } },
      undefined,
    ],
    ['no TLS at all', { tls: 'none' }, {}, { kind: 'delivered' }, { secure: false }],
    [
      'a login',
      { tls: 'none', login: { username: 'u', password: 'pass-word' } },
      { auth_username: 'u', auth_password: secret('pass-word') },
      { kind: 'delivered' },
      { user: 'u' },
    ],
    [
      'a wrong password',
      { tls: 'none', login: { username: 'u', password: 'pass-word' } },
      { auth_username: 'u', auth_password: secret('another') },
      { kind: 'rejected', reason: { kind: 'unauthorized' } },
      undefined,
    ],
    [
      'no login where one is needed',
      { tls: 'none', login: { username: 'u', password: 'pass-word' } },
      {},
      { kind: 'rejected', reason: { kind: 'unauthorized' } },
      undefined,
    ],
  ])('%s', async (_name, server, keys, outcome, mail) => {
    await using smtp = await startSmtpServer(server);
    expect(await sendTo(smtp.port, { keys })).toMatchObject(outcome);
    expect(smtp.mails).toEqual(mail === undefined ? [] : [expect.objectContaining(mail)]);
  });
});

describe('a mail', () => {
  test('arrives with its addresses, subject, text and HTML', async () => {
    await using server = await startSmtpServer();
    await sendTo(server.port, { keys: { cc: 'copy@example.com', bcc: 'hidden@example.com', reply_to: 'answers@example.com' } });
    const [mail] = server.mails;
    expect(mail).toMatchObject({
      envelope: {
        from: 'tocsin@example.com',
        to: ['todo@example.com', 'lead@example.com', 'copy@example.com', 'hidden@example.com'],
      },
      from: '"Tocsin Süd" <tocsin@example.com>',
      to: 'todo@example.com, "Lead" <lead@example.com>',
      cc: 'copy@example.com',
      subject: 'Critical: stub fails on /todos/',
    });
    expect(mail?.headers.get('auto-submitted')).toBe('auto-generated');
    expect(mail?.headers.get('date')).toEqual(new Date(AT));
    expect(mail?.text).toContain('GET /todos/ 503 upstream <db> did not answer');
    expect(mail?.html).toContain('upstream &#60;db&#62; did not answer');
    expect(mail?.headers.has('bcc')).toBe(false);
    expect(JSON.stringify([mail?.text, mail?.html])).not.toContain('hidden@example.com');
  });

  test('is a repeat when it is sent again, and so has the same Message-ID', async () => {
    await using server = await startSmtpServer();
    await sendTo(server.port);
    await sendTo(server.port);
    expect(server.mails[0]?.messageId).toBe(server.mails[1]?.messageId);
  });

  test('about an incident stands in one thread with the first, however that one ended', async () => {
    await using server = await startSmtpServer();
    const first = await sendTo(server.port);
    const receipt = first.kind === 'delivered' ? first.receipt : undefined;
    const reminder = await sendTo(server.port, { message: INCIDENT['reminder'], thread: receipt } as Parameters<
      typeof sendTo
    >[1]);
    await sendTo(server.port, { message: INCIDENT['resolved'] } as Parameters<typeof sendTo>[1]);
    const [one, two, three] = server.mails;
    expect(two).toMatchObject({ inReplyTo: one?.messageId, references: [one?.references[0], one?.messageId] });
    const again = emailChannel.render(INCIDENT['reminder'] as Message, receipt, optionsFor(server.port));
    expect(two?.subject).toBe(again['subject']);
    expect(reminder).toMatchObject({ receipt });
    // The receipt was lost: the thread still holds by the incident's own reference.
    expect(three?.references).toEqual([one?.references[0]]);
    expect(new Set(server.mails.map(({ messageId }) => messageId)).size).toBe(3);
  });

  test('cannot be given headers by a title', async () => {
    await using server = await startSmtpServer();
    const title = 'x\r\nBcc: evil@example.com\r\nSubject: y\r\n\r\nbody';
    await sendTo(server.port, {
      message: sampleMessage({
        title: firingTitle(title),
        alerts: [sampleAlert({ title, text: '\r\n.\r\nMAIL FROM:<evil@example.com>\r\n' })],
      }),
    });
    const [mail] = server.mails;
    expect(server.mails).toHaveLength(1);
    expect(mail?.headers.has('bcc')).toBe(false);
    expect(mail?.envelope.to).not.toContain('evil@example.com');
    expect(mail?.subject).toBe('Critical: x Bcc: evil@example.com Subject: y body');
  });

  test('cannot be given markup by a document', () => {
    const evil = `</td></table><script>alert(1)</script><img src=x onerror="x"> " ' javascript:alert(1)`;
    const fields = { [evil]: evil, message: evil };
    const links = [
      { label: evil, url: 'javascript:alert(1)' },
      { label: evil, url: 'https://example.com/"><script>' },
    ];
    const evidence = {
      documents: [{ at: AT, fields }],
      top: [{ field: evil, values: [{ value: evil, count: 1 }] }],
      traceIds: [evil],
      logs: [{ at: AT, level: evil, service: evil, text: evil, traceId: evil, count: 2 }],
    };
    const alert = sampleAlert({
      title: evil,
      text: evil,
      group: { [evil]: evil },
      facts: [{ label: evil, value: evil }],
      evidence,
      links,
    });
    for (const alerts of [[alert], [alert, alert]]) {
      const message = sampleMessage({
        title: firingTitle(evil),
        text: evil,
        severity: evil,
        receiver: evil,
        alerts,
        links,
        notes: [evil],
      });
      const { html } = emailChannel.render(message, undefined, optionsFor(9));
      expect(String(html)).not.toMatch(/<script|<img|href="javascript/);
      expect(String(html)).toContain('href="https://example.com/%22%3E%3Cscript%3E"');
    }
  });
});

describe('options that cannot work are refused', () => {
  test.each([
    ['a sender that is no address', { from: 'Tocsin' }],
    ['two senders', { from: 'a@example.com, b@example.com' }],
    ['a recipient with a line end', { to: ['a@example.com\nBcc: b@example.com'] }],
    ['an empty list within a text', { to: ', ,' }],
    ['a user name without a password', { auth_username: 'u' }],
    ['a password without a user name', { auth_password: secret('p') }],
    ['port 0', { smarthost: 'localhost:0' }],
    ['port 70000', { smarthost: 'localhost:70000' }],
  ])('%s', (_name, keys) => {
    expect(() => optionsFor(25, keys)).toThrow(TocsinError);
  });

  test.each([
    ['mail.example.com:587', 'mail.example.com', 587, false],
    ['mail.example.com:465', 'mail.example.com', 465, true],
    ['[::1]:25', '::1', 25, false],
  ])('%s is %s, port %i, TLS from the first byte: %j', (smarthost, host, port, implicitTls) => {
    expect(emailChannel.read({ ...KEYS, smarthost })).toMatchObject({ host, port, implicitTls });
  });
});

describe('the chart of a message', () => {
  const png = Buffer.from('\x89PNG a picture', 'latin1').toString('base64');
  const chart = { png, text: 'Chart: used of limit, "97 %"', width: 584, height: 200 };

  test('is within the mail, as the HTML part shows it', async () => {
    await using smtp = await startSmtpServer();
    expect(await sendTo(smtp.port, { message: sampleMessage({ chart }) })).toMatchObject({ kind: 'delivered' });
    const { raw, html } = smtp.mails[0] ?? { raw: '', html: '' };
    const cid = /Content-ID: <(chart\.[0-9a-f]+@example\.com)>/i.exec(raw)?.[1];
    expect(raw).toMatch(/multipart\/related/);
    expect(raw).toMatch(/Content-Disposition: inline/i);
    expect(raw.replaceAll('\r\n', '')).toContain(png);
    // The parser puts the picture itself where the mail refers to it.
    expect(html).toContain(`src="data:image/png;base64,${png}"`);
    expect(html).toContain('alt="Chart: used of limit, &#34;97 %&#34;"');
    expect(cid).toBeDefined();
  });

  test('is wanted unless the destination says otherwise', () => {
    expect([emailChannel.charts?.(optionsFor(25)), emailChannel.charts?.(optionsFor(25, { chart: false }))]).toEqual([
      true,
      false,
    ]);
  });
});
