import { execFile } from 'node:child_process';
import { access, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { run } from '../elasticsearch/command.ts';

const VERSION = 'v0.35.0';
const MODULE = 'github.com/prometheus/alertmanager';
const CACHE = path.resolve(process.env['TOCSIN_TEST_CACHE'] || '.cache', `amtool-${VERSION}`);

/** Alertmanager's own command line, and the description of the API that it speaks. */
export interface Amtool {
  /** Runs words against an address; gives its output, or throws with what it printed. */
  run(url: string, ...words: readonly string[]): Promise<string>;
  /** Path of Alertmanager's OpenAPI file. */
  readonly openapi: string;
}

/** Builds amtool from its module of Go, once; takes a minute. Throws one line that says what to install without Go. */
export async function amtool(): Promise<Amtool> {
  const file = path.join(CACHE, 'amtool');
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly', GOBIN: CACHE };
  const ifMissing = 'amtool is built with Go 1.25 or newer: install it from go.dev/dl, or from your distribution.';
  if (!(await exists(file))) {
    await mkdir(CACHE, { recursive: true });
    await run('go', ['install', `${MODULE}/cmd/amtool@${VERSION}`], { env, ifMissing });
  }
  const modules = (await run('go', ['env', 'GOMODCACHE'], { env, ifMissing })).trim();
  return {
    run: async (url, ...words) => (await promisify(execFile)(file, [`--alertmanager.url=${url}`, ...words])).stdout,
    openapi: path.join(modules, `${MODULE}@${VERSION}`, 'api/v2/openapi.yaml'),
  };
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
