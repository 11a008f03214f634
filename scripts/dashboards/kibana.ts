/** Versions of the forms below, as Kibana 8.19 exports them: Kibana migrates what it imports from these. */
const CORE = '8.8.0';
const FORMS = { 'index-pattern': '8.0.0', search: '8.0.0', lens: '8.9.0', dashboard: '8.9.0' } as const;

type Kind = keyof typeof FORMS;

interface Reference {
  readonly type: Kind;
  readonly id: string;
  readonly name: string;
}

interface SavedObject {
  readonly id: string;
  readonly type: Kind;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly references: readonly Reference[];
}

const VIEWS = {
  'tocsin-alerts': { title: 'tocsin-alerts', name: 'Tocsin: episodes' },
  'tocsin-notifications': { title: 'tocsin-notifications', name: 'Tocsin: notifications' },
  'tocsin-runs': { title: 'tocsin-runs-*', name: 'Tocsin: evaluations' },
} as const;

type View = keyof typeof VIEWS;

/** Data views, saved searches, charts and a dashboard over Tocsin's history, one saved object a line. */
export function kibanaObjects(): string {
  const shown = [...charts(), ...searches()];
  return `${[...views(), ...shown, dashboardOf(shown)].map((one) => JSON.stringify(exported(one))).join('\n')}\n`;
}

function exported({ type, ...rest }: SavedObject) {
  return { type, ...rest, managed: false, coreMigrationVersion: CORE, typeMigrationVersion: FORMS[type] };
}

function views(): readonly SavedObject[] {
  return Object.entries(VIEWS).map(([id, { title, name }]) => ({
    ...{ id, type: 'index-pattern', references: [] },
    attributes: {
      title,
      name,
      timeFieldName: '@timestamp',
      fieldAttrs: '{}',
      fields: '[]',
      runtimeFieldMap: '{}',
      sourceFilters: '[]',
      typeMeta: '{}',
    },
  }));
}

function searches(): readonly SavedObject[] {
  return [
    searchOf('tocsin-search-episodes', 'Tocsin: newest episodes', 'tocsin-alerts', 'event.kind: alert', [
      'rule.name',
      'event.action',
      'event.start',
      'event.end',
      'labels',
      'tocsin',
    ]),
    searchOf('tocsin-search-audit', 'Tocsin: who silenced and acknowledged', 'tocsin-alerts', 'event.category: configuration', [
      'message',
      'event.action',
    ]),
    searchOf(
      'tocsin-search-undelivered',
      'Tocsin: messages that were not delivered',
      'tocsin-notifications',
      'event.outcome: failure',
      ['message', 'rule.name', 'tocsin'],
    ),
    searchOf('tocsin-search-failed', 'Tocsin: evaluations that failed', 'tocsin-runs', 'event.outcome: failure', [
      'rule.name',
      'tocsin',
    ]),
  ];
}

function searchOf(id: string, title: string, view: View, query: string, columns: readonly string[]): SavedObject {
  const source = {
    query: { query, language: 'kuery' },
    filter: [],
    indexRefName: 'kibanaSavedObjectMeta.searchSourceJSON.index',
  };
  return {
    ...{ id, type: 'search' },
    attributes: {
      title,
      columns,
      sort: [['@timestamp', 'desc']],
      kibanaSavedObjectMeta: { searchSourceJSON: JSON.stringify(source) },
    },
    references: [{ type: 'index-pattern', id: view, name: source.indexRefName }],
  };
}

function charts(): readonly SavedObject[] {
  return [
    overTime('tocsin-lens-episodes', 'Episodes that fired, by rule', 'tocsin-alerts', 'event.kind: alert', 'rule.name'),
    overTime('tocsin-lens-notifications', 'Messages, by outcome', 'tocsin-notifications', '', 'event.outcome'),
    overTime('tocsin-lens-messages-by-rule', 'Messages, by rule', 'tocsin-notifications', '', 'rule.name'),
    overTime('tocsin-lens-evaluations', 'Recorded evaluations, by outcome', 'tocsin-runs', '', 'event.outcome'),
  ];
}

/** Bars of how many documents there were over time, divided by a field. */
function overTime(id: string, title: string, view: View, query: string, field: string): SavedObject {
  const layer = 'counts';
  const columns = {
    time: {
      ...{
        label: '@timestamp',
        dataType: 'date',
        operationType: 'date_histogram',
        sourceField: '@timestamp',
        isBucketed: true,
        scale: 'interval',
      },
      params: { interval: 'auto', includeEmptyRows: true, dropPartials: false },
    },
    split: {
      ...{ label: field, dataType: 'string', operationType: 'terms', sourceField: field, isBucketed: true, scale: 'ordinal' },
      params: {
        size: 10,
        orderBy: { type: 'column', columnId: 'count' },
        orderDirection: 'desc',
        otherBucket: true,
        missingBucket: false,
        parentFormat: { id: 'terms' },
      },
    },
    count: {
      label: 'Count',
      dataType: 'number',
      operationType: 'count',
      sourceField: '___records___',
      isBucketed: false,
      scale: 'ratio',
      params: { emptyAsNull: true },
    },
  };
  return {
    ...{ id, type: 'lens' },
    attributes: {
      ...{ title, description: '', visualizationType: 'lnsXY' },
      state: {
        query: { query, language: 'kuery' },
        filters: [],
        datasourceStates: {
          formBased: { layers: { [layer]: { columnOrder: ['split', 'time', 'count'], columns, incompleteColumns: {} } } },
        },
        visualization: {
          ...{ legend: { isVisible: true, position: 'right' }, preferredSeriesType: 'bar_stacked', valueLabels: 'hide' },
          layers: [
            {
              layerId: layer,
              layerType: 'data',
              seriesType: 'bar_stacked',
              xAccessor: 'time',
              splitAccessor: 'split',
              accessors: ['count'],
            },
          ],
        },
      },
    },
    references: [{ type: 'index-pattern', id: view, name: `indexpattern-datasource-layer-${layer}` }],
  };
}

const WIDTH = 24;
const HEIGHT = 14;

function dashboardOf(shown: readonly SavedObject[]): SavedObject {
  const panels = shown.map(({ type }, place) => {
    const index = String(place + 1);
    const gridData = { x: (place % 2) * WIDTH, y: Math.floor(place / 2) * HEIGHT, w: WIDTH, h: HEIGHT, i: index };
    return { type, panelIndex: index, gridData, embeddableConfig: { enhancements: {} }, panelRefName: `panel_${index}` };
  });
  return {
    ...{ id: 'tocsin-dashboard', type: 'dashboard' },
    attributes: {
      ...{ title: 'Tocsin', description: 'Episodes, messages and evaluations, from the history that Tocsin writes.', version: 1 },
      ...{ timeRestore: true, timeFrom: 'now-7d', timeTo: 'now', refreshInterval: { pause: true, value: 60_000 } },
      optionsJSON: JSON.stringify({ useMargins: true, hidePanelTitles: false }),
      panelsJSON: JSON.stringify(panels),
      kibanaSavedObjectMeta: { searchSourceJSON: JSON.stringify({ query: { query: '', language: 'kuery' }, filter: [] }) },
    },
    references: shown.map(({ type, id }, place) => ({ type, id, name: `${place + 1}:panel_${place + 1}` })),
  };
}
