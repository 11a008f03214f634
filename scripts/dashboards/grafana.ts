/** A chart of the dashboard: its title, what it asks Prometheus for with a legend each, and its unit. */
interface Chart {
  readonly title: string;
  readonly queries: readonly (readonly [query: string, legend: string])[];
  readonly unit?: string;
  readonly kind?: 'timeseries' | 'stat';
  readonly description?: string;
}

const ROWS: readonly (readonly [string, readonly Chart[]])[] = [
  [
    'Is Tocsin well?',
    [
      {
        title: 'Store',
        kind: 'stat',
        queries: [['min(tocsin_store_up{job=~"$job"})', 'up']],
        description: '1: the state can be read and written.',
      },
      {
        title: 'Health alerts',
        kind: 'stat',
        queries: [['max(sum by (instance) (tocsin_health_alerts{job=~"$job"})) or vector(0)', 'firing']],
      },
      { title: 'Rules failing', kind: 'stat', queries: [['sum(tocsin_rules_failing{job=~"$job"})', 'failing']] },
      { title: 'Rule files that do not load', kind: 'stat', queries: [['max(tocsin_rule_files_bad{job=~"$job"})', 'files']] },
      {
        title: 'Oldest undelivered notification',
        kind: 'stat',
        unit: 's',
        queries: [['max(tocsin_oldest_undelivered_seconds{job=~"$job"})', 'waiting']],
      },
      { title: 'Failing tasks', queries: [['max by (task) (tocsin_task_failing{job=~"$job"})', '{{task}}']] },
      {
        title: 'Heartbeats',
        queries: [['sum by (outcome) (rate(tocsin_heartbeat_total{job=~"$job"}[$__rate_interval]))', '{{outcome}}']],
      },
      {
        title: 'Buttons and commands in Slack',
        queries: [
          [
            'sum by (kind, outcome) (increase(tocsin_slack_interactions_total{job=~"$job"}[$__rate_interval]))',
            '{{kind}}: {{outcome}}',
          ],
        ],
      },
      {
        title: 'Internal errors, aborted turns and invalid documents',
        queries: [
          ['sum by (kind) (increase(tocsin_internal_errors_total{job=~"$job"}[$__rate_interval]))', 'error: {{kind}}'],
          ['sum(increase(tocsin_broken_turns_total{job=~"$job"}[$__rate_interval]))', 'aborted turns'],
          ['sum by (kind) (increase(tocsin_invalid_documents_total{job=~"$job"}[$__rate_interval]))', 'invalid: {{kind}}'],
        ],
      },
      {
        title: 'Store problems, unsaved writes and history',
        queries: [
          ['sum(increase(tocsin_store_problems_total{job=~"$job"}[$__rate_interval]))', 'store problems'],
          ['sum by (why) (increase(tocsin_unsaved_total{job=~"$job"}[$__rate_interval]))', 'unsaved: {{why}}'],
          ['max(tocsin_history_unwritable{job=~"$job"})', 'indices of the history'],
        ],
      },
      {
        title: 'Configuration',
        queries: [
          ['min(tocsin_config_last_reload_successful{job=~"$job"})', 'last reload succeeded'],
          ['time() - max(tocsin_config_last_reload_success_timestamp_seconds{job=~"$job"})', 'age, s'],
        ],
      },
    ],
  ],
  [
    'What fires',
    [
      {
        title: 'Alerts by status and severity',
        queries: [['sum by (status, severity) (tocsin_alerts{job=~"$job"})', '{{status}} {{severity}}']],
      },
      {
        title: 'Transitions',
        queries: [['sum by (kind) (increase(tocsin_transitions_total{job=~"$job"}[$__rate_interval]))', '{{kind}}']],
      },
      {
        title: 'Held back',
        queries: [
          ['sum(tocsin_alerts_flapping{job=~"$job"})', 'flapping'],
          ['sum(tocsin_alerts_held{job=~"$job"})', 'held for a silent source'],
          ['sum by (by) (tocsin_alerts_suppressed{job=~"$job"})', 'suppressed: {{by}}'],
          ['sum(tocsin_alerts_acknowledged{job=~"$job"})', 'acknowledged'],
          ['sum(tocsin_alerts_muted{job=~"$job"})', 'muted by time intervals'],
          ['max by (state) (tocsin_silences{job=~"$job"})', 'silences: {{state}}'],
          ['sum(tocsin_sources_silent{job=~"$job"})', 'silent sources'],
        ],
      },
      {
        title: 'Notifications',
        queries: [
          [
            'sum by (receiver, outcome) (increase(tocsin_notifications_total{job=~"$job"}[$__rate_interval]))',
            '{{receiver}} {{outcome}}',
          ],
        ],
      },
    ],
  ],
  [
    'Evaluations',
    [
      {
        title: 'Evaluations',
        queries: [
          ['sum by (type, outcome) (rate(tocsin_evaluations_total{job=~"$job"}[$__rate_interval]))', '{{type}} {{outcome}}'],
        ],
        unit: 'ops',
      },
      {
        title: 'Problems of searches',
        queries: [['sum by (code) (increase(tocsin_search_problems_total{job=~"$job"}[$__rate_interval]))', '{{code}}']],
      },
      { title: 'Time of the cluster for one evaluation', unit: 's', queries: quantiles('tocsin_search_seconds') },
      { title: 'From the tick to its evaluation', unit: 's', queries: quantiles('tocsin_evaluation_lag_seconds') },
      { title: 'Duration of turns', unit: 's', queries: quantiles('tocsin_turn_seconds') },
      {
        title: 'Late and skipped',
        queries: [
          ['sum(increase(tocsin_skipped_ticks_total{job=~"$job"}[$__rate_interval]))', 'skipped ticks'],
          ['sum(increase(tocsin_gaps_total{job=~"$job"}[$__rate_interval]))', 'gaps'],
        ],
      },
      {
        title: 'Rules and shards',
        queries: [
          ['max(tocsin_rules{job=~"$job"})', 'rules'],
          ['sum by (instance) (tocsin_shards_held{job=~"$job"})', 'shards of {{instance}}'],
        ],
      },
      {
        title: 'Process',
        queries: [
          ['sum by (instance) (rate(process_cpu_seconds_total{job=~"$job"}[$__rate_interval]))', 'CPU of {{instance}}'],
          ['max by (instance) (nodejs_eventloop_lag_p99_seconds{job=~"$job"})', 'event loop p99 of {{instance}}'],
        ],
      },
      {
        title: 'Memory',
        unit: 'bytes',
        queries: [['sum by (instance) (process_resident_memory_bytes{job=~"$job"})', '{{instance}}']],
      },
      {
        title: 'Versions',
        queries: [['count by (version, namespace) (tocsin_build_info{job=~"$job"})', '{{version}} {{namespace}}']],
      },
      {
        title: 'Alerts of other systems',
        queries: [
          ['sum(tocsin_received_alerts{job=~"$job"})', 'firing'],
          ['sum(tocsin_received_alerts_waiting{job=~"$job"})', 'waiting'],
          ['sum by (outcome) (rate(tocsin_received_alerts_total{job=~"$job"}[$__rate_interval]))', '{{outcome}} per second'],
        ],
      },
    ],
  ],
];

function quantiles(name: string): Chart['queries'] {
  return [0.5, 0.95, 0.99].map(
    (quantile) =>
      [
        `histogram_quantile(${quantile}, sum by (le) (rate(${name}_bucket{job=~"$job"}[$__rate_interval])))`,
        `p${quantile * 100}`,
      ] as const,
  );
}

const DATASOURCE = { type: 'prometheus', uid: '$datasource' };
const WIDTH = { stat: 4, timeseries: 8 } as const;
const ACROSS = 24;

/** The Grafana dashboard of Tocsin's metrics, as JSON that Grafana imports. */
export function grafanaDashboard(): string {
  const panels: object[] = [];
  let [x, y, id] = [0, 0, 0];
  for (const [row, charts] of ROWS) {
    panels.push({ type: 'row', id: ++id, title: row, collapsed: false, panels: [], gridPos: { x: 0, y, w: ACROSS, h: 1 } });
    [x, y] = [0, y + 1];
    for (const chart of charts) {
      const { kind = 'timeseries' } = chart;
      const [w, h] = [WIDTH[kind], kind === 'stat' ? 4 : 8];
      const below = panels.at(-1) as { readonly gridPos: { readonly h: number } };
      if (x + w > ACROSS || (x > 0 && below.gridPos.h !== h)) [x, y] = [0, y + below.gridPos.h];
      panels.push({ ...panelOf(chart, kind), id: ++id, gridPos: { x, y, w, h } });
      x += w;
    }
    y += 8;
  }
  const dashboard = {
    ...{ uid: 'tocsin', title: 'Tocsin', tags: ['tocsin'], schemaVersion: 39, version: 1, editable: true, refresh: '30s' },
    ...{ time: { from: 'now-6h', to: 'now' }, timezone: '', panels },
    templating: {
      list: [
        { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus' },
        {
          ...{
            name: 'job',
            label: 'Job',
            type: 'query',
            datasource: DATASOURCE,
            refresh: 2,
            includeAll: true,
            multi: true,
            allValue: '.*',
          },
          ...{
            query: { query: 'label_values(tocsin_build_info, job)', refId: 'job' },
            definition: 'label_values(tocsin_build_info, job)',
          },
        },
      ],
    },
  };
  return `${JSON.stringify(dashboard, undefined, 2)}\n`;
}

function panelOf({ title, queries, unit, description }: Chart, kind: 'timeseries' | 'stat') {
  return {
    ...{ type: kind, title, datasource: DATASOURCE, ...(description !== undefined && { description }) },
    fieldConfig: { defaults: { ...(unit !== undefined && { unit }), min: 0 }, overrides: [] },
    options:
      kind === 'stat' ? { reduceOptions: { calcs: ['lastNotNull'] } } : { legend: { displayMode: 'list', placement: 'bottom' } },
    targets: queries.map(([expr, legendFormat], place) => ({
      refId: String.fromCharCode(65 + place),
      datasource: DATASOURCE,
      expr,
      legendFormat,
    })),
  };
}
