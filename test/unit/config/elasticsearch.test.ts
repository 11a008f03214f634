import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCloudId } from '../../../src/config/elasticsearch.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { TEST_CERTIFICATE, TEST_KEY } from '../../support/certificate.ts';

const idOf = (text: string) => `shop:${Buffer.from(text).toString('base64')}`;

describe('a cloud id', () => {
  test.each([
    [
      'names a cluster below a domain',
      idOf('eu-west-1.aws.example.com$abc123$def456'),
      'https://abc123.eu-west-1.aws.example.com:443',
    ],
    ['may name no Kibana', idOf('example.com$abc123'), 'https://abc123.example.com:443'],
    ['may have the port of its domain', idOf('example.com:9243$abc123$def456'), 'https://abc123.example.com:9243'],
    ['may have a port of the cluster alone', idOf('example.com:9243$abc123:9244$def456'), 'https://abc123.example.com:9244'],
    [
      'may bear colons in its name',
      `my:shop:${Buffer.from('example.com$abc').toString('base64')}`,
      'https://abc.example.com:443',
    ],
    ['may bear no name', Buffer.from('example.com$abc').toString('base64'), 'https://abc.example.com:443'],
  ])('%s', (_name, id, url) => expect(readCloudId(id)).toBe(url));

  test.each([
    ['of text that is no base64', 'shop:not base64'],
    ['without a cluster', idOf('example.com')],
    ['without a domain', idOf('$abc')],
    ['with a path in it', idOf('example.com/x$abc')],
    ['with a login in it', idOf('example.com$user:pass@abc')],
    ['with a port that is none', idOf('example.com:99999$abc')],
    ['that is empty', 'shop:'],
  ])('%s is none', (_name, id) => expect(readCloudId(id)).toBeUndefined());
});

describe('elasticsearch', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tocsin-elasticsearch-'));
    const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const locked = { format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'sesame' } as const;
    const files = {
      'tls.crt': TEST_CERTIFICATE,
      'tls.key': TEST_KEY,
      'other.key': String(pair.privateKey.export({ format: 'pem', type: 'pkcs8' })),
      'locked.key': String(pair.privateKey.export(locked)),
      'text.pem': 'just words',
      'empty.key': '\n',
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text, { mode: 0o600 });
  });
  afterAll(() => rm(folder, { recursive: true }));

  const load = async (keys: string) => {
    const file = join(folder, 'tocsin.yaml');
    await writeFile(file, `elasticsearch: { ${keys} }\n`);
    return loadConfig(file, {});
  };

  test('is found by its cloud id', async () => {
    const checked = await load(`cloud_id: "${idOf('example.com$abc')}", api_key: abcdefgh`);
    expect(checked).toMatchObject({ ok: true, value: { elasticsearch: { urls: ['https://abc.example.com:443'] } } });
  });

  test('is shown a certificate, whose key is a secret', async () => {
    const checked = await load('url: "https://es:9200", cert_file: tls.crt, key_file: tls.key');
    if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
    expect(checked.problems).toEqual([]);
    const { certificate } = checked.value.elasticsearch;
    expect(certificate?.cert).toBe(TEST_CERTIFICATE);
    expect(certificate?.key.reveal()).toBe(TEST_KEY.trimEnd());
    expect(checked.value.secrets).toContain(certificate?.key);
    expect(JSON.stringify(checked.value)).not.toContain('PRIVATE KEY');
  });

  test.each([
    ['a cloud id that is none', 'cloud_id: shop', 'config/cloud-id', /copy it/],
    ['a cloud id and an address', `cloud_id: "${idOf('example.com$abc')}", url: "https://es:9200"`, 'config/both', /exclude/],
    ['a certificate without its key', 'cert_file: tls.crt', 'config/missing-key', /require each other/],
    ['a key without its certificate', 'key_file: tls.key', 'config/missing-key', /require each other/],
    ['the key of another certificate', 'cert_file: tls.crt, key_file: other.key', 'config/client-certificate', /do not match/],
    [
      'a key whose passphrase is missing',
      'cert_file: tls.crt, key_file: locked.key',
      'config/client-certificate',
      /key_passphrase/,
    ],
    ['a certificate that is none', 'cert_file: text.pem, key_file: tls.key', 'config/client-certificate', /text.pem/],
    ['a key that is none', 'cert_file: tls.crt, key_file: text.pem', 'config/client-certificate', /text.pem/],
    ['a key file that is empty', 'cert_file: tls.crt, key_file: empty.key', 'config/secret-file', /empty.key is empty/],
    ['a certificate that is not there', 'cert_file: none.crt, key_file: tls.key', 'config/file', /none.crt/],
  ])('%s is a problem that says what to do', async (_name, keys, code, words) => {
    const { problems } = await load(keys);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ code, severity: 'error' });
    expect(`${problems[0]?.message} ${problems[0]?.hint}`).toMatch(words);
    expect(JSON.stringify(problems)).not.toMatch(/just words|BEGIN/);
  });
});
