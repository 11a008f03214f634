import { Type } from 'typebox';

/** The key of destinations that show charts. */
export const CHART_KEY = Type.Optional(
  Type.Boolean({ default: true, description: 'Show a chart of what was measured around the incident.' }),
);
