import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import type { Requests } from '../../support/elasticsearch/request.ts';
import { startProgram } from '../process/pinned.ts';
import { quantile } from '../report/numbers.ts';
import type { Engine, Setting } from './engine.ts';
import { type Evaluation, lateness } from './lateness.ts';
import { elastalertRule } from './question.ts';

const run = promisify(execFile);

/** ElastAlert2 with its defaults, on one core; `programs` is the folder it is installed in. */
export function elastalert(programs: string): Engine<number> {
  return {
    name: 'ElastAlert2',
    start: async (setting) => {
      const { folder, client, every, questions } = setting;
      const writeback = `${setting.run}-elastalert`;
      await writeFiles(setting, writeback);
      await run(join(programs, 'elastalert-create-index'), ['--config', 'config.yaml'], { cwd: folder });
      const command = [join(programs, 'elastalert'), '--config', 'config.yaml'] as const;
      const program = startProgram(command, { cwd: folder, core: 0, log: join(folder, 'elastalert.log') });
      const records = () => evaluationsIn(client, `${writeback}_status`);
      return {
        programs: [program],
        evaluatedOnce: async () => Math.min(questions.length, new Set((await records()).map(({ rule }) => rule)).size),
        mark: async () => Date.now(),
        between: async (from, to) => {
          const all = await records();
          const late = lateness(all, every, from, to);
          return {
            evaluations: all.filter(({ at }) => at >= from && at < to).length,
            lateHalf: quantile(late, 0.5),
            lateMost: quantile(late, 0.99),
          };
        },
        stop: async () => {
          await program.stop();
          await client.removeIndices(writeback);
        },
      };
    },
  };
}

async function writeFiles({ folder, url, every, questions, hook, index }: Setting, writeback: string): Promise<void> {
  await mkdir(join(folder, 'rules'), { recursive: true });
  const { hostname, port, protocol, username, password } = new URL(url);
  const tls = protocol === 'https:';
  const config = {
    rules_folder: 'rules',
    run_every: { seconds: every },
    buffer_time: { minutes: 5 },
    es_host: hostname,
    es_port: Number(port === '' ? (tls ? 443 : 80) : port),
    use_ssl: tls,
    ...(username !== '' && { es_username: username, es_password: decodeURIComponent(password) }),
    writeback_index: writeback,
    alert_time_limit: { days: 2 },
    show_disabled_rules: false,
  };
  await writeFile(join(folder, 'config.yaml'), stringify(config));
  for (const question of questions)
    await writeFile(join(folder, 'rules', `${question.name}.yaml`), elastalertRule(question, { index, every, hook }));
}

const MOST = 10_000;

/** Every evaluation of the run: ElastAlert2 writes a document for each. */
async function evaluationsIn(client: Requests, index: string): Promise<readonly Evaluation[]> {
  await client.refresh(index);
  const body = { size: MOST, _source: ['rule_name', '@timestamp'], sort: [{ '@timestamp': 'asc' }] };
  const found = await client.json<{ hits: { hits: { _source: { rule_name: string; '@timestamp': string } }[] } }>(
    'POST',
    `/${index}/_search`,
    body,
  );
  return found.hits.hits.map(({ _source }) => ({ rule: _source.rule_name, at: Date.parse(_source['@timestamp']) }));
}
