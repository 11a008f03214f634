import { describe, expect, it, test } from 'vitest';
import { logLines, type Wanted } from '../../../src/evaluation/log-lines.ts';
import { isAlarming } from '../../../src/messages/wording.ts';
import type { Fields } from '../../../src/search/answer.ts';
import { TRACE_LOGS } from '../../../src/search/trace-logs.ts';

const NOON = Date.parse('2026-01-01T12:00:00.000Z');
const DOCUMENTS = [{ at: NOON, fields: { 'url.path': '/todos/' } }];

const hit = (seconds: number, fields: Fields) => ({ at: NOON + seconds * 1_000, fields });
const linesOf = (hits: Parameters<typeof logLines>[0], given: Partial<Wanted['logs']> = {}, documents = DOCUMENTS) =>
  logLines(hits, { logs: { ...TRACE_LOGS, ...given }, documents });

describe('a document of a log is one line', () => {
  test.each<[string, Fields, { readonly level: string; readonly service: string; readonly text: string } | undefined]>([
    [
      'of Elastic Agent',
      { message: ['GET /todos/ failed'], 'log.level': ['ERROR'], 'service.name': ['stub'], 'trace.id': ['t'] },
      { level: 'ERROR', service: 'stub', text: 'GET /todos/ failed' },
    ],
    [
      'of APM Server, which gives errors no level',
      { message: ['connection refused'], 'error.exception.message': ['connection refused'], 'service.name': ['stub'] },
      { level: 'error', service: 'stub', text: 'connection refused' },
    ],
    [
      'of APM Server, with the error beside what was being done',
      { message: ['list todos'], 'error.message': ['connection refused'] },
      { level: 'error', service: '', text: 'list todos: connection refused' },
    ],
    [
      'of the OpenTelemetry Collector',
      { 'body.text': ['todos listed'], severity_text: ['INFO'], 'resource.attributes.service.name': ['stub'], trace_id: ['t'] },
      { level: 'INFO', service: 'stub', text: 'todos listed' },
    ],
    [
      'of the OpenTelemetry Collector, an exception without a body',
      { 'exception.message': ['connection refused'], 'service.name': ['stub'] },
      { level: 'error', service: 'stub', text: 'connection refused' },
    ],
    [
      'with a level as a number only',
      { 'body.text': ['it broke'], severity_number: [17] },
      { level: 'error', service: '', text: 'it broke' },
    ],
    [
      'of a container whose JSON nobody parsed',
      { message: ['{"msg":"it broke","level":"error","service.name":"stub","password":"x"}'] },
      { level: 'error', service: 'stub', text: 'it broke' },
    ],
    ['of JSON that has no message', { message: ['{"a":1}'] }, { level: '', service: '', text: '{"a":1}' }],
    ['of what only looks like JSON', { message: ['{broken'] }, { level: '', service: '', text: '{broken' }],
    [
      'with the top of its stack trace, without its message twice',
      {
        message: ['TypeError: x'],
        'error.stack_trace': ['TypeError: x\n  at a (a.js:1)\n  at b (b.js:2)\n\n  at c\n  at d\n  at e'],
      },
      { level: 'error', service: '', text: 'TypeError: x\n  at a (a.js:1)\n  at b (b.js:2)\n  at c\n… 2 more' },
    ],
    [
      'with a stack trace alone',
      { 'exception.stacktrace': ['goroutine 1 [running]:\nmain.main()'] },
      { level: 'error', service: '', text: 'goroutine 1 [running]:\nmain.main()' },
    ],
    ['without a text is none', { 'log.level': ['error'], 'service.name': ['stub'] }, undefined],
    ['with an empty text is none', { message: [' '] }, undefined],
    [
      'in fields that were configured',
      { text: ['it broke'], sev: ['FATAL'], app: ['stub'], traceId: ['t'] },
      { level: 'FATAL', service: 'stub', text: 'it broke' },
    ],
  ])('%s', (_name, fields, expected) => {
    const configured = { trace: ['trace.id', 'traceId'], message: ['text'], level: ['sev'], service: ['app'] };
    const given = 'text' in fields ? { fields: configured } : {};
    const lines = linesOf([hit(0, fields)], given);
    expect(lines).toMatchObject(expected === undefined ? [] : [expected]);
    expect(lines).toHaveLength(expected === undefined ? 0 : 1);
  });

  test('of bounded length, and never half a character', () => {
    const [line] = linesOf([
      hit(0, { message: [`${'a'.repeat(499)}😀${'b'.repeat(1_000_000)}`], 'service.name': ['s'.repeat(500)] }),
    ]);
    expect(line?.text).toBe(`${'a'.repeat(499)}…`);
    expect(line?.service).toHaveLength(101);
  });
});

describe('the lines that are chosen', () => {
  const message = (text: string, level: string, more: Fields = {}) => ({ message: [text], 'log.level': [level], ...more });

  it('are errors before others, whatever letters their level is written in, in the order of time', () => {
    const hits = [
      hit(30, message('late', 'error')),
      hit(1, message('near', 'info')),
      hit(-5, message('fatal', 'Fatal')),
      hit(40, message('emergency', 'EMERG')),
    ];
    expect(linesOf(hits, { lines: 3 }).map(({ text }) => text)).toEqual(['fatal', 'late', 'emergency']);
    expect(linesOf(hits, { lines: 4 }).map(({ text }) => text)).toEqual(['fatal', 'near', 'late', 'emergency']);
  });

  test.each(['ERROR2', 'FATAL4', 'Severe', 'DPANIC', 'emerg', 'CRIT', ' err '])(
    'count %j as an error, as messages do',
    (level) => {
      const lines = linesOf([hit(0, message('near', 'INFO')), hit(30, message('it broke', level))], { lines: 1 });
      expect(lines.map(({ text }) => text)).toEqual(['it broke']);
      expect(lines.every(isAlarming)).toBe(true);
    },
  );

  it('are those nearest to the documents of the alert', () => {
    const hits = [-90, -20, 2, 25, 3].map((seconds) => hit(seconds, message(`at ${seconds}`, 'info')));
    expect(linesOf(hits, { lines: 2 }).map(({ text }) => text)).toEqual(['at 2', 'at 3']);
  });

  it('are one where several say the same, with their count and the nearest of them', () => {
    const same = (seconds: number, trace: string) => hit(seconds, message('pool exhausted', 'WARN', { 'trace.id': [trace] }));
    const other = hit(5, message('pool exhausted', 'warn', { 'service.name': ['checkout'] }));
    expect(linesOf([same(-40, 'a'), same(-2, 'b'), other, same(9, 'c')])).toEqual([
      { at: NOON - 2_000, level: 'WARN', service: '', text: 'pool exhausted', trace_id: 'b', count: 3 },
      { at: NOON + 5_000, level: 'warn', service: 'checkout', text: 'pool exhausted', trace_id: '' },
    ]);
  });

  it('are not those that are shown as documents already', () => {
    const documents = [{ at: NOON, fields: { message: 'GET /todos/ failed', 'url.path': '/todos/' } }];
    const hits = [hit(0, message('GET /todos/ failed', 'error')), hit(1, message('GET /todos/ failed', 'error'))];
    expect(linesOf(hits, {}, documents).map(({ at, count }) => [at, count])).toEqual([[NOON + 1_000, undefined]]);
  });
});
