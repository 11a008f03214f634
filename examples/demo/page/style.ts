/** The style of the demo's page: light or dark as the reader's system is, one column on a narrow screen. */
export const STYLE = `
:root { color-scheme: light dark; --back: #f4f6f8; --card: #ffffff; --text: #1b1f24; --faint: #57606a; --edge: #d5dbe1; --ok: #b8c4d0; --fail: #c62828; --firing: #c6282814; --warning: #9a5b00; --critical: #b71c1c; --good: #1f7a3d; --pending: #5c6570; --link: #0b57d0; --code: #a3123a; --codeback: #f3f4f6; }
@media (prefers-color-scheme: dark) { :root { --back: #0f1318; --card: #181d24; --text: #e6e9ee; --faint: #a0aab6; --edge: #313a45; --ok: #46535f; --fail: #ef6b6b; --firing: #ef6b6b1f; --warning: #f0b04e; --critical: #ff8a80; --good: #63c586; --pending: #97a1ad; --link: #8ab4f8; --code: #ff9db0; --codeback: #222932; } }
* { box-sizing: border-box; }
body { font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; margin: 0; background: var(--back); color: var(--text); overflow-wrap: anywhere; }
header, main, footer { max-width: 1192px; margin: 0 auto; padding: 0 16px; }
header { padding-top: 16px; } footer { padding-bottom: 24px; }
header p { margin: 0; } h1 { margin: 2px 0 10px; font-size: 24px; line-height: 1.25; text-wrap: balance; } h2 { font-size: 19px; margin: 28px 0 10px; }
.small, .source { color: var(--faint); font-size: 13px; font-weight: 400; } a { color: var(--link); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 6px 20px; margin: 0 0 10px; }
.facts dt { color: var(--faint); font-size: 13px; } .facts dd { margin: 0; font-weight: 600; }
figure { margin: 0; } .chart { display: block; width: 100%; height: auto; } .chart.narrow { display: none; }
.chart text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: var(--text); } .chart .name { font-weight: 600; }
.chart text.small, .chart tspan.small { font-size: 12px; font-weight: 400; fill: var(--faint); } .chart text.warning { fill: var(--warning); } .chart text.critical { fill: var(--critical); }
.chart .halo { paint-order: stroke; stroke: var(--back); stroke-width: 4px; }
.chart .ok { fill: var(--ok); } .chart .fail { fill: var(--fail); } .chart .firing { fill: var(--firing); }
.chart .under { stroke: var(--back); stroke-width: 3.5; } .chart .limit { stroke-dasharray: 6 3; stroke-width: 2; } line.warning { stroke: var(--warning); } line.critical { stroke: var(--critical); }
.chart line.deed { stroke: var(--text); stroke-width: 1; stroke-dasharray: 2 3; } .chart text.deed { font-weight: 600; }
.chart .track, .chart .axis { stroke: var(--edge); }
.chart .legend.pending { fill: var(--pending); } .chart .legend.warning { fill: var(--warning); } .chart .legend.critical { fill: var(--critical); } .chart .legend.recovering { fill: var(--good); }
.chart .state.pending { fill: var(--pending); } .chart .state.warning { fill: var(--warning); } .chart .state.critical { fill: var(--critical); } .chart .state.recovering { fill: var(--good); } .chart .state.acknowledged { fill: var(--link); } .chart .state.silenced, .chart .state.inhibited { fill: var(--pending); }
.chart text.state-word { fill: var(--back); font-weight: 600; font-size: 10px; }
.chart .mark { stroke: var(--back); stroke-width: 2; } .chart text.mark-number { fill: var(--back); font-weight: 700; font-size: 12px; }
.mark.firing, .chart .mark.firing { fill: var(--warning); } .chart .mark.worse, .chart .mark.still { fill: var(--critical); } .chart .mark.resolved { fill: var(--good); }
figcaption { color: var(--faint); font-size: 13px; padding: 4px 0 8px; } .key { display: inline-block; width: 12px; height: 12px; border-radius: 2px; margin-right: 4px; vertical-align: -1px; } figcaption span { margin-right: 12px; }
.key.ok { background: var(--ok); } .key.fail { background: var(--fail); } .key.firing { background: var(--firing); outline: 1px solid var(--edge); }
.deliveries .number { justify-self: start; } figcaption span { white-space: nowrap; } .deliveries li { display: grid; grid-template-columns: 28px 1fr; align-items: start; } .deliveries .small { display: block; }
.deliveries { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: repeat(auto-fit, minmax(215px, 1fr)); gap: 6px 16px; }
.number { display: inline-block; min-width: 20px; border-radius: 10px; padding: 0 6px; text-align: center; font-weight: 700; font-size: 12px; line-height: 20px; background: var(--text); color: var(--back); }
.number.firing { background: var(--warning); } .number.worse, .number.still { background: var(--critical); } .number.resolved { background: var(--good); }
.columns { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 0 20px; }
article { background: var(--card); border: 1px solid var(--edge); border-radius: 8px; padding: 10px 14px 12px; margin: 0 0 14px; scroll-margin-top: 8px; }
article h3 { margin: 0 0 8px; font-size: 15px; } article:target { outline: 2px solid var(--link); } .source { float: right; }
.slack { display: flex; gap: 10px; } .said { flex: 1; min-width: 0; } .who { margin: 0 0 2px; }
.avatar { flex: none; width: 34px; height: 34px; border-radius: 6px; background: #7a1f3d; color: #fff; display: grid; place-items: center; font-weight: 700; }
.app { background: var(--codeback); color: var(--faint); border-radius: 3px; font-size: 11px; padding: 1px 4px; }
.slack h4 { margin: 2px 0 6px; font-size: 17px; line-height: 1.3; } .attachment { border-left: 4px solid; padding-left: 12px; }
.section { margin: 6px 0; } .context { color: var(--faint); font-size: 13px; } .fields { display: grid; grid-template-columns: 1fr 1fr; gap: 6px 16px; }
.actions { margin-top: 8px; display: flex; flex-wrap: wrap; gap: 6px; } .button { border: 1px solid var(--edge); border-radius: 4px; padding: 3px 10px; color: var(--text); text-decoration: none; }
code { background: var(--codeback); border-radius: 3px; padding: 1px 3px; color: var(--code); font-size: 12px; }
pre { background: var(--codeback); border: 1px solid var(--edge); border-radius: 4px; padding: 8px; margin: 4px 0; white-space: pre-wrap; font-size: 12px; line-height: 1.5; }
.mail { border: 1px solid var(--edge); border-radius: 6px; overflow: hidden; } .mail p { margin: 0; padding: 8px 12px 0; } .mail .subject { font-weight: 600; font-size: 16px; }
.mail-body { margin-top: 8px; color-scheme: light; background: #f2f4f7; color: #1b1f24; }
details { border: 1px solid var(--edge); border-radius: 8px; background: var(--card); padding: 8px 14px; margin: 0 0 8px; } summary { cursor: pointer; font-weight: 600; }
@media (max-width: 800px) { .columns { grid-template-columns: minmax(0, 1fr); } .chart.wide { display: none; } .chart.narrow { display: block; } h1 { font-size: 20px; } .facts { grid-template-columns: 1fr 1fr; } .slack .avatar { display: none; } }
`;
