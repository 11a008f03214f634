import { describe, expect, test } from 'vitest';
import { inUnit, unitNamed, unitOfName } from '../../../src/core/units.ts';

describe('what the name of a field says', () => {
  test.each([
    ['kubernetes.container.memory.usage.bytes', 'bytes'],
    ['system.memory.actual.used.pct', 'ratio'],
    ['system.process.cpu.total.norm.pct', 'ratio'],
    ['event.duration', 'nanoseconds'],
    ['transaction.duration.us', 'microseconds'],
    ['transaction.duration.histogram', 'microseconds'],
    ['http.server.request.duration', 'seconds'],
    ['metrics.http.server.request.duration', 'seconds'],
    ['http_request_duration_seconds', 'seconds'],
    ['process_cpu_seconds_total', 'seconds'],
    ['prometheus.metrics.node_memory_MemAvailable_bytes', 'bytes'],
    ['nodejs.eventloop.delay.avg.ms', 'milliseconds'],
    ['nodejs.eventloop.delay.ns', 'nanoseconds'],
    ['response_time_ms', 'milliseconds'],
    ['latencyMs', 'milliseconds'],
    ['heapUsedBytes', 'bytes'],
    ['latency_s', 'seconds'],
    ['kubernetes.container.cpu.usage.nanocores', 'nanocores'],
    ['host.cpu.usage', 'ratio'],
    ['system.cpu.utilization', 'ratio'],
    ['os.cpu.percent', 'percent'],
    ['disk.bytes_per_second', 'bytes/s'],
    ['requests_per_sec', '/s'],
    ['jvm.memory.max_mb', 'mebibytes'],
    ['p95_ms', 'milliseconds'],
    ['used.bytes.p95', 'bytes'],
  ])('%s is in %s', (name, unit) => expect(unitOfName(name)).toBe(unit));

  test.each([
    'system.load.1',
    'http.response.status_code',
    'latency.min',
    'time.hour',
    'birth.day',
    'count',
    'rate.s',
    'bytes.rate_limited',
    'http_requests_total',
    '',
    '.',
    '__proto__',
    'constructor',
    'x'.repeat(10_000),
  ])('%s says nothing', (name) => expect(unitOfName(name)).toBeUndefined());
});

test.each([
  ['B/s', 'bytes/s'],
  ['micros', 'microseconds'],
  ['%', 'percent'],
  ['requests/min', 'requests/min'],
  ['EUR', 'EUR'],
  ['__proto__', '__proto__'],
])('the unit %s is %s', (text, unit) => expect(unitNamed(text)).toBe(unit));

describe('values for people', () => {
  test.each([
    [261_265_517, 'bytes', '249 MiB'],
    [0, 'bytes', '0 B'],
    [1_023, 'bytes', '1,023 B'],
    [1_024, 'bytes', '1 KiB'],
    [1_048_575, 'bytes', '1 MiB'],
    [-1_536, 'bytes', '-1.5 KiB'],
    ['9223372036854775807', 'bytes', '8 EiB'],
    [1e30, 'bytes', '867,361,737,988 EiB'],
    [5 * 1_024, 'kibibytes', '5 MiB'],
    [1_500_000, 'bits/s', '1.5 Mbit/s'],
    [0.9694, 'ratio', '97 %'],
    [0.0523, 'ratio', '5.2 %'],
    [1, 'ratio', '100 %'],
    [0.9961, 'ratio', '99.6 %'],
    [0.999999, 'ratio', '99.9999 %'],
    [4.5, 'ratio', '450 %'],
    [0, 'ratio', '0 %'],
    [1e-9, 'ratio', '0.0000001 %'],
    [97.2, 'percent', '97 %'],
    [2_300_000, 'microseconds', '2.3 s'],
    [350, 'milliseconds', '350 ms'],
    [999.9, 'milliseconds', '1 s'],
    [850, 'nanoseconds', '850 ns'],
    [12_500, 'nanoseconds', '12.5 µs'],
    [125, 'seconds', '2m 5s'],
    [3, 'days', '3d'],
    [0, 'seconds', '0 s'],
    [-90, 'seconds', '-1m 30s'],
    [1e30, 'seconds', '1.16e+25 d'],
    [250_000_000, 'nanocores', '0.25 CPU'],
    [1_500, 'millicores', '1.5 CPU'],
    [1_234, 'requests', '1,234 requests'],
    [12, 'requests/min', '12 requests/min'],
    [12.345, '/s', '12.35/s'],
    [7, undefined, '7'],
    [261_265_517, undefined, '261,265,517'],
    [0.93456, undefined, '0.9346'],
    [0.00001234, undefined, '1.234e-5'],
    ['1703462528114626664', undefined, '1703462528114626664'],
    ['1703462528114626664', 'orders', '1,703,462,528,114,626,664 orders'],
    [1_703_462_528_114_626_664n, undefined, '1,703,462,528,114,626,664'],
    [null, 'bytes', 'no value'],
    [Number.NaN, 'bytes', 'NaN'],
    [Number.POSITIVE_INFINITY, 'seconds', 'Infinity'],
    ['down', 'bytes', 'down'],
    ['2026-01-01T00:00:00.000Z', 'seconds', '2026-01-01T00:00:00.000Z'],
    [true, 'bytes', 'true'],
    [7, '__proto__', '7 __proto__'],
  ] as const)('%s in %s is %s', (value, unit, text) => expect(inUnit(value, unit)).toBe(text));

  test('as its readers write numbers', () => {
    expect(inUnit(1_234.5, 'requests', 'de-DE')).toBe('1.235 requests');
    expect(inUnit(1_536, 'bytes', 'de-DE')).toBe('1,5 KiB');
  });

  test('with more digits where two values are to be told apart', () => {
    expect(inUnit(0.9496, 'ratio')).toBe('95 %');
    expect(inUnit(0.9496, 'ratio', 'en-GB', 2)).toBe('94.96 %');
  });
});
