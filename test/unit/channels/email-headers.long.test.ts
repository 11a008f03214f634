import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import { describe, expect, test } from 'vitest';
import { emailChannel } from '../../../src/channels/email/email.ts';
import { headerText } from '../../../src/channels/email/encoded-words.ts';
import { secret } from '../../../src/core/secret.ts';
import { startSmtpServer } from '../../support/smtp-server.ts';
import { AT, firingTitle, sampleMessage } from './samples.ts';

const io = { fetch, print: () => undefined, now: AT };
const KEYS = { require_tls: false, from: 'tocsin@example.com', to: ['todo@example.com'], hello: 'tocsin.test' };

describe('a subject is shown as it is, whatever a document put into it', () => {
  test.each([
    ['an encoded word', '=?utf-8?B?VVJHRU5UOiBwYXkgbm93?='],
    ['one in quoted-printable', 'x =?iso-8859-1?Q?=55=52=47?= y'],
    ['two that belong together', '=?utf-8?Q?a?= =?utf-8?Q?b?='],
    ['one amid other scripts', 'Größe =?utf-8?B?QUJD?= 温度'],
    ['a long one', `=?utf-8?B?${Buffer.from('x'.repeat(40)).toString('base64')}?= ${'wörter '.repeat(20)}`.trim()],
    ['plain words', 'stub fails on /todos/'],
  ])('%s', async (_what, title) => {
    await using server = await startSmtpServer();
    const options = emailChannel.read({ smarthost: `127.0.0.1:${server.port}`, ...KEYS });
    const payload = emailChannel.render(sampleMessage({ title: firingTitle(title) }), undefined, options);
    const outcome = await emailChannel.send(payload, options, io, AbortSignal.timeout(10_000));
    expect(outcome.kind).toBe('delivered');
    const [mail] = server.mails;
    expect(mail?.subject).toBe(payload['subject']);
    expect(mail?.subject).toContain(title);
    for (const line of mail?.raw.split('\r\n') ?? [])
      if (line.includes('=?UTF-8?B?')) expect(line.length).toBeLessThanOrEqual(78);
  });

  test('any text comes back from a parser as it went in', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 80 }), async (given) => {
        const text = `a${given.replace(/[\p{C}\s]+/gu, ' ')}z`;
        expect((await simpleParser(`Subject: ${headerText(text)}\r\n\r\nx`)).subject).toBe(text);
      }),
      { numRuns: 200 },
    );
  });
});

test.each(['=?utf-8?B?QUJD?= <a@example.com>', '"a\u202eb" <a@example.com>', '"a\u200bb" <a@example.com>'])(
  'a name of an address that clients would show otherwise is refused: %j',
  (to) => {
    expect(() => emailChannel.read({ smarthost: '127.0.0.1:25', ...KEYS, to: [to] })).toThrow('invalid e-mail address');
  },
);

describe('an answer that echoes the login', () => {
  const login = { auth_username: 'mailer-login', auth_password: 'hunter2-hunter2' };
  const forms = [
    'mailer-login',
    'hunter2-hunter2',
    Buffer.from('mailer-login').toString('base64'),
    Buffer.from('hunter2-hunter2').toString('base64'),
    Buffer.from('\0mailer-login\0hunter2-hunter2').toString('base64'),
  ];

  test('is shown without it, in whatever form, after a send and a look', async () => {
    const server = createServer((socket) => {
      socket.write('220 hello\r\n');
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        const line = chunk.toString();
        if (line.startsWith('EHLO')) socket.write('250-x\r\n250 AUTH PLAIN LOGIN\r\n');
        else if (line.startsWith('QUIT')) socket.end('221 bye\r\n');
        else socket.write(`535 5.7.8 no: ${forms.join(' ')}\r\n`);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { port } = server.address() as AddressInfo;
      const options = emailChannel.read({
        smarthost: `127.0.0.1:${port}`,
        ...KEYS,
        ...login,
        auth_password: secret(login.auth_password),
      });
      const payload = emailChannel.render(sampleMessage(), undefined, options);
      const outcome = await emailChannel.send(payload, options, io, AbortSignal.timeout(10_000));
      const probed = await emailChannel.probe?.(options, AbortSignal.timeout(10_000));
      for (const said of [JSON.stringify(outcome), JSON.stringify(probed)]) {
        expect(said).toContain('5.7.8');
        for (const form of forms) expect(said).not.toContain(form);
      }
    } finally {
      server.close();
    }
  });
});
